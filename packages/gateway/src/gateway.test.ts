import { connect } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkStreamGrammar, parseEventStream } from './anthropic/stream-grammar.ts';
import { type ScriptStep, scripted } from './demo-model/script.ts';
import { startGateway, TOKEN } from './testing/gateway-server.ts';

const JSON_HEADERS = { 'x-api-key': TOKEN, 'content-type': 'application/json' };
const HELLO = { model: 'demo', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hello' }] };

function prompt(steps: readonly ScriptStep[]) {
  return { ...HELLO, messages: [{ role: 'user' as const, content: scripted(steps) }] };
}

function client(url: string) {
  return new Anthropic({ baseURL: url, apiKey: TOKEN, maxRetries: 0 });
}

function post(url: string, body: unknown, headers: Record<string, string> = JSON_HEADERS) {
  return fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

async function streamOf(url: string, body: object) {
  const response = await post(url, { ...body, stream: true });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  return parseEventStream(await response.text());
}

test("Anthropic's own client accepts a message and the same message as a stream", async () => {
  await using server = await startGateway();
  const body = prompt([
    { thinking: 'Hm.', text: 'Häkchen ✅', tools: [{ tool: 'Bash', input: { command: 'ls' } }, { tool: 'Read' }] },
  ]);
  const whole = await client(server.url).messages.create({ ...body, model: 'claude-opus-5-5' });
  const streamed = await client(server.url)
    .messages.stream({ ...body, model: 'claude-opus-5-5' })
    .finalMessage();
  for (const message of [whole, streamed]) {
    expect(message.model).toBe('claude-opus-5-5');
    expect(message.stop_reason).toBe('tool_use');
    expect(message.usage.input_tokens).toBeGreaterThan(10);
    expect(message.usage.output_tokens).toBeGreaterThan(5);
    expect(message.content).toMatchObject([
      { type: 'thinking', thinking: 'Hm.', signature: expect.stringMatching(/./) },
      { type: 'text', text: 'Häkchen ✅' },
      { type: 'tool_use', name: 'Bash', input: { command: 'ls' } },
      { type: 'tool_use', name: 'Read', input: {} },
    ]);
  }
});

test('models are listed and tokens counted', async () => {
  await using server = await startGateway();
  const models = await client(server.url).models.list();
  expect(models.data.map(({ id }) => id)).toEqual(['demo']);
  const { max_tokens: _, ...countable } = HELLO;
  const { input_tokens } = await client(server.url).messages.countTokens({ ...countable, system: 'x'.repeat(4000) });
  expect(input_tokens).toBeGreaterThan(1000);
});

const anyText = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.trim() !== '');
const anyInput = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.parse(JSON.stringify(value)));
const anyCall = fc.record({ tool: fc.constantFrom('Bash', 'Write'), input: anyInput });
const anyStep: fc.Arbitrary<ScriptStep> = fc.oneof(
  fc.record({ text: anyText, thinking: anyText }, { requiredKeys: ['text'] }),
  fc.record({ tools: fc.array(anyCall, { minLength: 1, maxLength: 3 }), text: anyText }, { requiredKeys: ['tools'] }),
);

test('every step of every script is a correct stream that says what the script says', async () => {
  await using server = await startGateway();
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 4 }), async (steps) => {
      const messages: object[] = [...prompt(steps).messages];
      for (const step of steps) {
        const events = await streamOf(server.url, { ...HELLO, messages });
        expect(checkStreamGrammar(events)).toEqual([]);
        const message = await client(server.url).messages.create({
          ...HELLO,
          messages: messages as typeof HELLO.messages,
        });
        const texts = message.content.flatMap((block) => (block.type === 'text' ? [block.text] : []));
        const inputs = message.content.flatMap((block) => (block.type === 'tool_use' ? [block.input] : []));
        expect(texts).toEqual(step.text ? [step.text] : []);
        expect(inputs).toEqual(step.tools?.map(({ input }) => input) ?? []);
        const uses = message.content.filter((block) => block.type === 'tool_use');
        const results = uses.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: 'ok' }));
        messages.push({ role: 'assistant', content: message.content });
        messages.push({ role: 'user', content: results.length > 0 ? results : 'Go on' });
      }
    }),
    { numRuns: 40 },
  );
});

interface Refusal {
  of: string;
  path?: string;
  init: RequestInit;
  status: number;
  type: string;
}

