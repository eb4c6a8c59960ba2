/** Providers at their worst, and callers at theirs. Each way a request can take meets the same list. */
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { checkStreamGrammar, parseEventStream } from './anthropic/stream-grammar.ts';
import type { Json } from './json.ts';
import { asked, HELLO, post } from './testing/ask.ts';
import { TOKEN } from './testing/gateway-server.ts';
import { anthropicFrame, anthropicText, chatAnswer, delta, json, type Script } from './testing/stand-in.ts';
import { KEYS, startWorld, type World } from './testing/world.ts';

const gemini = (parts: Json[], finishReason?: string): Json => ({
  candidates: [{ content: { role: 'model', parts }, ...(finishReason ? { finishReason } : {}) }],
  usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
});

interface Way {
  way: string;
  model: string;
  /** A complete answer, as it stands on the wire. */
  answer: (text: string) => string;
  provider: string;
}

const sse = (...events: unknown[]): string =>
  events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');

const WAYS: Way[] = [
  {
    way: 'pass-through',
    model: 'claude-opus-5-5',
    answer: (text) => anthropicText(text).map(anthropicFrame).join(''),
    provider: 'anthropic',
  },
  {
    way: 'chat translator',
    model: 'gpt-4',
    answer: (text) => sse(delta({ content: text }), delta({}, 'stop'), '[DONE]'),
    provider: 'openai',
  },
  {
    way: 'provider package',
    model: 'gemini-2.5-flash',
    answer: (text) => sse(gemini([{ text }]), gemini([{ text: '' }], 'STOP')),
    provider: 'google',
  },
];

/** The last event of a stream that obeys the grammar, or the error that came instead of one. */
async function outcome(
  world: World,
  model: string,
): Promise<{ status: number; type: string; message: string; text: string }> {
  const response = await post(world.url, { ...HELLO, model, stream: true });
  const text = await response.text();
  let last: unknown;
  if (response.headers.get('content-type')?.includes('event-stream')) {
    const events = parseEventStream(text);
    expect(checkStreamGrammar(events)).toEqual([]);
    last = events.at(-1);
  } else last = JSON.parse(text);
  const { error } = last as { error: { type: string; message: string } };
  return { status: response.status, ...error, text };
}

function noSecrets(text: string, world: World): void {
  for (const key of Object.values(KEYS)) {
    expect(text).not.toContain(key);
    expect(text).not.toContain(key.slice(-8));
  }
  expect(text).not.toContain(world.provider.url.replace('http://', ''));
}

function raw(bytes: string | Buffer, status = 200, type = 'text/event-stream'): Script {
  return (_, response) => {
    response.writeHead(status, { 'content-type': type });
    response.end(bytes);
  };
}

test.each(WAYS)('$way: HTML instead of an answer', async ({ model }) => {
  for (const status of [200, 502]) {
    await using world = await startWorld(raw('<!DOCTYPE html><html><body>nginx</body></html>', status, 'text/html'));
    const found = await outcome(world, model);
    expect(found.type).toBe('api_error');
    expect(found.status).toBe(502);
    expect(found.text).not.toContain('nginx');
  }
});

test.each(WAYS)('$way: JSON that is none', async ({ model }) => {
  await using world = await startWorld(raw('{"choices": [', 200, 'application/json'));
  const response = await post(world.url, { ...HELLO, model, stream: true });
  const text = await response.text();
  if (model.startsWith('claude')) expect(text).toBe('{"choices": [');
  else expect([response.status, JSON.parse(text)]).toMatchObject([502, { error: { type: 'api_error' } }]);
});

test.each(WAYS)('$way: an event that is no JSON', async ({ model, answer }) => {
  if (model.startsWith('claude')) return;
  await using world = await startWorld(raw(`data: {"broken\n\n${answer('late')}`));
  expect((await outcome(world, model)).type).toBe('api_error');
});

test.each(WAYS)('$way: stops in the middle of an event', async ({ model, answer }) => {
  const bytes = answer('Half of it');
  await using world = await startWorld((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(bytes.slice(0, Math.floor(bytes.length / 2)));
    setTimeout(() => response.destroy(), 20);
  });
  expect((await outcome(world, model)).type).toBe('api_error');
});

