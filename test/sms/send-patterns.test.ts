import {
  CircuitBreaker,
  CircuitOpenError,
  MockSmsProvider,
  reconcileSend,
  type SendResult,
  SmsAdapter,
  sendFailure,
  sendSmsWithFallback,
  sendSmsWithRetry,
  TwilioSmsProvider,
} from '@claude-companion/sms';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { verifies } from '../verifies.ts';
import { TwilioEmulator } from '../world/twilio/emulator.ts';
import { scriptedFaults } from '../world/twilio/faults.ts';
import { keptLogs, OWN_NUMBER, outbound, PERSON, rememberedSleep } from './texts.ts';

const timeout = sendFailure('TIMEOUT', 'The carrier did not answer.');
const atOnce = { settleMs: 0 };
const unreachable = sendFailure('CONNECTION_ERROR', 'The carrier cannot be reached.');

function mocked(...results: SendResult[]): { adapter: SmsAdapter; provider: MockSmsProvider } {
  const provider = new MockSmsProvider();
  provider.willAnswer(...results);
  return { provider, adapter: new SmsAdapter({ channelId: 'c', provider }) };
}

describe('sendSmsWithRetry', () => {
  const to = { toNumber: PERSON, text: 'Hello' };

  verifies(
    ['sms-channel/retry-success', 'sms-channel/retry-transient-codes', 'sms-channel/retry-backoff'],
    'tries again after TIMEOUT and CONNECTION_ERROR, waiting 1 s, 2 s, 4 s, and returns the first success',
    async () => {
      const { adapter, provider } = mocked(timeout, unreachable, timeout);
      const { waits, sleep } = rememberedSleep();
      expect(await sendSmsWithRetry(adapter, { ...to, maxRetries: 9, sleep })).toMatchObject({
        messageSid: 'SM_test_1',
      });
      expect(waits).toEqual([1_000, 2_000, 4_000]);
      expect(provider.sentMessages).toEqual([{ to: PERSON, text: 'Hello', from: undefined }]);
    },
  );

  verifies(
    ['sms-channel/retry-max', 'sms-channel/retry-exhausted'],
    'gives up after 3 attempts, and does not wait after the last',
    async () => {
      const { adapter } = mocked(...Array<SendResult>(9).fill(timeout));
      const { waits, sleep } = rememberedSleep();
      await expect(sendSmsWithRetry(adapter, { ...to, sleep })).rejects.toThrow(
        `SMS send failed: ${timeout.errorMessage}`,
      );
      expect(waits).toEqual([1_000, 2_000]);
      expect(adapter.getMetrics().errors).toBe(3);
      await expect(sendSmsWithRetry(adapter, { ...to, sleep, maxRetries: 0 })).rejects.toThrow('Max retries exceeded');
      expect(adapter.getMetrics().errors).toBe(3);
    },
  );

  verifies(['sms-channel/retry-permanent'], 'fails at once after any other error', async () => {
    for (const code of ['INVALID_TO', 'BLOCKED', 'RATE_LIMITED', 'CARRIER_ERROR'] as const) {
      const { adapter } = mocked(sendFailure(code, 'It is so.'));
      const { waits, sleep } = rememberedSleep();
      await expect(sendSmsWithRetry(adapter, { ...to, sleep })).rejects.toThrow('SMS send failed: It is so.');
      expect(waits).toEqual([]);
    }
  });
});

