import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { OWN_SIGNATURE_PREFIX, sealNote } from '../anthropic/own-signature.ts';
import { checkStreamGrammar, parseEventStream } from '../anthropic/stream-grammar.ts';
import type { Json } from '../json.ts';
import { asked, HELLO, post, streamed } from '../testing/ask.ts';
import { anthropicAnswer, anthropicFrame, anthropicText, json, type Script } from '../testing/stand-in.ts';
import { KEYS, startWorld } from '../testing/world.ts';
import type { UsageReport } from '../usage-report.ts';

const CLAUDE = { ...HELLO, model: 'claude-sonnet-4-5' };
const message = {
  id: 'msg_up',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  content: [{ type: 'text', text: 'Hi ✅' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
};
const usage = { input_tokens: 7, cache_creation_input_tokens: 5, cache_read_input_tokens: 11, output_tokens: 23 };

const both: Script = (one, response) => {
  if (one.body.stream) anthropicAnswer(response, anthropicText('Hi ✅'));
  else json(response, 200, { ...message, usage });
};

test('the bytes go to Anthropic as they came, with our key instead of the token of the caller', async () => {
  await using world = await startWorld(both);
  const bytes = `{ "model":"claude-sonnet-4-5","max_tokens":10, "stream":true,\n"messages":[{"role":"user","content":"Häkchen \\u2705"}],"new_field":{"a":1.50}}`;
  const headers = {
    'anthropic-beta': 'a,b',
    'anthropic-version': '2023-06-01',
    'x-claude-code-session-id': 's1',
    cookie: 'secret=1',
    'accept-encoding': 'gzip',
  };
  const response = await post(world.url, bytes, headers);
  await response.text();
  const [sent] = world.provider.asked;
  expect(sent?.bytes.toString()).toBe(bytes);
  expect(sent?.path).toBe('/anthropic/v1/messages?beta=true');
  expect(sent?.headers).toMatchObject({
    'x-api-key': KEYS.ANTHROPIC_API_KEY,
    'anthropic-beta': 'a,b',
    'x-claude-code-session-id': 's1',
  });
  for (const name of ['authorization', 'cookie', 'accept-encoding']) expect(sent?.headers).not.toHaveProperty(name);
  expect(JSON.stringify(sent?.headers)).not.toContain('test-token');
});

test('the answer comes back byte by byte, streamed and whole', async () => {
  await using world = await startWorld(both);
  const expected = anthropicText('Hi ✅').map(anthropicFrame).join('');
  const streaming = await post(world.url, { ...CLAUDE, stream: true });
  expect(streaming.headers.get('request-id')).toBe('req_upstream');
  expect(await streaming.text()).toBe(expected);
  expect(await (await post(world.url, CLAUDE)).text()).toBe(JSON.stringify({ ...message, usage }));
  expect((await asked(world.url, CLAUDE)).content).toMatchObject([{ type: 'text', text: 'Hi ✅' }]);
});

test('a token for the other header, and a model by the name of its provider or an alias', async () => {
  await using world = await startWorld(both, {
    environment: { ANTHROPIC_API_KEY: undefined, ANTHROPIC_AUTH_TOKEN: 'oauth-canary-0123456789' },
    aliases: { best: 'anthropic/claude-sonnet-4-5' },
  });
  await post(world.url, { ...CLAUDE, model: 'best' });
  const [sent] = world.provider.asked;
  expect(sent?.headers.authorization).toBe('Bearer oauth-canary-0123456789');
  expect(sent?.headers).not.toHaveProperty('x-api-key');
  expect(sent?.body.model).toBe('claude-sonnet-4-5');
});

test('a request without max_tokens gets what the model can', async () => {
  await using world = await startWorld(both);
  await post(world.url, { model: 'claude-3-opus-20240229', messages: HELLO.messages });
  expect(world.provider.asked[0]?.body.max_tokens).toBe(4096);
});

test('thinking that we signed never goes to Anthropic; its own stays', async () => {
  await using world = await startWorld(both);
  const own = { type: 'thinking', thinking: 'Ours.', signature: sealNote({ provider: 'google' }) };
  const theirs = { type: 'thinking', thinking: 'Theirs.', signature: 'EqQBCkgIARABGAIiQL' };
  const messages = [
    ...HELLO.messages,
    { role: 'assistant', content: [own] },
    { role: 'assistant', content: [theirs, own, { type: 'text', text: 'A' }] },
    { role: 'user', content: 'Go on' },
  ];
  await post(world.url, { ...CLAUDE, messages });
  const sent = world.provider.asked[0];
  expect(sent?.bytes.toString()).not.toContain(OWN_SIGNATURE_PREFIX);
  expect(sent?.body.messages).toEqual([
    ...HELLO.messages,
    { role: 'assistant', content: [theirs, { type: 'text', text: 'A' }] },
    { role: 'user', content: 'Go on' },
  ]);
});

test('headers about limits come back, also with an error, which stays in the words of Anthropic', async () => {
  const error = {
    type: 'error',
    error: { type: 'rate_limit_error', message: 'Number of request tokens has exceeded your limit' },
  };
  await using world = await startWorld((_, response) => {
    for (const [name, value] of Object.entries({
      'retry-after': '7',
      'anthropic-ratelimit-requests-remaining': '0',
      'request-id': 'req_x',
      'set-cookie': 'a=1',
    })) {
      response.setHeader(name, value);
    }
    json(response, 429, error);
  });
  const response = await post(world.url, { ...CLAUDE, stream: true });
  expect([response.status, await response.json()]).toEqual([429, error]);
  const { headers } = response;
  expect(
    ['retry-after', 'anthropic-ratelimit-requests-remaining', 'request-id', 'set-cookie'].map((name) =>
      headers.get(name),
    ),
  ).toEqual(['7', '0', 'req_x', null]);
});

test('usage is read beside the pipe, with its cache and its session', async () => {
  const reports: UsageReport[] = [];
  await using world = await startWorld(both, { onUsage: (report) => reports.push(report) });
  const headers = { 'x-claude-code-session-id': 'session-1' };
  await (await post(world.url, CLAUDE, headers)).text();
  await (await post(world.url, { ...CLAUDE, stream: true }, headers)).text();
  await Promise.all(world.gateway.handled);
  const expected = {
    model: 'claude-sonnet-4-5',
    provider: 'anthropic',
    inputTokens: 7,
    outputTokens: 23,
    cacheReadTokens: 11,
    cacheWriteTokens: 5,
    estimated: false,
    sessionId: 'session-1',
  };
  expect(reports).toMatchObject([expected, expected]);
  expect(reports[0]?.costUsd).toBeCloseTo((7 * 3 + 23 * 15 + 11 * 0.3 + 5 * 3.75) / 1e6, 12);
});

/** Sends the bytes in pieces of this size, each for itself. */
function inPieces(bytes: Buffer, size: number): Script {
  return async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let at = 0; at < bytes.length; at += size) {
      response.write(bytes.subarray(at, at + size));
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  };
}

test('events that are cut anywhere, also within a character, arrive whole', async () => {
  const reports: UsageReport[] = [];
  const bytes = Buffer.from(anthropicText('Häkchen ✅ 👩‍👩‍👧').map(anthropicFrame).join(''));
  await using world = await startWorld(inPieces(bytes, 7), { onUsage: (report) => reports.push(report) });
  const response = await post(world.url, { ...CLAUDE, stream: true });
  expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  await Promise.all(world.gateway.handled);
  expect(reports).toMatchObject([{ outputTokens: 23, cacheReadTokens: 11 }]);
});

test.each([
  ['the connection', (socketEnd: () => void, _: () => void) => socketEnd()],
  ['the body', (_: () => void, end: () => void) => end()],
])(
  'a stream that breaks off in the middle of an event, by the end of %s, ends with an error event',
  async (_, breakOff) => {
    await using world = await startWorld(async (_one, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const frames = anthropicText('Half of it').map(anthropicFrame);
      response.write(frames.slice(0, 3).join('') + frames[3]?.slice(0, 20));
      await new Promise((resolve) => setTimeout(resolve, 20));
      breakOff(
        () => response.destroy(),
        () => response.end(),
      );
    });
    const events = parseEventStream(await (await post(world.url, { ...CLAUDE, stream: true })).text());
    expect(checkStreamGrammar(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { type: 'api_error' } });
  },
);

/** A clock whose sleeps are ended by the test. */
function manualClock() {
  const waiting: (() => void)[] = [];
  return {
    waiting,
    sleep: (_: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        waiting.push(resolve);
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  };
}

test('a silent stream carries pings between whole events', async () => {
  const clock = manualClock();
  const goOn = Promise.withResolvers<void>();
  await using world = await startWorld(
    async (_, response) => {
      const frames = anthropicText('Late.').map(anthropicFrame);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write((frames[0] ?? '') + frames[1]?.slice(0, 12));
      await goOn.promise;
      response.end(frames[1]?.slice(12) + frames.slice(2).join(''));
    },
    { clock },
  );
  const response = await post(world.url, { ...CLAUDE, stream: true });
  const text = response.text();
  await new Promise((resolve) => setTimeout(resolve, 30));
  clock.waiting[0]?.();
  await new Promise((resolve) => setTimeout(resolve, 10));
  clock.waiting[1]?.();
  await new Promise((resolve) => setTimeout(resolve, 10));
  goOn.resolve();
  const events = parseEventStream(await text);
  expect(checkStreamGrammar(events)).toEqual([]);
  expect(events.map(({ type }) => type).slice(0, 3)).toEqual(['message_start', 'ping', 'content_block_start']);
});

test('an answer that is compressed although nobody asked for it goes through as it is', async () => {
  const text = anthropicText('Hi ✅').map(anthropicFrame).join('');
  await using world = await startWorld((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
    response.end(gzipSync(text));
  });
  expect(await (await post(world.url, { ...CLAUDE, stream: true })).text()).toBe(text);
});

test('a gateway that is its own provider notices', async () => {
  let own = '';
  await using world = await startWorld((one, response) => {
    // What the gateway would receive if its base URL led to itself.
    return fetch(`${own}/v1/messages`, {
      method: 'POST',
      headers: { ...(one.headers as Record<string, string>), 'x-api-key': 'test-token', connection: 'close' },
      body: one.bytes,
    }).then(async (answer) => json(response, answer.status, await answer.text()));
  });
  own = world.url;
  const response = await post(world.url, CLAUDE);
  expect(response.status).toBe(508);
  expect(((await response.json()) as Json & { error: { message: string } }).error.message).toContain(
    'ANTHROPIC_BASE_URL',
  );
  expect(world.provider.asked).toHaveLength(1);
});

test('a streamed message passes the grammar of the checker, too', async () => {
  await using world = await startWorld(both);
  expect((await streamed(world.url, CLAUDE)).at(-1)).toEqual({ type: 'message_stop' });
});
