import { afterEach, expect, test, vi } from 'vitest';
import type { Json } from '../json.ts';
import { listOf, objectOf } from '../json.ts';
import { asked, HELLO, post, streamed } from '../testing/ask.ts';
import { eventStream, json, type Script } from '../testing/stand-in.ts';
import { KEYS, startWorld } from '../testing/world.ts';

afterEach(() => vi.unstubAllEnvs());

const GEMINI = { ...HELLO, model: 'gemini-2.5-pro' };
const RESPONSES = { ...HELLO, model: 'openai-responses/gpt-5' };

const gemini =
  (...answers: { parts: Json[]; finish?: string; usage?: Json }[]): Script =>
  (_, response) => {
    const send = eventStream(response);
    for (const { parts, finish, usage } of answers) {
      const candidate = { content: { role: 'model', parts }, ...(finish ? { finishReason: finish } : {}) };
      send({ candidates: [candidate], ...(usage ? { usageMetadata: usage } : {}) });
    }
    response.end();
  };

const user = (content: unknown): Json => ({ role: 'user', content });

test('thoughts, text, usage with a cache, and the reason', async () => {
  const usage = {
    promptTokenCount: 100,
    cachedContentTokenCount: 40,
    candidatesTokenCount: 7,
    thoughtsTokenCount: 3,
    totalTokenCount: 110,
  };
  await using world = await startWorld(
    gemini(
      { parts: [{ text: 'Hm.', thought: true }] },
      { parts: [{ text: 'Hel' }] },
      { parts: [{ text: 'lo' }], finish: 'STOP', usage },
    ),
  );
  const body = { ...GEMINI, thinking: { type: 'adaptive' }, output_config: { effort: 'high' } };
  const message = await asked(world.url, body);
  expect(message.content).toMatchObject([
    { type: 'thinking', thinking: 'Hm.' },
    { type: 'text', text: 'Hello' },
  ]);
  expect(message).toMatchObject({
    stop_reason: 'end_turn',
    usage: { input_tokens: 60, cache_read_input_tokens: 40, output_tokens: 10 },
  });
  const sent = world.provider.asked[0];
  expect(sent?.path).toBe('/google/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse');
  expect(sent?.headers['x-goog-api-key']).toBe(KEYS.GEMINI_API_KEY);
  expect(objectOf(sent?.body.generationConfig)).toMatchObject({
    maxOutputTokens: 100,
    thinkingConfig: { includeThoughts: true },
  });
});

test.each([
  ['MAX_TOKENS', 'max_tokens'],
  ['SAFETY', 'refusal'],
])('the reason %s is %s', async (finish, stop) => {
  await using world = await startWorld(gemini({ parts: [{ text: 'A' }], finish }));
  expect((await asked(world.url, GEMINI)).stop_reason).toBe(stop);
});

test('what Claude Code sends today does not make the provider packages throw', async () => {
  await using world = await startWorld(gemini({ parts: [{ text: 'Fine.' }], finish: 'STOP' }));
  const messages = [
    user('Hello'),
    { role: 'system', content: [{ type: 'text', text: 'ENVIRONMENT' }] },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'Read', input: {} }] },
    { role: 'system', content: 'NOTE' },
    user([
      {
        type: 'tool_result',
        tool_use_id: 'a',
        content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } }],
      },
    ]),
  ];
  const system = [
    { type: 'text', text: 'x-anthropic-billing-header: x' },
    { type: 'text', text: 'Be brief.' },
  ];
  await asked(world.url, { ...GEMINI, system, messages });
  const sent = world.provider.asked[0]?.body;
  const text = JSON.stringify(sent);
  for (const part of ['ENVIRONMENT', 'NOTE', 'functionResponse', 'inlineData', 'Be brief.'])
    expect(text).toContain(part);
  expect(text).not.toContain('billing');
  expect(listOf(sent?.contents).map((turn) => objectOf(turn).role)).toEqual(['user', 'model', 'user', 'user']);
});

test('a stop sequence ends the text here, too', async () => {
  await using world = await startWorld(
    gemini(
      { parts: [{ text: 'One EN' }] },
      { parts: [{ text: 'D two' }] },
      { parts: [{ text: 'three' }], finish: 'STOP' },
    ),
  );
  const message = await asked(world.url, { ...GEMINI, stop_sequences: ['END'] });
  expect(message.content).toMatchObject([{ type: 'text', text: 'One ' }]);
  expect([message.stop_reason, message.stop_sequence]).toEqual(['stop_sequence', 'END']);
});