describe('an ambiguous send', () => {
  let carrier: TwilioEmulator;
  let provider: TwilioSmsProvider;

  beforeEach(async () => {
    carrier = await new TwilioEmulator().listen();
    const { accountSid, authToken, baseUrl } = carrier;
    provider = new TwilioSmsProvider({ accountSid, authToken, baseUrl, fromNumber: OWN_NUMBER, timeoutMs: 200 });
  });

  afterEach(async () => {
    await carrier[Symbol.asyncDispose]();
    await provider.close();
  });

  test.each(['hang_after', 'reset_after'] as const)(
    'after %s is found in the carrier’s list and not sent twice',
    async (fault) => {
      carrier.faults = scriptedFaults(fault);
      const adapter = new SmsAdapter({ channelId: 'c', provider });
      const { sleep } = rememberedSleep();
      const result = await sendSmsWithRetry(adapter, { toNumber: PERSON, text: 'Once', sleep });
      expect(result.messageSid).toBe(carrier.sentTo(PERSON)[0]?.sid);
      expect(carrier.sentTo(PERSON)).toHaveLength(1);
    },
  );

  test('that did not arrive is sent again', async () => {
    carrier.faults = scriptedFaults('reset_before');
    const adapter = new SmsAdapter({ channelId: 'c', provider });
    const { sleep } = rememberedSleep();
    await sendSmsWithRetry(adapter, { toNumber: PERSON, text: 'Once', sleep });
    expect(carrier.sentTo(PERSON)).toHaveLength(1);
    expect(carrier.sendRequests).toBe(2);
  });

  test('is not taken for an earlier text with the same words', async () => {
    const adapter = new SmsAdapter({ channelId: 'c', provider });
    await adapter.handleOutbound(outbound({ text: 'Deploy?' }));
    carrier.faults = scriptedFaults('reset_before');
    const { sleep } = rememberedSleep();
    await sendSmsWithRetry(adapter, { toNumber: PERSON, text: 'Deploy?', sleep });
    expect(carrier.sentTo(PERSON)).toHaveLength(2);
  });

  test('after a crash is found by its marker, in its window of time only', async () => {
    const before = new Date();
    await provider.sendSms({ toNumber: PERSON, messageText: 'Deploy? Reply OK 7K3F' });
    const sid = carrier.sentTo(PERSON)[0]?.sid ?? '';
    const send = { toNumber: PERSON, text: 'Deploy? Reply OK 7K3F', sentAfter: before };
    expect(await reconcileSend(provider, send, atOnce)).toMatchObject({ outcome: 'sent', result: { messageSid: sid } });
    expect(await reconcileSend(provider, { ...send, text: 'rewritten', marker: '7K3F' }, atOnce)).toMatchObject({
      outcome: 'sent',
    });
    const missing = [
      { ...send, text: 'Deploy? Reply OK 7K3G' },
      { ...send, toNumber: '+15550001111' },
      { ...send, otherSids: [sid] },
      { ...send, sentAfter: new Date(before.getTime() + 3_600_000) },
      { ...send, sentAfter: new Date(0), sentBefore: new Date(before.getTime() - 3_600_000) },
    ];
    for (const each of missing) expect(await reconcileSend(provider, each, atOnce)).toEqual({ outcome: 'not_sent' });
  });

  test('is found behind hundreds of newer texts', async () => {
    const before = new Date();
    for (let count = 0; count < 250; count += 1)
      await provider.sendSms({ toNumber: PERSON, messageText: `Text ${count}.` });
    const outcome = await reconcileSend(provider, { toNumber: PERSON, text: 'Text 0.', sentAfter: before });
    expect(outcome).toMatchObject({ outcome: 'sent', result: { messageSid: carrier.messages[0]?.sid } });
  });

  test('is not sent again while the carrier cannot be asked', async () => {
    const send = { toNumber: PERSON, text: 'Once', sentAfter: new Date() };
    const { sleep } = rememberedSleep();
    const { accountSid, baseUrl } = carrier;
    await carrier[Symbol.asyncDispose]();
    const gone = new TwilioSmsProvider({ accountSid, authToken: 'x', baseUrl, fromNumber: OWN_NUMBER, sleep });
    expect(await reconcileSend(gone, send)).toMatchObject({ outcome: 'unknown' });
    await gone.close();
  });

  test('is looked for a second time: the carrier may list it late', async () => {
    const send = { toNumber: PERSON, text: 'Late', sentAfter: new Date() };
    const waits: number[] = [];
    const sleep = async (milliseconds: number): Promise<void> => {
      waits.push(milliseconds);
      await provider.sendSms({ toNumber: PERSON, messageText: 'Late' });
    };
    expect(await reconcileSend(provider, send, { sleep })).toMatchObject({ outcome: 'sent' });
    expect(waits).toEqual([5_000]);
  });

  test('waits in the queue without a date of sending and is found all the same', async () => {
    await provider.sendSms({ toNumber: PERSON, messageText: 'Queued' });
    const [message] = carrier.sentTo(PERSON);
    if (message) Object.assign(message, { sentAt: null, status: 'queued' });
    const send = { toNumber: PERSON, text: 'Queued', sentAfter: new Date() };
    expect(await reconcileSend(provider, send, atOnce)).toMatchObject({
      outcome: 'sent',
      message: { status: 'queued' },
    });
  });
});

