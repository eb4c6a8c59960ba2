/** Twelve ways in which gateways of others break Claude Code, each held here by what ours does instead. */
import { expect, test } from 'vitest';
import { type Json, listOf, objectOf } from './json.ts';
import { asked, HELLO, post, streamed } from './testing/ask.ts';
import { anthropicAnswer, anthropicText, chatAnswer, delta, json, type Script, usage } from './testing/stand-in.ts';
import { startWorld } from './testing/world.ts';

const says = (...chunks: unknown[]): Script => {
  return (_, response) => chatAnswer(response, chunks);
};
const fine = says(delta({ content: 'Fine.' }, 'stop'), usage(5, 2));
const user = (content: unknown): Json => ({ role: 'user', content });
const GPT = { ...HELLO, model: 'gpt-4o' };

async function messageOf(response: Response): Promise<string> {
  return ((await response.json()) as { error: { message: string } }).error.message;
}

const TOO_LONG: [words: string, expected: string | RegExp][] = [
  [
    "This model's maximum context length is 8192 tokens. However, you requested 9192 tokens (8092 in the messages, 1100 in the completion). Please reduce the length of the messages or completion.",
    'input length and `max_tokens` exceed context limit: 8092 + 1100 > 8192, decrease input length or `max_tokens` and try again',
  ],
  [
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens. Please reduce the length of the messages.",
    'prompt is too long: 9001 tokens > 8192 maximum',
  ],
  [
    "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context length is 40960 tokens and your request has 12000 input tokens (32000 > 40960 - 12000).",
    'input length and `max_tokens` exceed context limit: 12000 + 32000 > 40960, decrease input length or `max_tokens` and try again',
  ],
  [
    'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
    'prompt is too long: 1200000 tokens > 1048576 maximum',
  ],
  [
    'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
    'prompt is too long: 40000 tokens > 32768 maximum',
  ],
  [
    "This model's maximum prompt length is 131072 but the request contains 140000 tokens.",
    'prompt is too long: 140000 tokens > 131072 maximum',
  ],
  [
    'request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it',
    'prompt is too long: 9000 tokens > 8192 maximum',
  ],
  [
    'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 8000 `inputs` tokens and 512 `max_new_tokens`',
    'input length and `max_tokens` exceed context limit: 8000 + 512 > 8193, decrease input length or `max_tokens` and try again',
  ],
  [
    'The prompt is too long: 140000, model maximum context length: 131072',
    'prompt is too long: 140000 tokens > 131072 maximum',
  ],
  ['Please reduce the length of the messages or completion.', /^prompt is too long: \d+ tokens > 128000 maximum$/],
  ['Input is too long for requested model.', /^prompt is too long: \d+ tokens > 128000 maximum$/],
];

test.each(TOO_LONG)('duty 1: "%s" becomes the sentence on which Claude Code heals itself', async (words, expected) => {
  await using world = await startWorld((_, response) => json(response, 400, { error: { message: words } }));
  const response = await post(world.url, { ...GPT, max_tokens: 1100, stream: true });
  expect(response.status).toBe(400);
  const body = await response.json();
  expect(body).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  expect((body as { error: { message: string } }).error.message).toEqual(
    typeof expected === 'string' ? expected : expect.stringMatching(expected),
  );
});

test('duty 1: a chain of fallbacks does not hide it', async () => {
  const words = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.";
  const script: Script = (one, response) =>
    one.path.startsWith('/deepseek') ? json(response, 400, { error: { message: words } }) : json(response, 529, {});
  await using world = await startWorld(script, { fallbacks: { 'gpt-4o': ['deepseek-chat', 'mistral-large'] } });
  expect(await messageOf(await post(world.url, GPT))).toBe('prompt is too long: 9001 tokens > 8192 maximum');
  expect(world.provider.asked).toHaveLength(2);
});

test('duty 2: the piece that brings a call after text is not lost', async () => {
  const first = { index: 0, id: 'a', type: 'function', function: { name: 'Bash', arguments: '{"command":"ls"}' } };
  await using world = await startWorld(says(delta({ content: 'Look:', tool_calls: [first] }), delta({}, 'tool_calls')));
  expect((await asked(world.url, GPT)).content).toMatchObject([
    { type: 'text', text: 'Look:' },
    { type: 'tool_use', name: 'Bash', input: { command: 'ls' } },
  ]);
});

