import {
  createHttpPool,
  HttpFailure,
  type HttpRequest,
  SmsAdapter,
  TWILIO_ERRORS,
  TwilioSmsProvider,
  type TwilioSmsProviderOptions,
  twilioErrorAdvice,
} from '@claude-companion/sms';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import { TwilioEmulator } from '../world/twilio/emulator.ts';
import { type Fault, scriptedFaults } from '../world/twilio/faults.ts';
import { OWN_NUMBER, outbound, PERSON, rememberedSleep } from './texts.ts';

let carrier: TwilioEmulator;
const opened: TwilioSmsProvider[] = [];

beforeEach(async () => {
  carrier = await new TwilioEmulator().listen();
});

afterEach(async () => {
  await carrier[Symbol.asyncDispose]();
  await Promise.all(opened.splice(0).map((provider) => provider.close()));
});

function providerWith(options: Partial<TwilioSmsProviderOptions> = {}): TwilioSmsProvider {
  const { accountSid, authToken, baseUrl } = carrier;
  const provider = new TwilioSmsProvider({ accountSid, authToken, baseUrl, fromNumber: OWN_NUMBER, ...options });
  opened.push(provider);
  return provider;
}

function adapterWith(options: Partial<TwilioSmsProviderOptions> = {}): SmsAdapter {
  return new SmsAdapter({ channelId: 'sms_app_001', provider: providerWith(options) });
}

/** A carrier's answer made by hand, where the emulator has none like it. */
const answering = (status: number, body: unknown) => async () => ({ status, body: JSON.stringify(body) });

verifies(['sms-channel/outbound-send'], "a text goes to the recipient from the provider's number", async () => {
  await adapterWith().handleOutbound(outbound({ text: 'Žluť & 🙂 +1' }));
  expect(carrier.messages).toMatchObject([{ from: OWN_NUMBER, to: PERSON, body: 'Žluť & 🙂 +1' }]);
});

verifies(
  ['sms-channel/outbound-example', 'sms-channel/outbound-result-success', 'sms-channel/outbound-segments'],
  'a sent text has the id and the segments the carrier says',
  async () => {
    const result = await adapterWith().handleOutbound(outbound({ text: 'ž'.repeat(71) }));
    if (!result.success) throw new Error(result.errorMessage);
    expect(result.messageSid).toBe(carrier.messages[0]?.sid);
    expect(result.segmentsCount).toBe(2);
  },
);

verifies(['sms-channel/outbound-cost'], 'the price is there when the carrier said one in US dollars', async () => {
  const priceOf = async (price: string | null, price_unit: string): Promise<unknown> => {
    const http = answering(201, { sid: 'SM1', num_segments: '1', price, price_unit });
    const result = await adapterWith({ http }).handleOutbound(outbound());
    return result.success && result.cost;
  };
  expect(await priceOf('-0.00750', 'USD')).toBe(0.0075);
  expect(await priceOf('-0.00750', 'EUR')).toBeUndefined();
  expect(await priceOf(null, 'USD')).toBeUndefined();
});

test('a Messaging Service that has not counted yet does not make a text of no segments', async () => {
  const http = answering(201, { sid: 'SM1', num_segments: '0' });
  expect(await adapterWith({ http }).handleOutbound(outbound())).toMatchObject({ segmentsCount: 1 });
});

verifies(['sms-channel/outbound-result-failure'], 'a failure is a result, whatever the provider does', async () => {
  expect(await adapterWith().handleOutbound(outbound({ userKey: '+15005550003' }))).toEqual({
    success: false,
    errorCode: 'BLOCKED',
    errorMessage: TWILIO_ERRORS[21408].operator,
    providerCode: '21408',
    personMessage: TWILIO_ERRORS[21408].person,
  });
  const provider = providerWith();
  provider.sendSms = () => Promise.reject(new Error('boom'));
  const adapter = new SmsAdapter({ channelId: 'c', provider });
  expect(await adapter.handleOutbound(outbound())).toMatchObject({ errorCode: 'CARRIER_ERROR', ambiguous: true });
});

test('a failing opt-out list sends nothing, and does not hide that the carrier refused', async () => {
  const down = (): never => {
    throw new Error('down');
  };
  const unreadable = { isOptedOut: down, optOut: down, optIn: down };
  const unwritable = { ...unreadable, isOptedOut: () => false };
  const result = await new SmsAdapter({ channelId: 'c', provider: providerWith(), optOuts: unreadable }).handleOutbound(
    outbound(),
  );
  expect(result).toEqual({
    success: false,
    errorCode: 'STORE_ERROR',
    errorMessage: 'The opt-out list failed, and no text was sent: down',
  });
  const adapter = new SmsAdapter({ channelId: 'c', provider: providerWith(), optOuts: unwritable });
  expect(await adapter.handleOutbound(outbound({ userKey: '+15005550004' }))).toMatchObject({ errorCode: 'OPTED_OUT' });
  expect(carrier.messages).toEqual([]);
});