test('max_tokens is cut to what the model says, after one more try', async () => {
  const words =
    'Unable to submit request because it has a maxOutputTokens value of 64000 but the supported range is from 1 (inclusive) to 8193 (exclusive). max_tokens must be <= 8192';
  await using world = await startWorld((one, response, index) => {
    if (Number(objectOf(one.body.generationConfig).maxOutputTokens) > 8192)
      return json(response, 400, { error: { code: 400, message: words, status: 'INVALID_ARGUMENT' } });
    return gemini({ parts: [{ text: 'Fine.' }], finish: 'STOP' })(one, response, index);
  });
  await streamed(world.url, { ...GEMINI, model: 'gemini-9-next', max_tokens: 64_000 });
  expect(world.provider.asked).toHaveLength(2);
});

test('a stream that ends without a reason is an error', async () => {
  await using world = await startWorld(gemini({ parts: [{ text: 'Half' }] }));
  expect((await streamed(world.url, GEMINI)).at(-1)).toMatchObject({ type: 'error', error: { type: 'api_error' } });
});

test('a tool of a long name comes back under that name', async () => {
  const name = `mcp__${'long_'.repeat(20)}tool`;
  await using world = await startWorld((one, response, index) => {
    const declared = objectOf(listOf(objectOf(listOf(one.body.tools)[0]).functionDeclarations)[0]).name;
    return gemini({ parts: [{ functionCall: { name: declared, args: { a: 1 } } }], finish: 'STOP' })(
      one,
      response,
      index,
    );
  });
  const tools = [{ name, input_schema: { type: 'object', properties: { a: { type: 'integer' } } } }];
  expect((await asked(world.url, { ...GEMINI, tools })).content).toMatchObject([
    { type: 'tool_use', name, input: { a: 1 } },
  ]);
});

const item = { id: 'rs_1', type: 'reasoning', summary: [] };
const reasoned: Script = (_, response) => {
  const send = (event: Json) => response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const call = {
    id: 'fc_1',
    type: 'function_call',
    call_id: 'call_1',
    name: 'Bash',
    arguments: '{"command":"ls"}',
    status: 'completed',
  };
  send({ type: 'response.created', response: { id: 'resp_1', created_at: 1, model: 'gpt-5' } });
  send({ type: 'response.output_item.added', output_index: 0, item: { ...item, encrypted_content: 'first' } });
  send({ type: 'response.output_item.done', output_index: 0, item: { ...item, encrypted_content: 'gAAAAencrypted' } });
  send({ type: 'response.output_item.added', output_index: 1, item: { ...call, arguments: '' } });
  send({ type: 'response.function_call_arguments.delta', item_id: 'fc_1', output_index: 1, delta: call.arguments });
  send({ type: 'response.output_item.done', output_index: 1, item: call });
  const usage = {
    input_tokens: 50,
    input_tokens_details: { cached_tokens: 20 },
    output_tokens: 9,
    output_tokens_details: { reasoning_tokens: 4 },
  };
  send({
    type: 'response.completed',
    response: { id: 'resp_1', created_at: 1, model: 'gpt-5', output: [], usage, incomplete_details: null },
  });
  response.end();
};

test('OpenAI Responses: nothing is stored there, and the encrypted thoughts come back with the conversation', async () => {
  await using world = await startWorld(reasoned);
  const tools = [{ name: 'Bash', input_schema: { type: 'object', properties: { command: { type: 'string' } } } }];
  const body = { ...RESPONSES, tools, thinking: { type: 'adaptive' } };
  const { content, usage, stop_reason } = await asked(world.url, body);
  expect(content.at(-1)).toMatchObject({ type: 'tool_use', id: 'call_1', name: 'Bash', input: { command: 'ls' } });
  expect([usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens, stop_reason]).toEqual([
    30,
    20,
    9,
    'tool_use',
  ]);
  const messages = [
    ...HELLO.messages,
    { role: 'assistant', content },
    user([{ type: 'tool_result', tool_use_id: 'call_1', content: 'ok' }]),
  ];
  await asked(world.url, { ...body, messages });
  const sent = world.provider.asked.at(-1)?.body;
  expect(sent).toMatchObject({ store: false, include: ['reasoning.encrypted_content'] });
  expect(JSON.stringify(sent?.input)).toContain('gAAAAencrypted');
});