test('duty 3: thinking and text never share a block, and there is one message_start', async () => {
  const mixed = [
    { role: 'assistant', content: '', reasoning_content: '' },
    { reasoning_content: 'a' },
    { content: 'b' },
    { role: 'assistant', reasoning_content: 'c' },
    { content: 'd', reasoning_content: 'e' },
  ];
  await using world = await startWorld(says(...mixed.map((each) => delta(each)), delta({}, 'stop')));
  const events = await streamed(world.url, GPT);
  expect(events.filter(({ type }) => type === 'message_start')).toHaveLength(1);
  const { content } = await asked(world.url, GPT);
  expect(content.map(({ type }) => type)).toEqual(['thinking', 'text', 'thinking', 'text']);
});

test('duty 4: indexes count up by one and every delta belongs to the open block', async () => {
  const call = (index: number, id: string) => ({ index, id, function: { name: 'Bash', arguments: '{}' } });
  await using world = await startWorld(
    says(
      delta({ reasoning_content: 'a' }),
      delta({ content: 'b' }),
      delta({ tool_calls: [call(0, 'x'), call(1, 'y')] }),
      delta({ content: 'c' }),
      delta({}, 'tool_calls'),
    ),
  );
  const starts = (await streamed(world.url, GPT)).filter(({ type }) => type === 'content_block_start');
  expect(starts.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
});

test('duty 5: a system message within the conversation is folded in, never refused and never dropped', async () => {
  await using world = await startWorld(fine);
  const messages = [user('Hello'), { role: 'system', content: [{ type: 'text', text: 'The ENVIRONMENT.' }] }];
  await asked(world.url, { ...HELLO, model: 'deepseek-chat', messages });
  const [first] = world.provider.asked.map(({ body }) => body.messages as Json[]);
  expect(first?.map(({ role }) => role)).toEqual(['user']);
  expect(first?.[0]?.content).toContain('<system-reminder>\nThe ENVIRONMENT.\n</system-reminder>');
  await asked(world.url, { ...GPT, messages });
  expect(world.provider.asked.at(-1)?.body.messages).toEqual([
    user('Hello'),
    { role: 'system', content: 'The ENVIRONMENT.' },
  ]);
});

test('duty 5: one that stands between a call and its outcome does not part them', async () => {
  await using world = await startWorld(fine);
  const messages = [
    user('Go'),
    { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'Bash', input: {} }] },
    { role: 'system', content: 'NOTE' },
    user([{ type: 'tool_result', tool_use_id: 'a', content: 'ok' }]),
  ];
  await asked(world.url, { ...HELLO, model: 'deepseek-chat', messages });
  const roles = listOf(world.provider.asked[0]?.body.messages).map((message) => objectOf(message).role);
  expect(roles).toEqual(['user', 'assistant', 'tool', 'user']);
});

const BETAS = {
  context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
  output_config: { effort: 'medium' },
  metadata: { user_id: '{}' },
  thinking: { type: 'adaptive', display: 'omitted' },
};

test('duty 6: beta fields and headers are kept for Anthropic and for nobody else', async () => {
  const script: Script = (one, response) =>
    one.path.includes('/v1/messages')
      ? anthropicAnswer(response, anthropicText('Hi'))
      : chatAnswer(response, [delta({ content: 'Fine.' }, 'stop')]);
  await using world = await startWorld(script, {
    providers: { other: { wire: 'anthropic', baseUrl: 'http://127.0.0.1:9', apiKey: 'key-of-other' } },
  });
  const headers = { 'anthropic-beta': 'context-management-2025-06-27,new-2027-01-01' };
  await post(world.url, { ...HELLO, ...BETAS, model: 'claude-sonnet-4-5', stream: true }, headers).then((each) =>
    each.text(),
  );
  const [kept] = world.provider.asked;
  expect(kept?.headers['anthropic-beta']).toBe(headers['anthropic-beta']);
  expect(kept?.body).toMatchObject(BETAS);
  await post(world.url, { ...GPT, ...BETAS }, headers).then((each) => each.text());
  const other = world.provider.asked[1];
  expect(other?.headers).not.toHaveProperty('anthropic-beta');
  for (const field of ['context_management', 'output_config', 'metadata', 'thinking'])
    expect(other?.body).not.toHaveProperty(field);
});

test('duty 6: another speaker of the format of Anthropic gets no betas either', async () => {
  await using upstream = await startWorld((_, response) => anthropicAnswer(response, anthropicText('Hi')));
  const other = { wire: 'anthropic', baseUrl: `${upstream.provider.url}/other`, apiKey: 'key-of-other' } as const;
  await using world = await startWorld(fine, { providers: { other } });
  const system = (content: string) => ({ role: 'system', content, output_config: { effort: 'low' } });
  const call = { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'Bash', input: {} }] };
  const result = { type: 'tool_result', tool_use_id: 'a', content: 'ok' };
  const messages = [user('Hello'), system('ENV'), call, system('NOTE'), user([result])];
  await streamed(world.url, { ...HELLO, ...BETAS, messages, model: 'other/model-x' });
  const sent = upstream.provider.asked[0];
  const text = (words: string) => ({ type: 'text', text: words });
  expect(sent?.body).toMatchObject({
    model: 'model-x',
    messages: [user([text('Hello'), text('ENV')]), call, user([result, text('NOTE')])],
  });
  for (const field of ['context_management', 'output_config', 'thinking']) expect(sent?.body).not.toHaveProperty(field);
});

