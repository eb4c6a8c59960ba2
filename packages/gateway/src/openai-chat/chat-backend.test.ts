import { expect, test } from 'vitest';
import type { Json } from '../json.ts';
import { asked, HELLO, streamed } from '../testing/ask.ts';
import { startGateway } from '../testing/gateway-server.ts';
import { chatAnswer, delta, json, type Script, startStandIn, usage } from '../testing/stand-in.ts';

/** A gateway whose provider `test` speaks OpenAI's chat format and follows the script. */
async function setUp(script: Script, quirks: Json = {}) {
  const provider = await startStandIn(script);
  const gateway = await startGateway({ providers: { test: { baseUrl: provider.url, apiKey: 'key-of-test', quirks } } });
  return {
    provider,
    url: gateway.url,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

const ASK = { ...HELLO, model: 'test/some-model' };
const chunks =
  (...all: unknown[]): Script =>
  (_, response) =>
    chatAnswer(response, all);

const call = (index: number, piece: Json, more: Json = {}): Json =>
  delta({ tool_calls: [{ index, ...more, function: piece }] });

test('text, and the usage that comes in a last chunk without choices, cached tokens apart', async () => {
  await using world = await setUp(
    chunks(
      delta({ role: 'assistant', content: '' }),
      delta({ content: 'Häk' }),
      delta({ content: 'chen ✅' }),
      delta({}, 'stop'),
      usage(100, 20, { prompt_tokens_details: { cached_tokens: 64 } }),
    ),
  );
  const message = await asked(world.url, ASK);
  expect(message.content).toEqual([expect.objectContaining({ type: 'text', text: 'Häkchen ✅' })]);
  expect(message).toMatchObject({ model: 'test/some-model', stop_reason: 'end_turn' });
  expect(message.usage).toMatchObject({ input_tokens: 36, cache_read_input_tokens: 64, output_tokens: 20 });
  expect(world.provider.asked[0]?.headers.authorization).toBe('Bearer key-of-test');
  expect(world.provider.asked[0]?.path).toBe('/chat/completions');
});

type Block = Record<string, unknown>;
interface Dialect {
  of: string;
  says: unknown[];
  content: Block[];
  stop: string;
}

const text = (value: string): Block => ({ type: 'text', text: value });
const thinking = (value: string): Block => ({ type: 'thinking', thinking: value });
const use = (name: string, input: Json): Block => ({ type: 'tool_use', name, input });

const DIALECTS: Dialect[] = [
  {
    of: 'reasoning_content, then text',
    says: [
      delta({ reasoning_content: 'Hm' }),
      delta({ reasoning_content: '.' }),
      delta({ content: 'A' }),
      delta({}, 'stop'),
    ],
    content: [thinking('Hm.'), text('A')],
    stop: 'end_turn',
  },
  {
    of: 'reasoning under its other name',
    says: [delta({ reasoning: 'Hm' }), delta({ content: 'A' }, 'stop')],
    content: [thinking('Hm'), text('A')],
    stop: 'end_turn',
  },
  {
    of: 'thoughts as parts of the content',
    says: [
      delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }] }),
      delta({ content: [{ type: 'text', text: 'A' }] }, 'stop'),
    ],
    content: [thinking('Hm'), text('A')],
    stop: 'end_turn',
  },
  {
    of: 'thoughts between think tags that are cut anywhere',
    says: [...'<think>Hm</think>\n\nA <think> is quoted']
      .map((letter) => delta({ content: letter }))
      .concat(delta({}, 'stop')),
    content: [thinking('Hm'), text('A <think> is quoted')],
    stop: 'end_turn',
  },
  {
    of: 'two calls with arguments in pieces',
    says: [
      delta({ content: 'Doing.' }),
      call(0, { name: 'Bash', arguments: '' }, { id: 'call_a', type: 'function' }),
      call(0, { arguments: '{"command":' }),
      call(0, { arguments: '"ls"}' }),
      call(1, { name: 'Read', arguments: '{"file_path":"/a"}' }, { id: 'call_b' }),
      delta({}, 'tool_calls'),
    ],
    content: [text('Doing.'), use('Bash', { command: 'ls' }), use('Read', { file_path: '/a' })],
    stop: 'tool_use',
  },
  {
    of: 'two calls whose pieces are mixed',
    says: [
      call(0, { name: 'Bash', arguments: '{"comm' }, { id: 'a' }),
      call(1, { name: 'Read', arguments: '{"file' }, { id: 'b' }),
      call(0, { arguments: 'and":"ls"}' }),
      call(1, { arguments: '_path":"/a"}' }),
      delta({}, 'tool_calls'),
    ],
    content: [use('Bash', { command: 'ls' }), use('Read', { file_path: '/a' })],
    stop: 'tool_use',
  },
  {
    of: 'calls without an index',
    says: [
      delta({ tool_calls: [{ id: 'a', function: { name: 'Bash', arguments: '{"command":"ls"}' } }] }),
      delta({ tool_calls: [{ id: 'b', function: { name: 'Read', arguments: '{}' } }] }, 'tool_calls'),
    ],
    content: [use('Bash', { command: 'ls' }), use('Read', {})],
    stop: 'tool_use',
  },
  {
    of: 'two calls under the same index',
    says: [
      call(0, { name: 'Bash', arguments: '{"command":"a"}' }, { id: 'a' }),
      call(0, { name: 'Bash', arguments: '{"command":"b"}' }, { id: 'b' }),
      delta({}, 'tool_calls'),
    ],
    content: [use('Bash', { command: 'a' }), use('Bash', { command: 'b' })],
    stop: 'tool_use',
  },
  {
    of: 'calls without arguments and without ids',
    says: [call(0, { name: 'Bash' }), call(1, { name: 'Read', arguments: '' }), delta({}, 'tool_calls')],
    content: [use('Bash', {}), use('Read', {})],
    stop: 'tool_use',
  },
  {
    of: 'one id for two calls',
    says: [
      call(0, { name: 'Bash', arguments: '{"command":"a"}' }, { id: 'same' }),
      call(1, { name: 'Bash', arguments: '{"command":"b"}' }, { id: 'same' }),
      delta({}, 'tool_calls'),
    ],
    content: [use('Bash', { command: 'a' }), use('Bash', { command: 'b' })],
    stop: 'tool_use',
  },
  {
    of: 'a call that ends with "stop"',
    says: [delta({ tool_calls: [{ index: 0, id: 'a', function: { name: 'Bash', arguments: '{}' } }] }, 'stop')],
    content: [use('Bash', {})],
    stop: 'tool_use',
  },
  {
    of: 'arguments as an object',
    says: [
      delta({ tool_calls: [{ index: 0, id: 'a', function: { name: 'Bash', arguments: { command: 'ls' } } }] }, 'stop'),
    ],
    content: [use('Bash', { command: 'ls' })],
    stop: 'tool_use',
  },
  {
    of: 'arguments that the limit cut off, which must not run in part',
    says: [call(0, { name: 'Bash', arguments: '{"command":"rm -rf /' }, { id: 'a' }), delta({}, 'length')],
    content: [use('Bash', {})],
    stop: 'max_tokens',
  },
  { of: 'a limit', says: [delta({ content: 'A' }, 'length')], content: [text('A')], stop: 'max_tokens' },
  { of: 'a content filter', says: [delta({ content: 'A' }, 'content_filter')], content: [text('A')], stop: 'refusal' },
  { of: 'a refusal in words', says: [delta({ refusal: 'No.' }, 'stop')], content: [text('No.')], stop: 'end_turn' },
  { of: 'no reason but the closing mark', says: [delta({ content: 'A' })], content: [text('A')], stop: 'end_turn' },
  {
    of: 'white space between calls',
    says: [
      call(0, { name: 'Bash', arguments: '{"command":' }, { id: 'a' }),
      delta({ content: '\n' }),
      call(0, { arguments: '"ls"}' }),
      delta({}, 'tool_calls'),
    ],
    content: [use('Bash', { command: 'ls' })],
    stop: 'tool_use',
  },
];