test('Cohere: text beside a call is kept, and texts of one turn do not run together', async () => {
  await using world = await startWorld((_, response) => {
    const send = eventStream(response);
    send({ type: 'message-start', id: 'x' });
    send({ type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } });
    send({ type: 'content-delta', index: 0, delta: { message: { content: { text: 'Fine.' } } } });
    send({ type: 'content-end', index: 0 });
    send({
      type: 'message-end',
      delta: { finish_reason: 'COMPLETE', usage: { tokens: { input_tokens: 4, output_tokens: 2 } } },
    });
    response.end();
  });
  const messages = [
    user([
      { type: 'text', text: 'One' },
      { type: 'text', text: 'Two' },
    ]),
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'I look.' },
        { type: 'tool_use', id: 'a', name: 'Bash', input: {} },
      ],
    },
    user([{ type: 'tool_result', tool_use_id: 'a', content: 'ok' }]),
  ];
  const message = await asked(world.url, { ...HELLO, model: 'command-r', messages });
  expect(message.content).toMatchObject([{ type: 'text', text: 'Fine.' }]);
  const sent = world.provider.asked[0];
  expect(sent?.headers.authorization).toBe(`Bearer ${KEYS.COHERE_API_KEY}`);
  expect(sent?.body.messages).toMatchObject([
    { role: 'user', content: 'One\n\nTwo' },
    { role: 'assistant', content: 'I look.' },
    { role: 'assistant', tool_calls: [{ id: 'a' }] },
    { role: 'tool', content: 'ok' },
  ]);
});

test('a PDF never goes to Cohere as base64 text', async () => {
  await using world = await startWorld((_, response) => json(response, 400, { message: 'no' }));
  const pdf = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0xLjQ=' } };
  await post(world.url, { ...HELLO, model: 'command-r', messages: [user([pdf])] });
  expect(world.provider.asked[0]?.bytes.toString()).not.toContain('JVBERi0');
});

test.each([
  ['gemini-2.5-pro', ['GOOGLE_GENERATIVE_AI_API_KEY']],
  ['command-r', ['COHERE_API_KEY']],
  ['openai-responses/gpt-5', ['OPENAI_API_KEY', 'OPENAI_BASE_URL']],
  ['bedrock/amazon.nova-pro-v1:0', ['AWS_BEARER_TOKEN_BEDROCK', 'AWS_SESSION_TOKEN', 'AWS_REGION']],
])('%s: nothing is read from the environment of the process', async (model, variables) => {
  for (const name of variables) vi.stubEnv(name, `canary-of-the-process-${name}`);
  await using world = await startWorld((_, response) => json(response, 400, { message: 'no' }), {
    environment: { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret-example', AWS_REGION: 'us-east-1' },
    providers: { bedrock: { baseUrl: 'http://127.0.0.1:9' } },
  });
  const text = await (await post(world.url, { ...HELLO, model })).text();
  const sent = JSON.stringify(
    world.provider.asked.map(({ headers, bytes, path }) => [headers, bytes.toString(), path]),
  );
  expect(sent + text).not.toContain('canary-of-the-process');
});

test('Bedrock is asked with a signature made from the credentials that were handed in', async () => {
  await using upstream = await startWorld((_, response) =>
    json(response, 400, { message: 'Input is too long for requested model.' }),
  );
  await using world = await startWorld(() => undefined, {
    environment: {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret-example',
      AWS_REGION: 'eu-central-1',
    },
    providers: { bedrock: { baseUrl: upstream.provider.url } },
  });
  const response = await post(world.url, { ...HELLO, model: 'bedrock/amazon.nova-pro-v1:0' });
  expect(upstream.provider.asked[0]?.headers.authorization).toContain('Credential=AKIDEXAMPLE/');
  expect(upstream.provider.asked[0]?.headers.authorization).toContain('/eu-central-1/bedrock/');
  expect(await response.json()).toMatchObject({
    error: { message: expect.stringMatching(/^prompt is too long: \d+ tokens > 300000 maximum$/) },
  });
});
