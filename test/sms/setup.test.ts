import { readFileSync } from 'node:fs';
import {
  AuditStore,
  canLookUp,
  MessageBus,
  MessageType,
  MockSmsProvider,
  SmsAdapter,
  type SmsProvider,
  TelnyxSmsProvider,
  TwilioSmsProvider,
} from '@claude-companion/sms';
import { describe, expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import { AUTH_TOKEN, arrivingForm, OWN_NUMBER, outbound, PERSON, signatureOf, WEBHOOK_URL } from './texts.ts';

const accountSid = 'ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx';

verifies(['sms-channel/standalone'], 'the package needs no other package of the product', () => {
  const { dependencies } = JSON.parse(
    readFileSync(new URL('../../packages/sms/package.json', import.meta.url), 'utf8'),
  );
  expect(Object.keys(dependencies).sort()).toEqual(['cockatiel', 'libphonenumber-js', 'undici']);
});

verifies(
  ['sms-channel/setup-example', 'sms-channel/setup-provider', 'sms-channel/setup-adapter'],
  'the set-up of the guide',
  () => {
    const provider = new TwilioSmsProvider({
      accountSid: 'ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
      authToken: 'your_32_char_auth_token',
      fromNumber: '+15551234567',
    });
    const adapter = new SmsAdapter({
      channelId: 'sms_app_001',
      provider,
      auditStore: new AuditStore(),
      maxLength: 480,
      webhookAuthToken: 'your_32_char_auth_token',
    });
    expect(`SMS Adapter created: ${adapter.channelId}`).toBe('SMS Adapter created: sms_app_001');
    expect(adapter.provider).toBe(provider);
  },
);

verifies(['sms-channel/two-way'], 'one adapter sends a text and reads one', async () => {
  const provider = new MockSmsProvider();
  const adapter = new SmsAdapter({ channelId: 'c', provider, webhookAuthToken: AUTH_TOKEN });
  expect(await adapter.handleOutbound(outbound())).toMatchObject({ success: true });
  expect(provider.sentMessages).toHaveLength(1);
  expect(await adapter.parseInboundWebhook(arrivingForm({ Body: 'and back' }))).toMatchObject({ text: 'and back' });
});

verifies(['sms-channel/architecture-layers'], 'the adapter takes any provider, the bus any adapter', async () => {
  const written: string[] = [];
  const provider: SmsProvider = {
    name: 'letters',
    sendSms: async ({ messageText }) => ({
      success: true,
      messageSid: String(written.push(messageText)),
      segmentsCount: 1,
    }),
    validateConfig: () => ({ ok: true }),
    testConnection: async () => ({ ok: true }),
  };
  const bus = new MessageBus();
  bus.registerAdapter('letters', new SmsAdapter({ channelId: 'letters', provider }));
  bus.registerAdapter('smoke', {
    handleOutbound: async () => ({ success: true, messageSid: 'puff', segmentsCount: 1 }),
  });
  expect(await bus.sendOutbound(outbound({ channelId: 'letters', text: 'dear' }))).toMatchObject({ messageSid: '1' });
  expect(await bus.sendOutbound(outbound({ channelId: 'smoke' }))).toMatchObject({ messageSid: 'puff' });
  expect(written).toEqual(['dear']);
});

verifies(['sms-channel/bus-register'], 'an adapter is known under its channel id, once', async () => {
  const bus = new MessageBus();
  const adapter = new SmsAdapter({ channelId: 'sms_app_001', provider: new MockSmsProvider() });
  await expect(bus.sendOutbound(outbound())).rejects.toThrow('No adapter is registered for channel "sms_app_001"');
  bus.registerAdapter('sms_app_001', adapter);
  expect(bus.getAdapter('sms_app_001')).toBe(adapter);
  expect(await bus.sendOutbound(outbound())).toMatchObject({ success: true });
  expect(() => bus.registerAdapter('sms_app_001', adapter)).toThrow('already has an adapter');
});

describe('max length', () => {
  const long = 'a'.repeat(481);

  verifies(['sms-channel/setup-max-length'], 'a longer text is refused, or cut where that was asked for', async () => {
    const provider = new MockSmsProvider();
    const refusing = new SmsAdapter({ channelId: 'c', provider });
    expect(await refusing.handleOutbound(outbound({ text: long }))).toEqual({
      success: false,
      errorCode: 'TEXT_TOO_LONG',
      errorMessage: 'The text has 481 characters; at most 480 are sent. Shorten it.',
    });
    expect(provider.sentMessages).toEqual([]);
    expect(await refusing.handleOutbound(outbound({ text: 'a'.repeat(480) }))).toMatchObject({ success: true });

    const cutting = new SmsAdapter({ channelId: 'c', provider, whenTooLong: 'truncate', maxLength: 20 });
    const result = await cutting.handleOutbound(outbound({ text: 'A long text with 👨‍👩‍👧👨‍👩‍👧' }));
    expect(result).toMatchObject({ success: true, truncatedFrom: 27 });
    expect(provider.sentMessages.at(-1)?.text).toBe('A long text with ...');
  });

  test('what a person sees as one character is not cut', async () => {
    const provider = new MockSmsProvider();
    const adapter = new SmsAdapter({ channelId: 'c', provider, whenTooLong: 'truncate', maxLength: 6 });
    await adapter.handleOutbound(outbound({ text: 'ab👨‍👩‍👧cdef' }));
    expect(provider.sentMessages.at(-1)?.text).toBe('ab...');
    await adapter.handleOutbound(outbound({ text: 'abcdefghi' }));
    expect(provider.sentMessages.at(-1)?.text).toBe('abc...');
  });
});

describe('audit', () => {
  verifies(
    ['sms-channel/setup-audit-store'],
    'the store is given a record of each text, sent or not, and received',
    async () => {
      const auditStore = new AuditStore();
      const adapter = new SmsAdapter({ channelId: 'c', provider: new MockSmsProvider(), auditStore });
      await adapter.handleOutbound(outbound());
      await adapter.handleOutbound(outbound({ userKey: 'nobody' }));
      await adapter.parseInboundWebhook(arrivingForm({ MessageSid: 'SM_in' }));
      expect(auditStore.list()).toMatchObject([
        {
          direction: 'outbound',
          channelId: 'c',
          userKey: '+1***6543',
          outcome: 'sent',
          messageSid: 'SM_test_1',
          segmentsCount: 1,
        },
        { direction: 'outbound', channelId: 'c', userKey: '***', outcome: 'INVALID_E164' },
        { direction: 'inbound', channelId: 'c', userKey: '+1***6543', outcome: 'received', messageSid: 'SM_in' },
      ]);
    },
  );

  test('neither texts nor whole numbers are kept, unless that was asked for', async () => {
    const [careful, keeping] = [new AuditStore(), new AuditStore({ keepBodies: true, keepNumbers: true, limit: 1 })];
    for (const auditStore of [careful, keeping]) {
      const adapter = new SmsAdapter({ channelId: 'c', provider: new MockSmsProvider(), auditStore });
      await adapter.handleOutbound(outbound({ text: 'the first' }));
      await adapter.handleOutbound(outbound({ text: 'the second' }));
    }
    expect(JSON.stringify(careful.list())).not.toMatch(/the first|9876543/);
    expect(keeping.list()).toMatchObject([{ text: 'the second', userKey: PERSON }]);
  });

  test('a store that fails does not undo a text that was sent', async () => {
    const logged: string[] = [];
    const adapter = new SmsAdapter({
      channelId: 'c',
      provider: new MockSmsProvider(),
      auditStore: { record: () => Promise.reject(new Error('disk full')) },
      logger: { info: () => {}, warn: () => {}, error: (line) => logged.push(line) },
    });
    expect(await adapter.handleOutbound(outbound())).toMatchObject({ success: true });
    expect(logged).toEqual(['The audit store failed: disk full']);
  });
});

verifies(
  ['sms-channel/setup-webhook-auth-token'],
  'signatures are verified with the webhook auth token, and with both while it is replaced',
  () => {
    const provider = new MockSmsProvider();
    const form = arrivingForm();
    const verify = (webhookAuthToken: string | string[]): boolean =>
      new SmsAdapter({ channelId: 'c', provider, webhookAuthToken }).verifyTwilioSignature(
        WEBHOOK_URL,
        form,
        signatureOf(form),
      );
    expect(verify(AUTH_TOKEN)).toBe(true);
    expect(verify('another')).toBe(false);
    expect(verify(['the-new-one', AUTH_TOKEN])).toBe(true);
  },
);

describe('what a provider says of its settings', () => {
  const twilio = (more: object) =>
    new TwilioSmsProvider({
      accountSid: `AC${'0'.repeat(32)}`,
      authToken: AUTH_TOKEN,
      fromNumber: OWN_NUMBER,
      ...more,
    });

  verifies(['sms-channel/provider-interface'], 'a faulty setting is named', async () => {
    expect(twilio({}).validateConfig()).toEqual({ ok: true });
    expect(twilio({ fromNumber: `MG${'0'.repeat(32)}` }).validateConfig()).toEqual({ ok: true });
    expect(twilio({ accountSid }).validateConfig().error).toContain('accountSid must be "AC"');
    expect(twilio({ authToken: 'short' }).validateConfig().error).toContain('authToken must be');
    expect(twilio({ fromNumber: '555' }).validateConfig().error).toContain('fromNumber must be');
    expect(twilio({ baseUrl: 'http://example.com' }).validateConfig().error).toContain('must begin with https://');
    expect(twilio({ baseUrl: 'nonsense' }).validateConfig().error).toContain('is no URL');
    const telnyx = new TelnyxSmsProvider({ apiKey: 'KEY', fromNumber: '555' });
    expect(telnyx.validateConfig().error).toContain('fromNumber must be');
    for (const provider of [twilio({}), telnyx, new MockSmsProvider()]) {
      expect([provider.sendSms, provider.validateConfig, provider.testConnection].map((each) => typeof each)).toEqual(
        Array(3).fill('function'),
      );
    }
  });

  test('only a provider that can list its texts is asked for them', () => {
    expect(canLookUp(twilio({}))).toBe(true);
    expect(canLookUp(new MockSmsProvider())).toBe(false);
  });
});

describe('the mock provider', () => {
  verifies(
    ['sms-channel/mock-provider', 'sms-channel/mock-result', 'sms-channel/mock-send-parameters'],
    'keeps what it was given and counts',
    async () => {
      const provider = new MockSmsProvider();
      const first = await provider.sendSms({ toNumber: PERSON, messageText: 'one' });
      const second = await provider.sendSms({
        toNumber: PERSON,
        messageText: 'two',
        fromNumber: OWN_NUMBER,
        maxSegments: 1,
      });
      expect([first, second]).toEqual([
        { success: true, messageSid: 'SM_test_1', segmentsCount: 1 },
        { success: true, messageSid: 'SM_test_2', segmentsCount: 1 },
      ]);
      expect(provider.sentMessages).toEqual([
        { to: PERSON, text: 'one', from: undefined },
        { to: PERSON, text: 'two', from: OWN_NUMBER },
      ]);
    },
  );

  verifies(['sms-channel/mock-validate-config', 'sms-channel/mock-test-connection'], 'is always well', async () => {
    const provider = new MockSmsProvider();
    expect(provider.validateConfig()).toEqual({ ok: true });
    expect(await provider.testConnection()).toEqual({ ok: true });
    expect(await provider.testConnection(PERSON)).toEqual({ ok: true });
    expect(provider.sentMessages).toEqual([]);
  });

  verifies(
    ['sms-channel/mock-example', 'sms-channel/outbound-message', 'sms-channel/outbound-type-text'],
    'the example of the guide',
    async () => {
      const mockProvider = new MockSmsProvider();
      const adapter = new SmsAdapter({ channelId: 'test', provider: mockProvider, webhookAuthToken: 'test_token' });
      expect(MessageType.TEXT).toBe('text');
      await adapter.handleOutbound({
        channelId: 'sms_app_001',
        userKey: '+15559876543',
        conversationKey: '+15559876543',
        type: MessageType.TEXT,
        text: 'Hello from AgentOS!',
      });
      expect(mockProvider.sentMessages).toHaveLength(1);
      expect(mockProvider.sentMessages[0]?.to).toBe('+15559876543');
      expect(mockProvider.sentMessages[0]?.text).toBe('Hello from AgentOS!');
      const picture = { ...outbound(), type: 'picture' } as unknown as Parameters<typeof adapter.handleOutbound>[0];
      expect(await adapter.handleOutbound(picture)).toMatchObject({ errorCode: 'UNSUPPORTED_TYPE' });
    },
  );
});
