/** The real Claude Code finishes a tool loop through each way that a request can take, streamed and after a broken stream. */
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import type { Json } from './json.ts';
import { startClaudeCode } from './testing/claude-code.ts';
import { type Asked, anthropicFrame, delta, json, type Script, usage } from './testing/stand-in.ts';
import { startWorld } from './testing/world.ts';

const COMMAND = { command: 'echo "a word from the shell"', description: 'Say a word' };
const WORD = 'a word from the shell';
const FINAL = 'The shell said it.';

type Answer = 'call' | 'text';

interface Way {
  way: string;
  model: string;
  /** Whether this is a turn of the conversation: Claude Code also asks for a title. */
  isTurn: (body: Json) => boolean;
  /** How many frames a stream that breaks has: enough to begin the answer, too few to end a block of it. */
  breaksAfter: number;
  frames: (answer: Answer, asked: Asked) => string[];
  /** The answer to a request that does not stream; only for the format that has such requests here. */
  whole?: (answer: Answer) => Json;
}

const data = (event: unknown): string => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`;
const named = (event: Json): string => `event: ${event.type}\n${data(event)}`;

function chatFrames(answer: Answer): string[] {
  const name = { index: 0, id: 'call_1', type: 'function', function: { name: 'Bash', arguments: '' } };
  const pieces = JSON.stringify(COMMAND).match(/.{1,9}/g) ?? [];
  const call = [
    delta({ content: 'Let me look.' }),
    delta({ tool_calls: [name] }),
    ...pieces.map((piece) => delta({ tool_calls: [{ index: 0, function: { arguments: piece } }] })),
    delta({}, 'tool_calls'),
  ];
  const text = [delta({ reasoning_content: 'Hm.' }), delta({ content: FINAL }), delta({}, 'stop')];
  return [...(answer === 'call' ? call : text), usage(1000, 10), '[DONE]'].map(data);
}

function anthropicMessage(answer: Answer): Json {
  const content =
    answer === 'call'
      ? [{ type: 'tool_use', id: 'toolu_01', name: 'Bash', input: COMMAND }]
      : [{ type: 'text', text: FINAL }];
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    content,
    stop_reason: answer === 'call' ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 10, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 10 },
  };
}

function anthropicFrames(answer: Answer): string[] {
  const { content, stop_reason, ...message } = anthropicMessage(answer) as Json & { content: Json[] };
  const [block = {}] = content;
  const isCall = answer === 'call';
  return [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
    {
      type: 'content_block_start',
      index: 0,
      content_block: isCall ? { ...block, input: {} } : { type: 'text', text: '' },
    },
    {
      type: 'content_block_delta',
      index: 0,
      delta: isCall
        ? { type: 'input_json_delta', partial_json: JSON.stringify(COMMAND) }
        : { type: 'text_delta', text: FINAL },
    },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 10 } },
    { type: 'message_stop' },
  ].map(anthropicFrame);
}

function geminiFrames(answer: Answer): string[] {
  const parts =
    answer === 'call'
      ? [{ functionCall: { name: 'Bash', args: COMMAND }, thoughtSignature: 'c2lnbmF0dXJl' }]
      : [{ text: FINAL }];
  const usageMetadata = { promptTokenCount: 1000, candidatesTokenCount: 10, totalTokenCount: 1010 };
  return [
    { candidates: [{ content: { role: 'model', parts: [{ text: 'Hm.', thought: true }] } }] },
    { candidates: [{ content: { role: 'model', parts } }] },
    { candidates: [{ content: { role: 'model', parts: [{ text: '' }] }, finishReason: 'STOP' }], usageMetadata },
  ].map(data);
}

function responsesFrames(answer: Answer): string[] {
  const call = {
    id: 'fc_1',
    type: 'function_call',
    call_id: 'call_1',
    name: 'Bash',
    arguments: JSON.stringify(COMMAND),
    status: 'completed',
  };
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: FINAL, annotations: [] }],
  };
  const said: Json[] =
    answer === 'call'
      ? [
          { type: 'response.output_item.added', output_index: 0, item: { ...call, arguments: '' } },
          { type: 'response.function_call_arguments.delta', item_id: 'fc_1', output_index: 0, delta: call.arguments },
          { type: 'response.output_item.done', output_index: 0, item: call },
        ]
      : [
          { type: 'response.output_item.added', output_index: 0, item: { ...message, content: [] } },
          { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta: FINAL },
          { type: 'response.output_item.done', output_index: 0, item: message },
        ];
  const response = { id: 'resp_1', created_at: 1, model: 'gpt-5', output: [] };
  const usage = {
    input_tokens: 1000,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 10,
    output_tokens_details: { reasoning_tokens: 0 },
  };
  return [
    { type: 'response.created', response },
    ...said,
    { type: 'response.completed', response: { ...response, usage, incomplete_details: null } },
  ].map(named);
}

const hasTools = (body: Json): boolean => Array.isArray(body.tools) && body.tools.length > 0;

const WAYS: Way[] = [
  {
    way: 'pass-through',
    model: 'claude-sonnet-4-5',
    isTurn: hasTools,
    breaksAfter: 2,
    frames: anthropicFrames,
    whole: anthropicMessage,
  },
  { way: 'chat translator', model: 'gpt-4o', isTurn: hasTools, breaksAfter: 1, frames: chatFrames },
  {
    way: 'provider package, Gemini',
    model: 'gemini-3-pro-preview',
    isTurn: hasTools,
    breaksAfter: 1,
    frames: geminiFrames,
  },
  {
    way: 'provider package, OpenAI Responses',
    model: 'openai-responses/gpt-5',
    isTurn: hasTools,
    breaksAfter: 2,
    frames: responsesFrames,
  },
];

/** Calls the shell first; once a result is in the conversation, says the last word. */
function answerOf(asked: Asked): Answer {
  const text = asked.bytes.toString();
  return text.includes('tool_result') ||
    text.includes('"role":"tool"') ||
    text.includes('functionResponse') ||
    text.includes('function_call_output')
    ? 'text'
    : 'call';
}

function send(response: ServerResponse, frames: readonly string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const frame of frames) response.write(frame);
}

function provider(way: Way, broken: (turn: number) => boolean): { script: Script; results: () => string } {
  let turns = 0;
  let last = '';
  const script: Script = (asked, response) => {
    const answer = way.isTurn(asked.body) ? answerOf(asked) : 'text';
    if (answer === 'text') last = asked.bytes.toString();
    turns += 1;
    if (broken(turns) && (way.whole === undefined || asked.body.stream === true)) {
      const frames = way.frames(answer, asked);
      send(response, frames.slice(0, way.breaksAfter));
      setTimeout(() => response.destroy(), 20);
      return;
    }
    if (way.whole && asked.body.stream !== true) return json(response, 200, way.whole(answer));
    send(response, way.frames(answer, asked));
    response.end();
  };
  return { script, results: () => last };
}

const allow = async (_: string, input: Record<string, unknown>) => ({
  behavior: 'allow' as const,
  updatedInput: input,
});

test.each(WAYS)('$way: streamed', async (way) => {
  const { script, results } = provider(way, () => false);
  await using world = await startWorld(script);
  await using claude = await startClaudeCode(world.url);
  const run = await claude.run({ prompt: 'Say a word with the shell.', model: way.model, canUseTool: allow });
  expect(run.error).toBeNull();
  expect(run.texts.at(-1)).toBe(FINAL);
  expect(results()).toContain(WORD);
  expect(world.errors).toEqual([]);
  const result = run.messages.find((message) => message.type === 'result');
  expect(result).toMatchObject({ subtype: 'success', num_turns: 2 });
});

test.each(WAYS)('$way: after a stream that broke, without streaming', async (way) => {
  const { script, results } = provider(way, (turn) => turn === 1);
  await using world = await startWorld(script);
  await using claude = await startClaudeCode(world.url);
  const run = await claude.run({ prompt: 'Say a word with the shell.', model: way.model, canUseTool: allow });
  expect(run.error).toBeNull();
  expect(run.texts.at(-1)).toBe(FINAL);
  expect(results()).toContain(WORD);
  expect(world.gateway.answered.some((type) => type.includes('json'))).toBe(true);
});
