/** One webhook handler in three kinds of server: the same requests, the same answers. */
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  fastifyWebhook,
  MemoryDedupeStore,
  MemoryInbox,
  MockSmsProvider,
  SmsAdapter,
  simulateTwilioWebhook,
  toNodeHandler,
  type WebhookHandler,
  type WebhookHandlerOptions,
} from '@claude-companion/sms';
import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import {
  AUTH_TOKEN,
  arrivingForm,
  keptLogs,
  OWN_NUMBER,
  PATH_TOKEN,
  PERSON,
  PUBLIC_URL,
  signatureOf,
  signedRequest,
  WEBHOOK_URL,
} from './texts.ts';
import { build } from './webhook-fixture.ts';

interface Mounted extends AsyncDisposable {
  /** Makes a request; its host is replaced by where the handler listens. */
  call(request: Request): Promise<Response>;
}

type Mount = (handler: WebhookHandler) => Promise<Mounted>;

/** Sends a request to a port, its path, headers and body as they are. */
async function callAt(port: number, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const body = request.method === 'GET' ? undefined : await request.text();
  return fetch(`http://127.0.0.1:${port}${pathname}${search}`, {
    method: request.method,
    headers: request.headers,
    body,
  });
}

const MOUNTS: Readonly<Record<string, Mount>> = {
  fetch: async (handler) => ({ call: handler, [Symbol.asyncDispose]: async () => {} }),
  'node:http': async (handler) => {
    const server = createServer(toNodeHandler(handler));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const close = async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    return { call: (request) => callAt(port, request), [Symbol.asyncDispose]: close };
  },
  fastify: async (handler) => {
    const app = Fastify({ forceCloseConnections: true });
    await app.register(fastifyWebhook, { handler });
    app.post('/other', async (request) => request.body);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    return { call: (request) => callAt(port, request), [Symbol.asyncDispose]: () => app.close() };
  },
};

const seen = async (response: Response): Promise<unknown> => ({ status: response.status, body: await response.json() });
const OK = { status: 200, body: { status: 'ok' } };

describe.each(Object.keys(MOUNTS))('mounted in %s', (name) => {
  const mount = MOUNTS[name] as Mount;

  verifies(
    ['sms-channel/webhook-route', 'sms-channel/webhook-ok', 'sms-channel/webhook-signature-url'],
    'a signed text is answered with ok and processed',
    async () => {
      const { handler, texts } = build();
      await using mounted = await mount(handler);
      expect(await seen(await mounted.call(signedRequest({ form: arrivingForm({ Body: 'Ahoj 🙂' }) })))).toEqual(OK);
      await handler.idle();
      expect(texts).toMatchObject([{ text: 'Ahoj 🙂', userKey: PERSON, channelId: 'sms_app_001' }]);
    },
  );

  verifies(['sms-channel/webhook-path-token'], 'a wrong path token is 404, before anything is read', async () => {
    const { handler, adapter, texts } = build();
    await using mounted = await mount(handler);
    for (const path of [
      '/webhook/wrong',
      '/webhook/',
      `/webhook/${PATH_TOKEN}/more`,
      `/webhook/${PATH_TOKEN}x`,
      `/webhook/x/status`,
    ]) {
      const response = await mounted.call(signedRequest({ url: PUBLIC_URL + path }));
      expect([path, response.status]).toEqual([path, 404]);
    }
    const huge = signedRequest({ url: `${PUBLIC_URL}/webhook/wrong`, form: { Body: 'x'.repeat(200_000) } });
    expect((await mounted.call(huge)).status).toBe(404);
    expect(adapter.getMetrics()).toMatchObject({ signatureFailures: 0, inboundCount: 0 });
    expect(texts).toEqual([]);
  });

  verifies(['sms-channel/webhook-signature-invalid'], 'a wrong or missing signature is 401', async () => {
    const { handler, texts } = build();
    await using mounted = await mount(handler);
    const refused = { status: 401, body: { detail: 'Invalid signature' } };
    expect(await seen(await mounted.call(signedRequest({ authToken: 'another' })))).toEqual(refused);
    const bare = signedRequest();
    bare.headers.delete('x-twilio-signature');
    expect(await seen(await mounted.call(bare))).toEqual(refused);
    await handler.idle();
    expect(texts).toEqual([]);
  });

  verifies(
    ['sms-channel/webhook-duplicate-ok'],
    'a copy and a text that is none are answered with ok and not processed',
    async () => {
      const { handler, texts } = build();
      await using mounted = await mount(handler);
      const form = arrivingForm();
      for (let count = 0; count < 3; count += 1)
        expect(await seen(await mounted.call(signedRequest({ form })))).toEqual(OK);
      expect(await seen(await mounted.call(signedRequest({ form: arrivingForm({ From: '' }) })))).toEqual(OK);
      await handler.idle();
      expect(texts).toHaveLength(1);
    },
  );

  test('other content types, other methods and long bodies are refused', async () => {
    const { handler } = build();
    await using mounted = await mount(handler);
    const json = signedRequest({ headers: { 'content-type': 'application/json' } });
    expect(await seen(await mounted.call(json))).toEqual({ status: 400, body: { detail: 'Invalid Content-Type' } });
    const charset = signedRequest({ headers: { 'content-type': 'Application/X-WWW-Form-Urlencoded; charset=utf-8' } });
    expect(await seen(await mounted.call(charset))).toEqual(OK);
    const long = signedRequest({ form: arrivingForm({ Body: 'x'.repeat(100_000) }) });
    expect((await mounted.call(long)).status).toBe(413);
    expect((await mounted.call(new Request(WEBHOOK_URL))).status).toBe(name === 'fastify' ? 404 : 405);
  });

  test('a store that fails is 503, and the next copy is taken', async () => {
    let broken = true;
    const kept: string[] = [];
    const { handler, texts } = build({
      commit: async ({ messageSid }) => {
        if (broken) throw new Error('the store is down');
        kept.push(messageSid);
      },
    });
    await using mounted = await mount(handler);
    const form = arrivingForm();
    expect(await seen(await mounted.call(signedRequest({ form })))).toEqual({
      status: 503,
      body: { detail: 'Try again later' },
    });
    expect(texts).toEqual([]);
    broken = false;
    expect(await seen(await mounted.call(signedRequest({ form })))).toEqual(OK);
    await handler.idle();
    expect(kept).toEqual([form.MessageSid]);
    expect(texts).toHaveLength(1);
  });

  verifies(
    ['sms-channel/simulator-signature'],
    'the simulator is taken with the right token and 401 with a wrong one',
    async () => {
      const { handler } = build();
      await using mounted = await mount(handler);
      const simulate = (authToken: string): Promise<Response> =>
        simulateTwilioWebhook({
          url: WEBHOOK_URL,
          fromNumber: PERSON,
          toNumber: OWN_NUMBER,
          body: 'Test message',
          authToken,
          fetch: (url, init) => mounted.call(new Request(url, init)),
        });
      expect((await simulate(AUTH_TOKEN)).status).toBe(200);
      expect((await simulate('wrong')).status).toBe(401);
    },
  );
});

