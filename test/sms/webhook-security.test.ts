import {
  createWebhookHandler,
  MemoryChannelConfigStore,
  MockSmsProvider,
  pathTokensOf,
  rotateWebhookToken,
  SmsAdapter,
  validateTwilioRequest,
  WebhookRefusal,
} from '@claude-companion/sms';
import { describe, expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import { AUTH_TOKEN, arrivingForm, keptLogs, movableClock, PUBLIC_URL, signedRequest, WEBHOOK_URL } from './texts.ts';

const adapterWith = (logger = keptLogs()): SmsAdapter =>
  new SmsAdapter({ channelId: 'sms_app_001', provider: new MockSmsProvider(), webhookAuthToken: AUTH_TOKEN, logger });

describe('rotateWebhookToken', () => {
  const storeWith = (): MemoryChannelConfigStore =>
    new MemoryChannelConfigStore({ sms_app_001: { webhookPathToken: 'the-first-token' } });

  verifies(
    ['sms-channel/rotate-token', 'sms-channel/rotate-token-returns'],
    'stores 32 new random bytes and returns both tokens',
    async () => {
      const configStore = storeWith();
      const { oldToken, newToken } = await rotateWebhookToken(adapterWith(), configStore);
      expect(oldToken).toBe('the-first-token');
      expect(newToken).toMatch(/^[\w-]{43}$/);
      expect(Buffer.from(newToken, 'base64url')).toHaveLength(32);
      expect((await configStore.getConfig('sms_app_001')).webhookPathToken).toBe(newToken);
      expect((await rotateWebhookToken(adapterWith(), configStore)).newToken).not.toBe(newToken);
    },
  );

  verifies(['sms-channel/rotate-token-log'], 'logs the rotation and neither token', async () => {
    const logger = keptLogs();
    await rotateWebhookToken(adapterWith(logger), storeWith());
    expect(logger.lines).toEqual(['info Rotated webhook token for channel: sms_app_001']);
  });

  verifies(
    ['sms-channel/rotate-token-effective'],
    'takes both paths during the transition and 404s the old one after it',
    async () => {
      const [configStore, clock, adapter] = [storeWith(), movableClock(), adapterWith()];
      const pathToken = pathTokensOf(configStore, 'sms_app_001');
      const handler = createWebhookHandler({
        adapter,
        publicUrl: PUBLIC_URL,
        pathToken,
        clock,
        process: async () => {},
      });
      const statusOf = async (token: string): Promise<number> =>
        (await handler(signedRequest({ url: `${PUBLIC_URL}/webhook/${token}` }))).status;
      expect(await statusOf('the-first-token')).toBe(200);
      const { newToken } = await rotateWebhookToken(adapter, configStore, { clock, transitionSeconds: 60 });
      expect([await statusOf('the-first-token'), await statusOf(newToken)]).toEqual([200, 200]);
      clock.advance(59_000);
      const { newToken: third } = await rotateWebhookToken(adapter, configStore, { clock, transitionSeconds: 60 });
      expect([await statusOf('the-first-token'), await statusOf(newToken), await statusOf(third)]).toEqual([
        200, 200, 200,
      ]);
      clock.advance(1_000);
      expect([await statusOf('the-first-token'), await statusOf(newToken), await statusOf(third)]).toEqual([
        404, 200, 200,
      ]);
      clock.advance(60_000);
      expect([await statusOf(newToken), await statusOf(third)]).toEqual([404, 200]);
    },
  );

  test('a store of tokens that fails is 503 and not an open door', async () => {
    const handler = createWebhookHandler({
      adapter: adapterWith(),
      publicUrl: PUBLIC_URL,
      pathToken: () => Promise.reject(new Error('down')),
      process: async () => {},
    });
    expect((await handler(signedRequest())).status).toBe(503);
  });

  test('a blank token in the store opens nothing', async () => {
    const handler = createWebhookHandler({
      adapter: adapterWith(),
      publicUrl: PUBLIC_URL,
      pathToken: async () => [{ token: '' }, { token: ' ' }],
      process: async () => {},
    });
    for (const token of ['', ' ', '%20']) {
      expect((await handler(signedRequest({ url: `${PUBLIC_URL}/webhook/${token}` }))).status).toBe(404);
    }
    expect(() => new MemoryChannelConfigStore({ c: { webhookPathToken: ' ' } })).toThrow(RangeError);
  });
});

describe('validateTwilioRequest', () => {
  const validate = (request: Request, logger = keptLogs()) =>
    validateTwilioRequest(request, adapterWith(), { url: WEBHOOK_URL, logger });

  verifies(['sms-channel/validate-returns-data'], 'returns the form data of a valid request', async () => {
    const form = arrivingForm({ Body: 'a=b&c' });
    expect(await validate(signedRequest({ form }))).toEqual(form);
  });

  verifies(['sms-channel/validate-content-type'], 'refuses another content type with 400', async () => {
    for (const type of [
      'application/json',
      'multipart/form-data',
      'text/plain',
      'application/x-www-form-urlencoded-not',
    ]) {
      const request = signedRequest({ headers: { 'content-type': type } });
      await expect(validate(request)).rejects.toEqual(new WebhookRefusal(400, 'Invalid Content-Type'));
      await expect(validate(request)).rejects.toMatchObject({ status: 400 });
    }
  });

  verifies(['sms-channel/validate-missing-signature'], 'refuses a missing signature with 401', async () => {
    for (const headers of [{ 'x-twilio-signature': '' }]) {
      await expect(validate(signedRequest({ headers }))).rejects.toMatchObject({
        status: 401,
        message: 'Missing signature',
      });
    }
    const bare = signedRequest();
    bare.headers.delete('x-twilio-signature');
    await expect(validate(bare)).rejects.toMatchObject({ status: 401, message: 'Missing signature' });
  });

  verifies(['sms-channel/validate-invalid-signature'], 'refuses a wrong signature with 401', async () => {
    const request = signedRequest({ authToken: 'another' });
    await expect(validate(request)).rejects.toMatchObject({ status: 401, message: 'Invalid signature' });
  });

  verifies(['sms-channel/validate-user-agent'], 'warns of an unexpected user agent and takes the request', async () => {
    const logger = keptLogs();
    await validate(signedRequest({ headers: { 'user-agent': 'curl/8' } }), logger);
    await validate(signedRequest({ headers: { 'user-agent': 'TwilioProxy/1.1' } }), logger);
    await validate(signedRequest({ headers: { 'user-agent': 'a\tb\u00e9' } }), logger);
    expect(logger.lines).toEqual(['warn Unexpected User-Agent: curl/8', 'warn Unexpected User-Agent: a?b?']);
  });
});
