import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  createWebhookHandler,
  type HttpRequest,
  type HttpResponse,
  type InboundMessage,
  SmsAdapter,
  type StatusUpdate,
  TelnyxSmsProvider,
  telnyxDialect,
  verifyTelnyxSignature,
} from '@claude-companion/sms';
import { describe, expect, test } from 'vitest';
import { movableClock, OWN_NUMBER, outbound, PATH_TOKEN, PERSON, PUBLIC_URL, WEBHOOK_URL } from './texts.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const rawPublicKey = rawKey(publicKey);

function rawKey(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
}

function providerAnswering(status: number, body: unknown): { provider: TelnyxSmsProvider; requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  const http = async (request: HttpRequest): Promise<HttpResponse> => {
    requests.push(request);
    return { status, body: JSON.stringify(body) };
  };
  return { requests, provider: new TelnyxSmsProvider({ apiKey: 'KEY_test', fromNumber: OWN_NUMBER, http }) };
}

describe('sending', () => {
  test('posts the message and reads id, parts and cost', async () => {
    const { provider, requests } = providerAnswering(200, {
      data: { id: '40385f64-5717-4562-b3fc-2c963f66afa6', parts: 2, cost: { amount: '0.0080', currency: 'USD' } },
    });
    const result = await provider.sendSms({
      toNumber: PERSON,
      messageText: 'Hello',
      statusCallbackUrl: 'https://x.example/status',
    });
    expect(result).toEqual({
      success: true,
      messageSid: '40385f64-5717-4562-b3fc-2c963f66afa6',
      segmentsCount: 2,
      cost: 0.008,
    });
    expect(requests).toMatchObject([
      {
        method: 'POST',
        url: 'https://api.telnyx.com/v2/messages',
        headers: { authorization: 'Bearer KEY_test', 'content-type': 'application/json' },
      },
    ]);
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      from: OWN_NUMBER,
      to: PERSON,
      text: 'Hello',
      webhook_url: 'https://x.example/status',
    });
  });

  test.each([
    [
      400,
      { errors: [{ code: '40310', title: "Invalid 'to' address" }] },
      { errorCode: 'INVALID_TO', providerCode: '40310' },
    ],
    [400, { errors: [{ code: '40300', title: 'Blocked due to STOP message' }] }, { errorCode: 'OPTED_OUT' }],
    [401, { errors: [{ code: '10009', title: 'Authentication failed' }] }, { errorCode: 'CONFIGURATION' }],
    [401, 'nonsense', { errorCode: 'CONFIGURATION', providerCode: '10009' }],
    [429, {}, { errorCode: 'RATE_LIMITED' }],
    [422, { errors: [{ code: '99999' }] }, { errorCode: 'CARRIER_ERROR', providerCode: '99999' }],
    [503, {}, { errorCode: 'CARRIER_ERROR', ambiguous: true }],
    [200, {}, { errorCode: 'CARRIER_ERROR', ambiguous: true }],
    [302, {}, { errorCode: 'CONFIGURATION' }],
  ])('%i %j', async (status, body, failure) => {
    const { provider } = providerAnswering(status, body);
    expect(await provider.sendSms({ toNumber: PERSON, messageText: 'Hello' })).toMatchObject({
      success: false,
      ...failure,
    });
  });

  test('an opt-out is remembered by the adapter', async () => {
    const { provider, requests } = providerAnswering(400, { errors: [{ code: '40300' }] });
    const adapter = new SmsAdapter({ channelId: 'c', provider });
    for (let count = 0; count < 2; count += 1)
      expect(await adapter.handleOutbound(outbound())).toMatchObject({ errorCode: 'OPTED_OUT' });
    expect(requests).toHaveLength(1);
  });

  test('a number that is none and a text of too many segments make no request', async () => {
    const { provider, requests } = providerAnswering(200, {});
    expect(await provider.sendSms({ toNumber: '555', messageText: 'x' })).toMatchObject({ errorCode: 'INVALID_E164' });
    expect(await provider.sendSms({ toNumber: PERSON, messageText: 'x'.repeat(500) })).toMatchObject({
      errorCode: 'TOO_MANY_SEGMENTS',
    });
    expect(requests).toEqual([]);
  });

  test('testConnection asks for the account, and sends where a text is wanted', async () => {
    const { provider, requests } = providerAnswering(200, { data: { id: 'x', parts: 1 } });
    expect(await provider.testConnection()).toEqual({ ok: true });
    expect(requests.map(({ method }) => method)).toEqual(['GET']);
    expect(await provider.testConnection(PERSON)).toEqual({ ok: true });
    expect(requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'POST']);
    expect((await providerAnswering(401, {}).provider.testConnection()).error).toContain('refused the API key');
  });
});