test('the body of a request with a wrong path token stays unread', async () => {
  const request = signedRequest({ url: `${PUBLIC_URL}/webhook/wrong` });
  expect((await build().handler(request)).status).toBe(404);
  expect(request.bodyUsed).toBe(false);
});

test('a request the fetch standard cannot say is 400 in node:http and ends nothing', async () => {
  const { handler } = build();
  const server = createServer(toNodeHandler(handler));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const statusOf = (method: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const request = httpRequest({ port, host: '127.0.0.1', method, path: `/webhook/${PATH_TOKEN}` });
      request.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
      request.end();
    });
  expect([await statusOf('TRACE'), await statusOf('GET')]).toEqual([400, 405]);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('in Fastify the rest of the application keeps its own body parsers', async () => {
  const app = Fastify();
  await app.register(fastifyWebhook, { handler: build().handler });
  app.post('/other', async (request) => request.body);
  const response = await app.inject({ method: 'POST', url: '/other', payload: { a: 1 } });
  expect(response.json()).toEqual({ a: 1 });
  await app.close();
});

/** A promise that never settles: a service that hangs. */
const never = (): Promise<void> => new Promise(() => {});

verifies(
  ['sms-channel/webhook-background', 'sms-channel/pitfall-not-blocking'],
  'the answer does not wait for a processing that hangs; the text was stored before it',
  async () => {
    const events: string[] = [];
    const inbox = new MemoryInbox();
    const { handler } = build({
      inbox,
      commit: async () => void events.push('stored'),
      process: () => {
        events.push('processing');
        return never();
      },
    });
    const response = await handler(signedRequest({ form: arrivingForm({ MessageSid: 'SM_slow' }) }));
    events.push('answered');
    expect(await seen(response)).toEqual(OK);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(events).toEqual(['stored', 'answered', 'processing']);
    expect(await inbox.pending()).toMatchObject([{ messageSid: 'SM_slow' }]);
  },
);

test('what an earlier process left in the inbox is processed at start; what fails stays', async () => {
  const inbox = new MemoryInbox();
  const first = build({ inbox, process: never });
  for (const MessageSid of ['SM_left_1', 'SM_left_2'])
    await first.handler(signedRequest({ form: arrivingForm({ MessageSid }) }));

  const logger = keptLogs();
  const texts: string[] = [];
  const next = build({
    inbox,
    logger,
    process: async ({ messageSid }) => {
      if (messageSid === 'SM_left_1') throw new Error('not this one');
      texts.push(messageSid);
    },
  });
  expect(await next.handler.resume()).toBe(1);
  expect(texts).toEqual(['SM_left_2']);
  expect(logger.lines).toEqual(['error Processing SM_left_1 failed: not this one']);
  expect(await inbox.pending()).toMatchObject([{ messageSid: 'SM_left_1' }]);
});

test('a copy that comes after a restart is not processed beside the text in the inbox', async () => {
  const inbox = new MemoryInbox();
  const form = arrivingForm();
  await build({ inbox, process: never }).handler(signedRequest({ form }));
  const next = build({ inbox });
  expect((await next.handler(signedRequest({ form }))).status).toBe(200);
  await next.handler.idle();
  expect(next.texts).toEqual([]);
  expect(await next.handler.resume()).toBe(1);
  expect(next.texts).toHaveLength(1);
});

test('what failed is tried again, and what is being worked on is not begun twice', async () => {
  let begun = 0;
  let finish = (): void => {};
  const inbox = new MemoryInbox();
  const { handler } = build({
    inbox,
    process: () => {
      begun += 1;
      if (begun === 1) throw new Error('not now');
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    },
  });
  await handler(signedRequest());
  await handler.idle();
  const again = handler.resume();
  await new Promise((resolve) => setImmediate(resolve));
  expect(await handler.resume()).toBe(0);
  finish();
  expect(await again).toBe(1);
  expect(begun).toBe(2);
  expect(await inbox.pending()).toEqual([]);
});

test('a text whose commit failed is processed when its copy comes, also with an inbox', async () => {
  const failures = [new Error('the store is down')];
  const { handler, texts } = build({
    inbox: new MemoryInbox(),
    commit: async () => {
      const failure = failures.pop();
      if (failure) throw failure;
    },
  });
  const form = arrivingForm();
  expect((await handler(signedRequest({ form }))).status).toBe(503);
  expect((await handler(signedRequest({ form }))).status).toBe(200);
  await handler.idle();
  expect(texts).toHaveLength(1);
});

test('a store that hangs is 503 in time; the copy that comes when it is through is a duplicate', async () => {
  let release = (): void => {};
  const stored: string[] = [];
  const { handler } = build({
    answerTimeoutMs: 20,
    commit: ({ messageSid }) =>
      new Promise((resolve) => {
        release = () => {
          stored.push(messageSid);
          resolve();
        };
      }),
  });
  const form = arrivingForm();
  expect((await handler(signedRequest({ form }))).status).toBe(503);
  expect((await handler(signedRequest({ form }))).status).toBe(503);
  release();
  expect((await handler(signedRequest({ form }))).status).toBe(200);
  expect(stored).toEqual([form.MessageSid]);
});

test('a text another process has in hand is 503: that process may still fail', async () => {
  const dedupe = new MemoryDedupeStore();
  const adapter = new SmsAdapter({
    channelId: 'c',
    provider: new MockSmsProvider(),
    webhookAuthToken: AUTH_TOKEN,
    dedupe,
  });
  const { handler, texts } = build({ adapter });
  const form = arrivingForm();
  const elsewhere = await dedupe.claim(form.MessageSid ?? '');
  expect((await handler(signedRequest({ form }))).status).toBe(503);
  if (typeof elsewhere !== 'string') await elsewhere.release();
  expect((await handler(signedRequest({ form }))).status).toBe(200);
  await handler.idle();
  expect(texts).toHaveLength(1);
});

describe('a handler that could not be safe is not made', () => {
  test.each<[string, Partial<WebhookHandlerOptions>]>([
    ['a blank path token', { pathToken: ' ' }],
    ['a path token that does not fit into a URL', { pathToken: 'a/b' }],
    ['no public URL', { publicUrl: '/webhook' }],
    ['a public URL with a query', { publicUrl: 'https://example.com/?a=b' }],
    ['an adapter without auth token', { adapter: new SmsAdapter({ channelId: 'c', provider: new MockSmsProvider() }) }],
  ])('%s', (_, options) => {
    expect(() => build(options)).toThrow(RangeError);
  });
});

test.each([
  ['https://sms.example.com', 'https://sms.example.com:443'],
  ['https://sms.example.com:8443', 'https://sms.example.com'],
  ['http://[::1]:3001', 'http://[::1]'],
])('at %s a signature over %s is right too: Twilio writes the port or leaves it out', async (publicUrl, signedAs) => {
  const { handler, texts } = build({ publicUrl });
  for (const url of [publicUrl, signedAs].map((each) => `${each}/webhook/${PATH_TOKEN}`)) {
    const form = arrivingForm();
    const response = await handler(signedRequest({ form, headers: { 'x-twilio-signature': signatureOf(form, url) } }));
    expect([url, response.status]).toEqual([url, 200]);
  }
  await handler.idle();
  expect(texts).toHaveLength(2);
});