test.each<Refusal>([
  { of: 'no token', init: { method: 'POST', headers: {} }, status: 401, type: 'authentication_error' },
  {
    of: 'a wrong token',
    init: { method: 'POST', headers: { 'x-api-key': 'no' } },
    status: 401,
    type: 'authentication_error',
  },
  { of: 'an unknown path', path: '/v1/complete', init: { method: 'POST' }, status: 404, type: 'not_found_error' },
  { of: 'a wrong method', init: { method: 'GET' }, status: 405, type: 'invalid_request_error' },
  { of: 'broken JSON', init: { method: 'POST', body: '{' }, status: 400, type: 'invalid_request_error' },
  { of: 'no messages', init: { method: 'POST', body: '{"model":"demo"}' }, status: 400, type: 'invalid_request_error' },
  {
    of: 'max_tokens 0',
    init: { method: 'POST', body: '{"model":"demo","max_tokens":0,"messages":[{"role":"user","content":"a"}]}' },
    status: 400,
    type: 'invalid_request_error',
  },
  {
    of: 'a list as body',
    path: '/v1/messages/count_tokens',
    init: { method: 'POST', body: '[]' },
    status: 400,
    type: 'invalid_request_error',
  },
])('refuses $of in the shape of Anthropic', async ({ path = '/v1/messages', init, status, type }) => {
  await using server = await startGateway();
  const response = await fetch(server.url + path, { headers: JSON_HEADERS, ...init });
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual({ type: 'error', error: { type, message: expect.any(String) } });
  expect(response.headers.get('request-id')).toMatch(/^req_/);
});

test('a bearer token does too, HEAD / answers, and a failing authorize is no pass', async () => {
  await using server = await startGateway();
  const bearer = await post(server.url, HELLO, { authorization: `Bearer ${TOKEN}` });
  expect(bearer.status).toBe(200);
  expect((await fetch(server.url, { method: 'HEAD' })).status).toBe(200);

  const errors: unknown[] = [];
  const authorize = () => Promise.reject(new Error('the database of secrets is down'));
  await using broken = await startGateway({ authorize, onError: (error) => errors.push(error) });
  const response = await post(broken.url, HELLO);
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('secrets');
  expect(errors).toHaveLength(1);
});

test('a body over 32 MB is refused, one below is not', async () => {
  await using server = await startGateway();
  const body = (megabytes: number) => ({ ...HELLO, metadata: { user_id: 'x'.repeat(megabytes * 1024 * 1024) } });
  const refused = await post(server.url, body(33));
  expect(refused.status).toBe(413);
  expect(await refused.json()).toMatchObject({ error: { type: 'request_too_large' } });
  expect((await post(server.url, body(31))).status).toBe(200);
});

test('a scripted failure has its status, type and retry-after; a malformed script names its step', async () => {
  await using server = await startGateway();
  const busy = await post(server.url, {
    ...prompt([{ status: 429, message: 'Slow down.', retryAfter: 7 }]),
    stream: true,
  });
  expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '7']);
  expect(await busy.json()).toEqual({ type: 'error', error: { type: 'rate_limit_error', message: 'Slow down.' } });
  const wrong = await post(server.url, prompt([{ text: 'fine' }, { tol: 'Bash' } as ScriptStep]));
  expect(wrong.status).toBe(400);
  expect(await wrong.text()).toContain('step 2 has the unknown field');
});

test('a long silence carries pings', async () => {
  const waits: number[] = [];
  await using server = await startGateway({ clock: { sleep: async (ms) => void waits.push(ms) } });
  const events = await streamOf(server.url, prompt([{ delayMs: 40_000 }, { text: 'Finally.' }]));
  expect(waits).toEqual([15_000, 15_000, 10_000]);
  expect(events.filter(({ type }) => type === 'ping')).toHaveLength(2);
  expect(checkStreamGrammar(events)).toEqual([]);
});

/** A clock that stands still at the third wait, until the signal aborts. */
function haltingClock() {
  let waits = 0;
  return {
    waits: () => waits,
    async sleep(_: number, signal: AbortSignal) {
      waits += 1;
      if (waits < 3) return;
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
  };
}

test.each([
  ['a stream', { ...prompt([{ text: 'long '.repeat(200) }]), stream: true }],
  ['a message that is waited for', prompt([{ delayMs: 60_000 }, { text: 'never read' }])],
])('work on %s stops when the caller goes away', async (_, body) => {
  const clock = haltingClock();
  await using server = await startGateway({ clock, demo: { paceMs: 1 } });
  const { port } = new URL(server.url);
  const socket = connect(Number(port), '127.0.0.1');
  const bytes = JSON.stringify(body);
  socket.write(
    `POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: ${TOKEN}\r\ncontent-length: ${Buffer.byteLength(bytes)}\r\n\r\n${bytes}`,
  );
  while (clock.waits() < 3) await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
  await Promise.all(server.handled);
  expect(clock.waits()).toBe(3);
});