/** A call of Gemini with its thought signature, once through `generateContent` and once through OpenAI's format. */
const GEMINI_CALL = {
  candidates: [
    {
      content: {
        role: 'model',
        parts: [{ functionCall: { name: 'Bash', args: { command: 'ls' } }, thoughtSignature: 'c2lnbmF0dXJl' }],
      },
      finishReason: 'STOP',
    },
  ],
  usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
};

test('duty 7: the thought signature of Gemini is there in the second turn', async () => {
  await using world = await startWorld((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: ${JSON.stringify(GEMINI_CALL)}\n\n`);
  });
  const tools = [{ name: 'Bash', input_schema: { type: 'object', properties: { command: { type: 'string' } } } }];
  const body = { ...HELLO, model: 'gemini-3-pro-preview', tools };
  const first = await asked(world.url, body);
  const id = first.content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []))[0];
  const messages = [
    ...HELLO.messages,
    { role: 'assistant', content: first.content },
    user([{ type: 'tool_result', tool_use_id: id, content: 'a.txt' }]),
  ];
  await asked(world.url, { ...body, messages });
  const contents = JSON.stringify(world.provider.asked.at(-1)?.body.contents);
  expect(contents).toContain('"thoughtSignature":"c2lnbmF0dXJl"');
  expect(contents).toContain('"functionResponse"');
});

test('duty 7: also in the format of OpenAI, and after the notes are gone the request still goes out', async () => {
  const call = {
    index: 0,
    id: 'a',
    function: { name: 'Bash', arguments: '{}' },
    extra_content: { google: { thought_signature: 'c2ln' } },
  };
  await using world = await startWorld(says(delta({ tool_calls: [call] }, 'tool_calls')));
  const { content } = await asked(world.url, GPT);
  const turns = (blocks: unknown[]) => [
    user('Go'),
    { role: 'assistant', content: blocks },
    user([{ type: 'tool_result', tool_use_id: 'a', content: 'ok' }]),
  ];
  await asked(world.url, { ...GPT, messages: turns(content) });
  expect(JSON.stringify(world.provider.asked.at(-1)?.body.messages)).toContain('"thought_signature":"c2ln"');
  await asked(world.url, { ...GPT, messages: turns(content.filter(({ type }) => type === 'tool_use')) });
  expect(JSON.stringify(world.provider.asked.at(-1)?.body.messages)).not.toContain('thought_signature');
});

const HARD_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: {
    n: { type: 'integer', exclusiveMinimum: 0, default: 3 },
    kind: { const: 'a' },
    map: { type: 'object', propertyNames: { pattern: '^a' }, additionalProperties: {} },
    list: { type: 'array', items: { $id: 'x', type: 'string', format: 'uri' } },
  },
  required: ['n'],
  additionalProperties: false,
};

test.each([
  [
    'deepseek-chat',
    /\$schema|\$id|propertyNames|exclusiveMinimum|"const"|"default"|"format"|"additionalProperties":\{\}/,
  ],
  ['gpt-4o', /\$schema|\$id|"additionalProperties":\{\}/],
  ['gemini-2.5-flash', /\$schema|\$id|propertyNames|exclusiveMinimum|"const"/],
])('duty 8: %s sees no keyword of a schema that it refuses', async (model, refused) => {
  const gemini = {
    ...GEMINI_CALL,
    candidates: [{ content: { role: 'model', parts: [{ text: 'Fine.' }] }, finishReason: 'STOP' }],
  };
  await using world = await startWorld((one, response) => {
    if (!one.path.startsWith('/google')) return chatAnswer(response, [delta({ content: 'Fine.' }, 'stop')]);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: ${JSON.stringify(gemini)}\n\n`);
  });
  await asked(world.url, { ...HELLO, model, tools: [{ name: 'Do', input_schema: HARD_SCHEMA }] });
  const tools = JSON.stringify(world.provider.asked[0]?.body.tools);
  expect(tools).not.toMatch(refused);
  for (const kept of ['"n"', '"kind"', '"list"', '"required"']) expect(tools).toContain(kept);
});

