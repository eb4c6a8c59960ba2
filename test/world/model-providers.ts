/** Providers of models on loopback that act out one tool call: OpenAI's chat format and Anthropic's. */
import type { Json } from '../../packages/gateway/src/json.ts';
import {
  anthropicAnswer,
  chatAnswer,
  delta,
  type Script,
  type StandIn,
  startStandIn,
  usage,
} from '../../packages/gateway/src/testing/stand-in.ts';

export type { Asked, StandIn } from '../../packages/gateway/src/testing/stand-in.ts';

export const COMMAND = 'echo "a word from the shell" > word.txt && cat word.txt';
export const FINAL = 'The shell said it.';
/** What every answer says it took, in tokens. */
export const TOKENS = { input: 1_000, cached: 400, output: 100 };

const INPUT = { command: COMMAND, description: 'Say a word' };
const hasResult = (body: Json): boolean => /"tool_call_id"|"tool_result"/.test(JSON.stringify(body.messages));
const wantsCall = (body: Json): boolean => Array.isArray(body.tools) && body.tools.length > 0 && !hasResult(body);

const chat: Script = ({ body }, response) => {
  const call = {
    index: 0,
    id: 'call_1',
    type: 'function',
    function: { name: 'Bash', arguments: JSON.stringify(INPUT) },
  };
  const said = wantsCall(body)
    ? [delta({ content: 'Let me look.' }), delta({ tool_calls: [call] }), delta({}, 'tool_calls')]
    : [delta({ content: FINAL }), delta({}, 'stop')];
  const told = usage(TOKENS.input, TOKENS.output, { prompt_tokens_details: { cached_tokens: TOKENS.cached } });
  if (body.stream === true) return chatAnswer(response, [...said, told]);
  response.writeHead(200, { 'content-type': 'application/json' });
  const message = wantsCall(body)
    ? { role: 'assistant', content: null, tool_calls: [{ ...call, index: undefined }] }
    : { role: 'assistant', content: FINAL };
  const finish_reason = wantsCall(body) ? 'tool_calls' : 'stop';
  response.end(JSON.stringify({ id: 'c1', choices: [{ index: 0, message, finish_reason }], usage: told.usage }));
};

const anthropic: Script = ({ body }, response) => {
  const isCall = wantsCall(body);
  const { input, cached, output } = TOKENS;
  const told = {
    input_tokens: input - cached,
    cache_read_input_tokens: cached,
    cache_creation_input_tokens: 0,
    output_tokens: output,
  };
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: body.model, stop_sequence: null };
  const block = isCall ? { type: 'tool_use', id: 'toolu_01', name: 'Bash', input: {} } : { type: 'text', text: '' };
  const piece = isCall
    ? { type: 'input_json_delta', partial_json: JSON.stringify(INPUT) }
    : { type: 'text_delta', text: FINAL };
  const stop_reason = isCall ? 'tool_use' : 'end_turn';
  anthropicAnswer(response, [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null, usage: told } },
    { type: 'content_block_start', index: 0, content_block: block },
    { type: 'content_block_delta', index: 0, delta: piece },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: output } },
    { type: 'message_stop' },
  ]);
};

export const startChatProvider = (): Promise<StandIn> => startStandIn(chat);
export const startAnthropic = (): Promise<StandIn> => startStandIn(anthropic);