test.each(DIALECTS)('reads $of', async ({ says, content, stop }) => {
  await using world = await setUp(chunks(...says));
  const message = await asked(world.url, ASK);
  expect(message.content).toEqual(content.map((block) => expect.objectContaining(block)));
  expect(message.stop_reason).toBe(stop);
  const ids = message.content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[\w-]+$/);
});

test('a server that does not stream is understood, too', async () => {
  const message = {
    role: 'assistant',
    content: 'Whole.',
    tool_calls: [{ id: 'a', type: 'function', function: { name: 'Bash', arguments: '{"command":"ls"}' } }],
  };
  await using world = await setUp((_, response) =>
    json(response, 200, {
      choices: [{ index: 0, message, finish_reason: 'tool_calls' }],
      usage: { prompt_tokens: 9, completion_tokens: 4 },
    }),
  );
  const answer = await asked(world.url, ASK);
  expect(answer.content).toMatchObject([text('Whole.'), use('Bash', { command: 'ls' })]);
  expect(answer.usage).toMatchObject({ input_tokens: 9, output_tokens: 4 });
});

test('a stop sequence ends the text before it, is named, and ends the request to the provider', async () => {
  await using world = await setUp((_, response) => {
    const pieces = ['One two E', 'ND', ' three'];
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const content of pieces) response.write(`data: ${JSON.stringify(delta({ content }))}\n\n`);
    // Goes on for ever.
  });
  const answer = await asked(world.url, { ...ASK, stop_sequences: ['STOP', 'END', 'a', 'b', 'c'] });
  expect(answer.content).toMatchObject([text('One two ')]);
  expect([answer.stop_reason, answer.stop_sequence]).toEqual(['stop_sequence', 'END']);
  await Promise.all([world.provider.left(0), world.provider.left(1), world.provider.left(2)]);
});

test('text that only begins like a stop sequence is not lost', async () => {
  await using world = await setUp(chunks(delta({ content: 'The E' }), delta({ content: 'N' }), delta({}, 'stop')));
  const answer = await asked(world.url, { ...ASK, stop_sequences: ['END'] });
  expect(answer.content).toMatchObject([text('The EN')]);
  expect(answer.stop_reason).toBe('end_turn');
});

test('an error inside a stream that has begun is an error event of its kind', async () => {
  await using world = await setUp(
    chunks(delta({ content: 'Half' }), { error: { message: 'Rate limit reached for key-of-test', code: 429 } }),
  );
  const events = await streamed(world.url, ASK);
  expect(events.at(-1)).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
  expect(JSON.stringify(events)).not.toContain('key-of-test');
});

test('a stream that ends without a reason is an error, never a silent end of turn', async () => {
  await using world = await setUp((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: ${JSON.stringify(delta({ content: 'Half' }))}\n\n`);
  });
  const events = await streamed(world.url, ASK);
  expect(events.at(-1)).toMatchObject({ type: 'error', error: { type: 'api_error' } });
});