test.each(WAYS)('$way: splits characters across chunks', async ({ model, answer }) => {
  const bytes = Buffer.from(answer('Häkchen ✅ 👩‍👩‍👧 ende'));
  await using world = await startWorld(async (one, response) => {
    if (!one.body.stream && model.startsWith('claude')) {
      json(response, 200, {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model,
        content: [{ type: 'text', text: 'Häkchen ✅ 👩‍👩‍👧 ende' }],
        stop_reason: 'end_turn',
        stop_sequence: null,
        usage: { input_tokens: 7, cache_creation_input_tokens: 5, cache_read_input_tokens: 11, output_tokens: 23 },
      });
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let at = 0; at < bytes.length; at += 3) {
      response.write(bytes.subarray(at, at + 3));
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  });
  const response = await post(world.url, { ...HELLO, model, stream: true });
  const text = await response.text();
  expect(checkStreamGrammar(parseEventStream(text))).toEqual([]);
  expect(text).toContain('Häkchen ✅ 👩‍👩‍👧 ende');
});

test.each(WAYS)('$way: says nothing at all, before its answer and within it', async ({ model, answer }) => {
  await using mute = await startWorld(() => undefined, { upstreamSilenceMs: 300 });
  expect(await outcome(mute, model)).toMatchObject({ status: 504, type: 'timeout_error' });
  const begin = answer('Half').split('\n\n').slice(0, 1).join('\n\n');
  await using stalled = await startWorld(
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`${begin}\n\n`);
    },
    { upstreamSilenceMs: 300 },
  );
  expect((await outcome(stalled, model)).type).toBe('timeout_error');
});

test.each(WAYS)('$way: resets the connection', async ({ model }) => {
  await using world = await startWorld((_, response) => response.socket?.resetAndDestroy());
  expect(await outcome(world, model)).toMatchObject({ status: 502, type: 'api_error' });
});

test.each(WAYS)('$way: is not there', async ({ model, provider }) => {
  const settings = { baseUrl: 'http://127.0.0.1:9', apiKey: 'sk-canary-nowhere-0123456789' };
  await using world = await startWorld(() => undefined, { providers: { [provider]: settings } });
  const found = await outcome(world, model);
  expect(found).toMatchObject({
    status: 502,
    type: 'api_error',
    message: expect.stringContaining('cannot be reached'),
  });
  expect(found.text).not.toContain('127.0.0.1');
});