describe('sendSmsWithFallback', () => {
  const letters = (): { sent: string[]; sendMessage(message: { text: string }): Promise<SendResult> } => {
    const sent: string[] = [];
    return {
      sent,
      sendMessage: async ({ text }) => ({ success: true, messageSid: `letter ${sent.push(text)}`, segmentsCount: 1 }),
    };
  };

  verifies(['sms-channel/fallback-success'], 'returns the result of the text when it was sent', async () => {
    const fallbackChannel = letters();
    const result = await sendSmsWithFallback(mocked().adapter, outbound(), { fallbackChannel });
    expect(result).toMatchObject({ messageSid: 'SM_test_1' });
    expect(fallbackChannel.sent).toEqual([]);
  });

  verifies(['sms-channel/fallback-permanent'], 'tries nothing else for a recipient that is none', async () => {
    const fallbackChannel = letters();
    for (const code of ['INVALID_E164', 'INVALID_TO'] as const) {
      const { adapter } = mocked(sendFailure(code, 'No.'));
      await expect(sendSmsWithFallback(adapter, outbound(), { fallbackChannel })).rejects.toThrow(
        `Invalid recipient: ${PERSON}`,
      );
    }
    expect(fallbackChannel.sent).toEqual([]);
  });

  verifies(
    ['sms-channel/fallback-transient', 'sms-channel/fallback-warning'],
    'sends everything else through the other channel and says so',
    async () => {
      for (const code of ['TIMEOUT', 'CONNECTION_ERROR', 'OPTED_OUT', 'CARRIER_ERROR'] as const) {
        const [fallbackChannel, logger] = [letters(), keptLogs()];
        const { adapter } = mocked(sendFailure(code, 'It failed.'));
        const result = await sendSmsWithFallback(adapter, outbound(), { fallbackChannel, logger });
        expect(result).toMatchObject({ messageSid: 'letter 1' });
        expect(logger.lines).toEqual(['warn SMS failed, trying fallback: It failed.']);
      }
    },
  );

  verifies(['sms-channel/fallback-none'], 'fails without another channel', async () => {
    await expect(sendSmsWithFallback(mocked(timeout).adapter, outbound())).rejects.toThrow(
      `SMS send failed: ${timeout.errorMessage}`,
    );
  });
});

describe('CircuitBreaker', () => {
  const ok: SendResult = { success: true, messageSid: 'SM1', segmentsCount: 1 };
  const succeed = async (): Promise<SendResult> => ok;
  const fail = async (): Promise<SendResult> => timeout;
  const explode = async (): Promise<SendResult> => Promise.reject(new Error('boom'));

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  async function failTimes(breaker: CircuitBreaker, times: number): Promise<void> {
    for (let count = 0; count < times; count += 1) await breaker.call(fail);
  }

  verifies(['sms-channel/breaker-closed'], 'starts closed and passes calls and their arguments through', async () => {
    const { adapter, provider } = mocked();
    const breaker = new CircuitBreaker();
    expect(breaker.state).toBe('closed');
    const result = await breaker.call((message) => adapter.handleOutbound(message), outbound({ text: 'through' }));
    expect(result).toMatchObject({ success: true });
    expect(provider.sentMessages[0]?.text).toBe('through');
  });

  verifies(
    ['sms-channel/breaker-opens', 'sms-channel/breaker-open'],
    'the fifth failure in a row opens it; then nothing is called',
    async () => {
      const breaker = new CircuitBreaker();
      await failTimes(breaker, 4);
      expect(breaker.state).toBe('closed');
      await failTimes(breaker, 1);
      expect(breaker.state).toBe('open');
      const called = vi.fn(succeed);
      await expect(breaker.call(called)).rejects.toThrow(new CircuitOpenError());
      await expect(breaker.call(called)).rejects.toThrow('Circuit breaker is open');
      expect(called).not.toHaveBeenCalled();
    },
  );

  verifies(['sms-channel/breaker-counts'], 'an exception counts as a failure and is raised on', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 2 });
    await expect(breaker.call(explode)).rejects.toThrow('boom');
    await breaker.call(fail);
    expect(breaker.state).toBe('open');
  });

  verifies(['sms-channel/breaker-resets'], 'a success sets the count back', async () => {
    const breaker = new CircuitBreaker();
    await failTimes(breaker, 4);
    await breaker.call(succeed);
    await failTimes(breaker, 4);
    expect(breaker.state).toBe('closed');
  });

  verifies(
    ['sms-channel/breaker-half-open', 'sms-channel/breaker-half-open-success'],
    'after 60 s one call is let through; its success closes it',
    async () => {
      const breaker = new CircuitBreaker();
      await failTimes(breaker, 5);
      vi.setSystemTime(Date.now() + 59_000);
      await expect(breaker.call(succeed)).rejects.toThrow(CircuitOpenError);
      vi.setSystemTime(Date.now() + 2_000);
      let during: string | undefined;
      await breaker.call(async () => {
        during = breaker.state;
        return ok;
      });
      expect(during).toBe('half_open');
      expect(breaker.state).toBe('closed');
    },
  );

  verifies(['sms-channel/breaker-half-open-failure'], 'its failure opens it for another timeout', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 1, timeout: 10 });
    await failTimes(breaker, 1);
    vi.setSystemTime(Date.now() + 11_000);
    await breaker.call(fail);
    expect(breaker.state).toBe('open');
    vi.setSystemTime(Date.now() + 9_000);
    await expect(breaker.call(succeed)).rejects.toThrow(CircuitOpenError);
    vi.setSystemTime(Date.now() + 2_000);
    await breaker.call(succeed);
    expect(breaker.state).toBe('closed');
  });
});