describe('webhooks', () => {
  const clock = movableClock();

  function build() {
    const texts: InboundMessage[] = [];
    const updates: StatusUpdate[] = [];
    const adapter = new SmsAdapter({ channelId: 'c', provider: providerAnswering(200, {}).provider });
    const handler = createWebhookHandler({
      adapter,
      publicUrl: PUBLIC_URL,
      pathToken: PATH_TOKEN,
      dialect: telnyxDialect({ publicKey: rawPublicKey, clock }),
      commit: async (message) => void texts.push(message),
      onStatus: async (update) => void updates.push(update),
    });
    return { texts, updates, adapter, handler };
  }

  const received = (id: string) => ({
    data: {
      event_type: 'message.received',
      id: `event of ${id}`,
      payload: { id, from: { phone_number: PERSON }, to: [{ phone_number: OWN_NUMBER }], text: 'OK 7K3F', media: [] },
    },
  });

  function signed(
    event: unknown,
    { at = clock.now(), key = privateKey }: { at?: number; key?: KeyObject } = {},
  ): Request {
    const body = JSON.stringify(event);
    const timestamp = String(Math.floor(at / 1_000));
    const signature = sign(null, Buffer.from(`${timestamp}|${body}`), key).toString('base64');
    const headers = {
      'content-type': 'application/json',
      'telnyx-timestamp': timestamp,
      'telnyx-signature-ed25519': signature,
    };
    return new Request(WEBHOOK_URL, { method: 'POST', headers, body });
  }

  test('a signed text is read, once', async () => {
    const { handler, texts } = build();
    for (let count = 0; count < 2; count += 1) expect((await handler(signed(received('m-1')))).status).toBe(200);
    expect(texts).toMatchObject([{ messageSid: 'm-1', userKey: PERSON, to: OWN_NUMBER, text: 'OK 7K3F' }]);
  });

  test('a report moves the status forward and carries the meaning of its code', async () => {
    const { handler, updates, adapter } = build();
    const report = (event_type: string, status: string, errors: { code: string }[] = []) =>
      signed({ data: { event_type, payload: { id: 'm-2', to: [{ phone_number: PERSON, status }], errors } } });
    await handler(report('message.finalized', 'delivery_failed', [{ code: '40300' }]));
    await handler(report('message.sent', 'sent'));
    expect(updates).toMatchObject([
      { messageSid: 'm-2', status: 'undelivered', changed: true, advice: { errorCode: 'OPTED_OUT' } },
      { messageSid: 'm-2', status: 'undelivered', changed: false },
    ]);
    expect(await adapter.optOuts.isOptedOut(PERSON)).toBe(true);
  });

  test('another event is answered with ok and is nothing', async () => {
    const { handler, texts, updates } = build();
    expect((await handler(signed({ data: { event_type: 'call.initiated', payload: {} } }))).status).toBe(200);
    expect((await handler(signed('no object'))).status).toBe(200);
    expect([texts, updates]).toEqual([[], []]);
  });

  test('a forged, altered or old request is refused', async () => {
    const { handler, texts } = build();
    const other = generateKeyPairSync('ed25519').privateKey;
    const altered = signed(received('m-3'));
    const requests = [
      signed(received('m-3'), { key: other }),
      signed(received('m-3'), { at: clock.now() - 301_000 }),
      signed(received('m-3'), { at: clock.now() + 301_000 }),
      new Request(altered, { body: JSON.stringify(received('m-4')) }),
      new Request(WEBHOOK_URL, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }),
    ];
    for (const request of requests) expect((await handler(request)).status).toBe(401);
    expect((await handler(new Request(WEBHOOK_URL, { method: 'POST', body: 'a=b' }))).status).toBe(400);
    expect(texts).toEqual([]);
  });

  test('malformed parts are false and no error', () => {
    const request = {
      body: '{}',
      signature: 'AAAA',
      timestamp: '1',
      publicKey: rawPublicKey,
      clock: { now: () => 1_000 },
    };
    const parts = [
      {},
      { signature: '' },
      { timestamp: '' },
      { timestamp: '1e3' },
      { timestamp: '-1' },
      { publicKey: '' },
      { publicKey: 'é' },
    ];
    for (const part of parts) expect(verifyTelnyxSignature({ ...request, ...part })).toBe(false);
    expect(() => telnyxDialect({ publicKey: '' })).toThrow(RangeError);
  });
});