test.each(WAYS)('$way: an error inside an answer with status 200', async ({ model }) => {
  const errors: Record<string, string> = {
    'claude-opus-5-5': anthropicFrame({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
    'gpt-4': sse(delta({ content: 'Half' }), { error: { message: 'The server is overloaded', type: 'overloaded' } }),
    'gemini-2.5-flash': sse(gemini([{ text: 'Half' }]), {
      error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' },
    }),
  };
  await using world = await startWorld(raw(errors[model] ?? ''));
  expect((await outcome(world, model)).type).toBe('overloaded_error');
});

test.each(WAYS)('$way: a redirect is not followed', async ({ model }) => {
  await using other = await startWorld(() => undefined);
  await using world = await startWorld((_, response) => {
    response.writeHead(307, { location: `${other.provider.url}/stolen` });
    response.end();
  });
  const found = await outcome(world, model);
  expect(found).toMatchObject({ status: 502, type: 'api_error', message: expect.stringContaining('redirect') });
  expect(other.provider.asked).toEqual([]);
});

test.each(WAYS)(
  '$way: keys that a provider echoes are cut out, and a refused key names its variable',
  async ({ model }) => {
    const all = Object.values(KEYS).join(' ');
    for (const status of [400, 401, 403, 429, 500, 503]) {
      const message = `Incorrect API key provided: ${all}. See https://user:pass@internal.example/x?key=${KEYS.OPENAI_API_KEY}`;
      await using world = await startWorld((_, response) =>
        json(response, status, { type: 'error', error: { type: 'invalid_request_error', message } }),
      );
      const found = await outcome(world, model);
      noSecrets(found.text, world);
      noSecrets(JSON.stringify(world.errors), world);
      if (status === 401) expect(found.message).toMatch(/refused the key in [A-Z]+_API_KEY/);
    }
  },
);

test.each(WAYS)('$way: the provider is left when the caller leaves', async ({ model, answer }) => {
  const begun = Promise.withResolvers<void>();
  await using world = await startWorld((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`${answer('Half').split('\n\n')[0]}\n\n`);
    begun.resolve();
  });
  const abort = new AbortController();
  const asking = fetch(`${world.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': TOKEN },
    body: JSON.stringify({ ...HELLO, model, stream: true }),
    signal: abort.signal,
  })
    .then((response) => response.text())
    .catch(() => 'left');
  await begun.promise;
  await new Promise((resolve) => setTimeout(resolve, 20));
  abort.abort();
  expect(await asking).toBe('left');
  await world.provider.left(0);
  await Promise.all(world.gateway.handled);
  expect(world.errors).toEqual([]);
});

/** Far more than all buffers on the way hold together. */
const MEGABYTES = 64;

test.each(WAYS)('$way: a caller who does not read stops the reading of the provider', async ({ model, answer }) => {
  const text = 'x'.repeat(256 * 1024);
  const event = `${answer(text).split('\n\n')[model.startsWith('claude') ? 2 : 0]}\n\n`;
  const head = model.startsWith('claude') ? `${answer('').split('\n\n').slice(0, 2).join('\n\n')}\n\n` : '';
  let sent = 0;
  let full = false;
  await using world = await startWorld(async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(head);
    while (sent < MEGABYTES * 1024 * 1024 && !response.destroyed) {
      sent += event.length;
      if (response.write(event)) continue;
      const drained = new Promise((resolve) => response.once('drain', () => resolve('drained')));
      const stuck = new Promise((resolve) => setTimeout(() => resolve('stuck'), 1500));
      if ((await Promise.race([drained, stuck])) !== 'stuck') continue;
      full = true;
      return;
    }
  });
  const { port } = new URL(world.url);
  const socket = connect(Number(port), '127.0.0.1');
  const bytes = JSON.stringify({ ...HELLO, model, stream: true });
  socket.on('error', () => undefined);
  socket.write(
    `POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: ${TOKEN}\r\ncontent-length: ${bytes.length}\r\n\r\n${bytes}`,
  );
  socket.pause();
  while (!full && sent < MEGABYTES * 1024 * 1024) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(full).toBe(true);
  expect(sent).toBeLessThan((MEGABYTES / 2) * 1024 * 1024);
  socket.destroy();
  await Promise.all(world.gateway.handled);
});

test.each(WAYS)('$way: 32 MB of a request go through, more do not', async ({ model, answer }) => {
  await using world = await startWorld(raw(answer('Fine.')));
  const body = (megabytes: number) => ({
    ...HELLO,
    model,
    stream: true,
    messages: [{ role: 'user', content: 'x'.repeat(megabytes * 1024 * 1024) }],
  });
  expect((await post(world.url, body(31))).status).toBe(200);
  expect((await post(world.url, body(33))).status).toBe(413);
  expect(world.provider.asked).toHaveLength(1);
});

test('an event that never ends is cut off', async () => {
  await using world = await startWorld(async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: ');
    for (let count = 0; count < 40 && !response.destroyed; count += 1) {
      response.write('x'.repeat(1024 * 1024));
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  });
  expect(await outcome(world, 'gpt-4')).toMatchObject({
    type: 'api_error',
    message: expect.stringContaining('too large'),
  });
});

test('a silent provider is bridged by pings, and what it says then still arrives', async () => {
  const goOn = Promise.withResolvers<void>();
  let pings = 0;
  const clock = {
    async sleep(ms: number, signal: AbortSignal) {
      expect(ms).toBe(15_000);
      pings += 1;
      if (pings <= 3) return;
      goOn.resolve();
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
  };
  await using world = await startWorld(
    async (_, response) => {
      await goOn.promise;
      chatAnswer(response, [delta({ content: 'Late.' }, 'stop')]);
    },
    { clock },
  );
  const events = parseEventStream(await (await post(world.url, { ...HELLO, stream: true })).text());
  expect(checkStreamGrammar(events)).toEqual([]);
  expect(events.filter(({ type }) => type === 'ping')).toHaveLength(3);
  expect(JSON.stringify(events)).toContain('Late.');
});

const ODD: [of: string, body: unknown][] = [
  [
    'unknown fields and blocks',
    {
      ...HELLO,
      future: { a: 1 },
      messages: [
        {
          role: 'user',
          content: [
            { type: 'hologram', data: 1 },
            { type: 'text', text: 'Hi' },
          ],
        },
      ],
    },
  ],
  [
    'roles out of order',
    {
      ...HELLO,
      messages: [
        { role: 'assistant', content: 'A' },
        { role: 'assistant', content: 'B' },
        { role: 'user', content: 'C' },
        { role: 'user', content: 'D' },
      ],
    },
  ],
  [
    'an orphan tool result',
    { ...HELLO, messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: 'ok' }] }] },
  ],
  [
    'blank blocks',
    {
      ...HELLO,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: '' },
            { type: 'text', text: 'Hi' },
          ],
        },
      ],
    },
  ],
];

test.each(ODD)('%s are no reason to fail', async (_, body) => {
  await using world = await startWorld((_one, response) => chatAnswer(response, [delta({ content: 'Fine.' }, 'stop')]));
  expect((await asked(world.url, body as Json)).content).toMatchObject([{ type: 'text', text: 'Fine.' }]);
});