verifies(['sms-channel/error-code-invalid-e164'], 'no request is made for a recipient that is no number', async () => {
  for (const userKey of ['5559876543', '+1 555 987 6543', '', 'COMPANY', '+0123456']) {
    expect(await adapterWith().handleOutbound(outbound({ userKey }))).toMatchObject({ errorCode: 'INVALID_E164' });
    const direct = await providerWith().sendSms({ toNumber: userKey, messageText: 'x' });
    expect(direct).toMatchObject({ errorCode: 'INVALID_E164' });
  }
  expect(carrier.connections).toBe(0);
});

verifies(['sms-channel/error-code-invalid-to'], 'a recipient the carrier refuses is INVALID_TO', async () => {
  for (const userKey of ['+15005550001', '+15005550009']) {
    expect(await adapterWith().handleOutbound(outbound({ userKey }))).toMatchObject({ errorCode: 'INVALID_TO' });
  }
});

verifies(
  ['sms-channel/error-code-timeout'],
  'a carrier that does not answer in time is TIMEOUT, and may have the text',
  async () => {
    carrier.faults = scriptedFaults('hang_after');
    const result = await adapterWith({ timeoutMs: 100 }).handleOutbound(outbound());
    expect(result).toMatchObject({ success: false, errorCode: 'TIMEOUT', ambiguous: true });
    expect(carrier.messages).toHaveLength(1);
  },
);

verifies(
  ['sms-channel/error-code-connection', 'sms-channel/pool-retry'],
  'a carrier that cannot be reached is tried 3 times more, with growing waits',
  async () => {
    const { baseUrl } = carrier;
    await carrier[Symbol.asyncDispose]();
    const { waits, sleep } = rememberedSleep();
    const result = await adapterWith({ baseUrl, sleep }).handleOutbound(outbound());
    expect(result).toMatchObject({ success: false, errorCode: 'CONNECTION_ERROR' });
    expect(result).not.toHaveProperty('ambiguous');
    expect(waits).toEqual([1_000, 2_000, 4_000]);
  },
);

describe('a request that may have reached the carrier is not repeated', () => {
  test.each<[Fault, string]>([
    ['reset_after', 'CONNECTION_ERROR'],
    ['reset_before', 'CONNECTION_ERROR'],
    ['error_after', 'CARRIER_ERROR'],
    ['error_before', 'CARRIER_ERROR'],
    ['garbage_after', 'CARRIER_ERROR'],
  ])('%s is %s', async (fault, errorCode) => {
    carrier.faults = scriptedFaults(fault);
    const { waits, sleep } = rememberedSleep();
    const result = await adapterWith({ sleep }).handleOutbound(outbound());
    expect(result).toMatchObject({ success: false, errorCode, ambiguous: true });
    expect(carrier.sendRequests).toBe(1);
    expect(waits).toEqual([]);
  });
});

test('a redirect is not followed with our credentials', async () => {
  carrier.faults = scriptedFaults('redirect');
  expect(await adapterWith().handleOutbound(outbound())).toMatchObject({ errorCode: 'CONFIGURATION' });
});

test('credentials do not go over plain HTTP to another machine', async () => {
  let called = false;
  const http = async () => {
    called = true;
    return { status: 201, body: '{}' };
  };
  const result = await adapterWith({ baseUrl: 'http://api.example.com', http }).handleOutbound(outbound());
  expect(result).toMatchObject({ errorCode: 'CONFIGURATION' });
  expect(called).toBe(false);
});

verifies(['sms-channel/provider-max-segments'], 'a text of more segments than allowed is not sent', async () => {
  const provider = providerWith();
  const [three, four] = ['a'.repeat(3 * 153), 'a'.repeat(3 * 153 + 1)];
  expect(await provider.sendSms({ toNumber: PERSON, messageText: four })).toMatchObject({
    errorCode: 'TOO_MANY_SEGMENTS',
  });
  expect(carrier.sendRequests).toBe(0);
  expect(await provider.sendSms({ toNumber: PERSON, messageText: three })).toMatchObject({ segmentsCount: 3 });
  expect(await provider.sendSms({ toNumber: PERSON, messageText: four, maxSegments: 4 })).toMatchObject({
    segmentsCount: 4,
  });
});

describe('parameters', () => {
  test('validity and status callback go along; a service sends in place of a number', async () => {
    const service = `MG${'a'.repeat(32)}`;
    await adapterWith({ fromNumber: service, statusCallbackUrl: `${carrier.baseUrl}/default` }).handleOutbound(
      outbound({ validityPeriodSeconds: 299.9, statusCallbackUrl: `${carrier.baseUrl}/status?id=7` }),
    );
    expect(carrier.messages[0]).toMatchObject({
      messagingServiceSid: service,
      validityPeriod: 299,
      statusCallback: `${carrier.baseUrl}/status?id=7`,
    });
    await carrier.settled();
  });

  test('a validity longer than Twilio takes is its longest; one that is over is not sent', async () => {
    const adapter = adapterWith();
    await adapter.handleOutbound(outbound({ validityPeriodSeconds: 86_400 }));
    expect(carrier.messages[0]?.validityPeriod).toBe(36_000);
    expect(await adapter.handleOutbound(outbound({ validityPeriodSeconds: 0.5 }))).toMatchObject({
      errorCode: 'EXPIRED',
    });
    expect(carrier.messages).toHaveLength(1);
  });

  test('an empty text is not sent', async () => {
    expect(await adapterWith().handleOutbound(outbound({ text: ' \n' }))).toMatchObject({ errorCode: 'EMPTY_TEXT' });
  });
});