test('duty 8: alternatives at the root of a schema become one object', async () => {
  await using world = await startWorld(fine);
  const input_schema = {
    anyOf: [{ properties: { a: { type: 'string' } } }, { properties: { b: { type: 'string' } } }],
  };
  await asked(world.url, { ...GPT, tools: [{ name: 'Do', input_schema }] });
  const [tool] = listOf(world.provider.asked[0]?.body.tools);
  expect(objectOf(objectOf(tool).function).parameters).toEqual({
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'string' } },
  });
});

test('duty 9: an image in a tool result follows in the turn of the user', async () => {
  await using world = await startWorld(fine);
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } };
  const document = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } };
  const messages = [
    user('Look'),
    { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'Read', input: {} }] },
    user([{ type: 'tool_result', tool_use_id: 'a', content: [image, document] }]),
  ];
  await asked(world.url, { ...GPT, messages });
  const sent = listOf(world.provider.asked[0]?.body.messages);
  expect(sent[2]).toMatchObject({ role: 'tool', content: expect.stringContaining('follows in the next message') });
  expect(sent[3]).toMatchObject({ role: 'user', content: [{ type: 'image_url' }, { type: 'file' }] });
});

test('duty 10: tokens are counted, by Anthropic where it can, else as an estimate that says so', async () => {
  await using world = await startWorld((one, response) =>
    one.path.endsWith('/count_tokens') ? json(response, 200, { input_tokens: 4321 }) : fine(one, response, 0),
  );
  const count = (model: string) =>
    fetch(`${world.url}/v1/messages/count_tokens`, {
      method: 'POST',
      headers: { 'x-api-key': 'test-token' },
      body: JSON.stringify({ model, messages: [user('word '.repeat(1000))] }),
    });
  const real = await count('claude-sonnet-4-5');
  expect([await real.json(), real.headers.get('x-token-count')]).toEqual([{ input_tokens: 4321 }, null]);
  expect(world.provider.asked[0]?.path).toBe('/anthropic/v1/messages/count_tokens');
  const estimate = await count('gpt-4o');
  expect(estimate.headers.get('x-token-count')).toBe('estimate');
  expect(((await estimate.json()) as { input_tokens: number }).input_tokens).toBeGreaterThan(1000);
});

test('duty 11: max_tokens is cut to what the table says', async () => {
  await using world = await startWorld(fine);
  await asked(world.url, { ...HELLO, max_tokens: 32_000 });
  expect(world.provider.asked[0]?.body.max_tokens).toBe(4096);
});

test('duty 11: and to what the model itself says, after one more try', async () => {
  const refusal = {
    error: {
      message:
        'max_tokens is too large: 32000. This model supports at most 8192 completion tokens, whereas you provided 32000.',
    },
  };
  const script: Script = (one, response, index) =>
    Number(one.body.max_tokens) > 8192 ? json(response, 400, refusal) : fine(one, response, index);
  await using world = await startWorld(script, { providers: { own: { baseUrl: 'http://127.0.0.1:9' } } });
  await streamed(world.url, { ...HELLO, model: 'deepseek/new-model', max_tokens: 32_000 });
  expect(world.provider.asked.map(({ body }) => body.max_tokens)).toEqual([32_000, 8192]);
});

test('duty 12: blank blocks and marks of a cache do not go out; long names are mapped both ways', async () => {
  const name = `mcp__a-server-with-a-long-name__${'a_very_long_tool_name_'.repeat(3)}`;
  const script: Script = (one, response) => {
    const [tool] = one.body.tools as { function: { name: string } }[];
    const call = { index: 0, id: 'a', function: { name: tool?.function.name, arguments: '{}' } };
    chatAnswer(response, [delta({ tool_calls: [call] }, 'tool_calls')]);
  };
  await using world = await startWorld(script);
  const messages = [
    user([
      { type: 'text', text: '' },
      { type: 'text', text: 'Go', cache_control: { type: 'ephemeral' } },
    ]),
    { role: 'assistant', content: [{ type: 'tool_use', id: 'x', name, input: {} }] },
    user([{ type: 'tool_result', tool_use_id: 'x', content: 'ok', cache_control: { type: 'ephemeral' } }]),
  ];
  const body = {
    ...GPT,
    messages,
    tools: [{ name, input_schema: { type: 'object' } }],
    tool_choice: { type: 'tool', name },
  };
  const { content } = await asked(world.url, body);
  expect(content).toMatchObject([{ type: 'tool_use', name }]);
  const sent = JSON.stringify(world.provider.asked[0]?.body);
  expect(sent).not.toContain(name);
  expect(sent).not.toContain('cache_control');
  const names = [...sent.matchAll(/"name":"([^"]+)"/g)].map(([, found = '']) => found);
  expect(new Set(names).size).toBe(1);
  expect(names[0]?.length).toBeLessThanOrEqual(64);
});
