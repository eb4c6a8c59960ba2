/** Ways in which tools like this one have been broken. Each test is named for the incident it keeps from happening here. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  computeTwilioSignature,
  createWebhookHandler,
  type InboundMessage,
  MemoryDedupeStore,
  MockSmsProvider,
  SmsAdapter,
  samePhoneNumber,
  TelnyxSmsProvider,
  TwilioSmsProvider,
  toNodeHandler,
  verifyTwilioSignature,
  type WebhookHandlerOptions,
} from '@claude-companion/sms';
import twilio from 'twilio';
import { describe, expect, test } from 'vitest';
import {
  AUTH_TOKEN,
  arrivingForm,
  keptLogs,
  OWN_NUMBER,
  outbound,
  PATH_TOKEN,
  PERSON,
  PUBLIC_URL,
  signedRequest,
  WEBHOOK_URL,
} from './texts.ts';

function build(options: Partial<WebhookHandlerOptions> = {}, dedupe = new MemoryDedupeStore()) {
  const texts: InboundMessage[] = [];
  const logger = keptLogs();
  const adapter = new SmsAdapter({
    channelId: 'c',
    provider: new MockSmsProvider(),
    webhookAuthToken: AUTH_TOKEN,
    dedupe,
    logger,
  });
  const commit = async (message: InboundMessage): Promise<void> => void texts.push(message);
  return {
    texts,
    adapter,
    logger,
    handler: createWebhookHandler({ adapter, publicUrl: PUBLIC_URL, pathToken: PATH_TOKEN, commit, ...options }),
  };
}

test('CVE-2026-28465: forwarded headers do not choose the URL that is signed', async () => {
  const { handler, texts } = build();
  const stolen = `https://attacker.example/webhook/${PATH_TOKEN}`;
  const form = arrivingForm();
  const headers = {
    host: 'attacker.example',
    'x-forwarded-host': 'attacker.example',
    'x-forwarded-proto': 'https',
    'x-original-url': stolen,
    forwarded: 'host=attacker.example;proto=https',
  };
  for (const calledUrl of [WEBHOOK_URL, stolen]) {
    expect((await handler(signedRequest({ form, url: stolen, calledUrl, headers }))).status).toBe(401);
  }
  expect(texts).toEqual([]);
  // Behind a proxy the request arrives under an inner address; the configured one is what was signed.
  const inner = `http://10.0.0.7:3001/webhook/${PATH_TOKEN}`;
  expect((await handler(signedRequest({ form, url: WEBHOOK_URL, calledUrl: inner, headers }))).status).toBe(200);
});

test('CVE-2026-32053: a replayed request is known by the carrier’s id, whatever else in it changes', async () => {
  const { handler, texts } = build();
  const form = arrivingForm({ MessageSid: 'SM_replayed' });
  for (let count = 0; count < 5; count += 1) {
    const headers = { 'i-twilio-idempotency-token': `fresh-${count}`, 'x-request-id': `${count}` };
    expect((await handler(signedRequest({ form, headers }))).status).toBe(200);
  }
  expect(texts).toHaveLength(1);
});

test('CVE-2026-28449: replay state that is kept outlives the process', async () => {
  const shared = new MemoryDedupeStore();
  const form = arrivingForm();
  const [before, after] = [build({}, shared), build({}, shared)];
  await before.handler(signedRequest({ form }));
  expect((await after.handler(signedRequest({ form }))).status).toBe(200);
  expect([before.texts.length, after.texts.length]).toEqual([1, 0]);
});

test('CVE-2026-29613, CVE-2026-26316: a request from the loopback needs a signature like any other', async () => {
  const { handler, texts } = build();
  const server = createServer(toNodeHandler(handler));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/webhook/${PATH_TOKEN}`, {
    method: 'POST',
    headers: { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' },
    body: new URLSearchParams(arrivingForm()),
  });
  expect(response.status).toBe(401);
  expect(texts).toEqual([]);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('CVE-2026-44109: a blank secret opens nothing', () => {
  test('Twilio’s own validator takes a signature made with an empty token', () => {
    const form = arrivingForm();
    const signature = twilio.getExpectedTwilioSignature('', WEBHOOK_URL, form);
    expect(twilio.validateRequest('', signature, WEBHOOK_URL, form)).toBe(true);
    expect(verifyTwilioSignature({ url: WEBHOOK_URL, postData: form, signature, authToken: '' })).toBe(false);
  });

  test.each(['', ' ', '\n'])('nothing is made with %j', (blank) => {
    const provider = new MockSmsProvider();
    expect(() => new SmsAdapter({ channelId: 'c', provider, webhookAuthToken: blank })).toThrow(RangeError);
    expect(() => new SmsAdapter({ channelId: 'c', provider, webhookAuthToken: [AUTH_TOKEN, blank] })).toThrow(
      RangeError,
    );
    expect(() => new TwilioSmsProvider({ accountSid: 'AC', authToken: blank, fromNumber: OWN_NUMBER })).toThrow(
      RangeError,
    );
    expect(() => new TelnyxSmsProvider({ apiKey: blank, fromNumber: OWN_NUMBER })).toThrow(RangeError);
    expect(() => build({ pathToken: blank })).toThrow(RangeError);
    expect(() => computeTwilioSignature(WEBHOOK_URL, {}, blank)).toThrow(RangeError);
  });

  test('an adapter without a token verifies nothing', () => {
    const adapter = new SmsAdapter({ channelId: 'c', provider: new MockSmsProvider() });
    const form = arrivingForm();
    for (const token of ['', 'undefined', 'null']) {
      const signature = twilio.getExpectedTwilioSignature(token, WEBHOOK_URL, form);
      expect(adapter.verifyTwilioSignature(WEBHOOK_URL, form, signature)).toBe(false);
    }
  });
});

test('GHSA-4rj2-gpmh-qq5x: senders are equal in every digit or not at all, and an empty sender is nobody', async () => {
  expect(samePhoneNumber('+15559876543', '+445559876543')).toBe(false);
  expect(samePhoneNumber('+15559876543', '5559876543')).toBe(false);
  expect(samePhoneNumber('', '')).toBe(false);
  const { handler, texts } = build();
  for (const From of ['', '+', 'anonymous', '266696687', '+266696687anonymous']) {
    expect((await handler(signedRequest({ form: arrivingForm({ From }) }))).status).toBe(200);
  }
  const { From: _, ...withoutSender } = arrivingForm();
  await handler(signedRequest({ form: withoutSender }));
  expect(texts).toEqual([]);
});

test('CVE-2026-32896, CVE-2026-28454: there is no way in without a signature, however secret the path', async () => {
  const { handler, texts } = build();
  const bare = new Request(WEBHOOK_URL, { method: 'POST', body: new URLSearchParams(arrivingForm()) });
  expect((await handler(bare)).status).toBe(401);
  expect(texts).toEqual([]);
});

test('nothing else a request carries stands in for the signature', async () => {
  const { handler, texts } = build();
  const form = new URLSearchParams(arrivingForm());
  const claims = [
    { authorization: `Bearer ${AUTH_TOKEN}` },
    { authorization: `Basic ${Buffer.from(`AC:${AUTH_TOKEN}`).toString('base64')}` },
    { 'x-twilio-signature': AUTH_TOKEN },
    { cookie: `token=${AUTH_TOKEN}` },
  ];
  for (const headers of claims) {
    const request = new Request(`${WEBHOOK_URL}?token=${AUTH_TOKEN}`, {
      method: 'POST',
      headers: Object.entries(headers),
      body: form,
    });
    expect((await handler(request)).status).toBe(401);
  }
  expect(texts).toEqual([]);
});

test('CVE-2026-28478, CVE-2026-32980: a body without end is not buffered, and none is read behind a wrong path', async () => {
  const { handler } = build();
  let given = 0;
  const endless = (): ReadableStream<Uint8Array> =>
    new ReadableStream({
      pull(controller) {
        given += 1;
        controller.enqueue(new Uint8Array(16_384).fill(97));
      },
    });
  const post = (url: string): Request => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': 'x' };
    return new Request(url, { method: 'POST', headers, body: endless(), duplex: 'half' });
  };
  expect((await handler(post(WEBHOOK_URL))).status).toBe(413);
  expect(given).toBeLessThan(10);
  given = 0;
  expect((await handler(post(`${PUBLIC_URL}/webhook/wrong`))).status).toBe(404);
  // A stream fills its own queue of one chunk; nobody took it.
  expect(given).toBeLessThanOrEqual(1);
});

test('CVE-2026-45005: a path token that was taken back is wrong with the next request', async () => {
  let tokens = [{ token: PATH_TOKEN }];
  const { handler } = build({ pathToken: async () => tokens });
  expect((await handler(signedRequest())).status).toBe(200);
  tokens = [{ token: 'another' }];
  expect((await handler(signedRequest())).status).toBe(404);
});

test('a text acknowledged before it was stored is lost; here a store that fails is 503 and marks nothing', async () => {
  const seen: string[] = [];
  let failures = 2;
  const { handler } = build({
    commit: async ({ messageSid }) => {
      failures -= 1;
      if (failures >= 0) throw new Error('no database');
      seen.push(messageSid);
    },
  });
  const form = arrivingForm();
  const statuses: number[] = [];
  for (let count = 0; count < 4; count += 1) statuses.push((await handler(signedRequest({ form }))).status);
  expect(statuses).toEqual([503, 503, 200, 200]);
  expect(seen).toEqual([form.MessageSid]);
});

test('a person who texted STOP gets no more texts, and their word reaches no agent', async () => {
  const { handler, texts, adapter } = build();
  await handler(signedRequest({ form: arrivingForm({ Body: ' stop ' }) }));
  expect(texts).toMatchObject([{ keyword: 'opt_out' }]);
  expect(await adapter.handleOutbound(outbound())).toMatchObject({ errorCode: 'OPTED_OUT' });
  await handler(signedRequest({ form: arrivingForm({ Body: 'START' }) }));
  expect(await adapter.handleOutbound(outbound())).toMatchObject({ success: true });
});

test('21610 from the carrier marks the person as opted out: the next text makes no request', async () => {
  let requests = 0;
  const http = async () => {
    requests += 1;
    return { status: 400, body: JSON.stringify({ code: 21610, message: 'unsubscribed' }) };
  };
  const provider = new TwilioSmsProvider({ accountSid: 'AC', authToken: AUTH_TOKEN, fromNumber: OWN_NUMBER, http });
  const adapter = new SmsAdapter({ channelId: 'c', provider });
  expect(await adapter.handleOutbound(outbound())).toMatchObject({ errorCode: 'OPTED_OUT', providerCode: '21610' });
  expect(await adapter.handleOutbound(outbound())).toMatchObject({ errorCode: 'OPTED_OUT' });
  expect(requests).toBe(1);
});

test('parameter names that objects inherit are parameters and nothing else', async () => {
  const { handler, texts } = build();
  const form = new URLSearchParams({ ...arrivingForm(), constructor: 'x' });
  form.append('__proto__', 'polluted');
  const postData = Object.fromEntries(form);
  const headers = {
    'x-twilio-signature': computeTwilioSignature(WEBHOOK_URL, postData, AUTH_TOKEN),
    'content-type': 'application/x-www-form-urlencoded',
  };
  expect((await handler(new Request(WEBHOOK_URL, { method: 'POST', headers, body: form.toString() }))).status).toBe(
    200,
  );
  expect(texts).toHaveLength(1);
  expect({}).not.toHaveProperty('polluted');
});

test('neither texts nor whole numbers nor secrets are logged, also when everything fails', async () => {
  const { handler, logger } = build({ commit: () => Promise.reject(new Error('no database')) });
  await handler(signedRequest({ form: arrivingForm({ Body: 'my secret plan' }), headers: { 'user-agent': 'odd' } }));
  await handler(signedRequest({ authToken: 'wrong' }));
  const log = logger.lines.join('\n');
  expect(log).toContain('A webhook was not handled: no database');
  for (const secret of ['my secret plan', PERSON, AUTH_TOKEN, PATH_TOKEN]) expect(log).not.toContain(secret);
});