describe('the pool', () => {
  verifies(['sms-channel/pool-connections'], 'keeps its connection and uses it again, and has a bound', async () => {
    const adapter = adapterWith();
    for (let count = 0; count < 50; count += 1) await adapter.handleOutbound(outbound());
    const kept = carrier.connections;
    // A second one may be opened while the first is still being put back.
    expect(kept).toBeLessThanOrEqual(2);

    const http = createHttpPool({ connectionsPerHost: 3 });
    const bounded = adapterWith({ http });
    await Promise.all(Array.from({ length: 20 }, () => bounded.handleOutbound(outbound())));
    await http.close();
    expect(carrier.messages).toHaveLength(70);
    expect(carrier.connections).toBe(kept + 3);
  });

  verifies(['sms-channel/pool-own-client'], "the application's own client is used in its place", async () => {
    const requests: HttpRequest[] = [];
    const http = async (request: HttpRequest) => {
      requests.push(request);
      return { status: 201, body: JSON.stringify({ sid: 'SM_own', num_segments: '1' }) };
    };
    expect(await adapterWith({ http }).handleOutbound(outbound())).toMatchObject({ messageSid: 'SM_own' });
    expect(requests).toMatchObject([
      { method: 'POST', url: `${carrier.baseUrl}/2010-04-01/Accounts/${carrier.accountSid}/Messages.json` },
    ]);
    expect(carrier.connections).toBe(0);
  });

  test('an own client that knows the kinds of failure has its attempts to connect repeated', async () => {
    const { waits, sleep } = rememberedSleep();
    const failures = [new HttpFailure('unreachable', 'no route')];
    const http = async () => {
      const failure = failures.shift();
      if (failure) throw failure;
      return { status: 201, body: JSON.stringify({ sid: 'SM_second' }) };
    };
    expect(await adapterWith({ http, sleep }).handleOutbound(outbound())).toMatchObject({ messageSid: 'SM_second' });
    expect(waits).toEqual([1_000]);
  });
});

describe('testConnection', () => {
  test('asks the carrier, and sends a text where one is wanted', async () => {
    expect(await providerWith().testConnection()).toEqual({ ok: true });
    expect(carrier.messages).toEqual([]);
    expect(await providerWith().testConnection(PERSON)).toEqual({ ok: true });
    expect(carrier.sentTo(PERSON)).toHaveLength(1);
  });

  test('says what is wrong', async () => {
    const wrong = await providerWith({ authToken: '0'.repeat(32) }).testConnection();
    expect(wrong).toEqual({ ok: false, error: TWILIO_ERRORS[20003].operator });
    expect((await providerWith().testConnection('+15005550001')).error).toBe(TWILIO_ERRORS[21211].operator);
    const closed = await providerWith({ http: answering(200, { status: 'suspended' }) }).testConnection();
    expect(closed.error).toBe('The Twilio account is suspended, not active.');
  });
});

describe("Twilio's error codes", () => {
  const expected = [
    20429, 21211, 21408, 21608, 21610, 21611, 21614, 21635, 30001, 30003, 30004, 30005, 30006, 30007, 30008, 30034,
    30036, 60202, 60203, 60410, 90007,
  ];

  test.each(expected)('%i has advice', (code) => {
    expect(Object.keys(TWILIO_ERRORS)).toContain(String(code));
    const { operator, person } = twilioErrorAdvice(code);
    for (const sentence of [operator, person]) expect(sentence).toMatch(/^[A-Z].{10,}[.?]$/);
  });

  test('what may be sent again', () => {
    const again = Object.entries(TWILIO_ERRORS).filter(([, { retry }]) => retry !== 'no');
    expect(Object.fromEntries(again.map(([code, { retry }]) => [code, retry]))).toEqual({
      20429: 'back_off',
      21611: 'back_off',
      30001: 'back_off',
      30003: 'twice',
      30008: 'once',
    });
  });

  test('an unknown code is named and not sent again', () => {
    expect(twilioErrorAdvice(12345)).toMatchObject({
      errorCode: 'CARRIER_ERROR',
      retry: 'no',
      operator: expect.stringContaining('12345'),
    });
    expect(twilioErrorAdvice('constructor')).toMatchObject({ errorCode: 'CARRIER_ERROR' });
  });
});
