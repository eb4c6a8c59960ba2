import {
  exportMetrics,
  handleSmsCommands,
  type InboundMessage,
  MessageBus,
  type Middleware,
  MockSmsProvider,
  type OutboundMessage,
  type ProcessingContext,
  ProcessingStatus,
  prometheusMetrics,
  SmsAdapter,
  SmsRateLimitMiddleware,
} from '@claude-companion/sms';
import { describe, expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import {
  AUTH_TOKEN,
  arrivingForm,
  inbound,
  movableClock,
  outbound,
  PERSON,
  signatureOf,
  WEBHOOK_URL,
} from './texts.ts';

/** Notes what it sees; rejects where it was told to. */
class Noting implements Middleware {
  readonly #name: string;
  readonly #notes: string[];
  readonly #rejects: string | undefined;

  constructor(name: string, notes: string[], rejects?: string) {
    this.#name = name;
    this.#notes = notes;
    this.#rejects = rejects;
  }

  async processInbound(_message: InboundMessage, context: ProcessingContext): Promise<ProcessingContext> {
    return this.#note('in', context);
  }

  async processOutbound(_message: OutboundMessage, context: ProcessingContext): Promise<ProcessingContext> {
    return this.#note('out', context);
  }

  #note(way: string, context: ProcessingContext): ProcessingContext {
    this.#notes.push(`${this.#name} ${way}`);
    if (this.#rejects === way) {
      context.status = ProcessingStatus.REJECT;
      context.error = `${this.#name} says no`;
    }
    return context;
  }
}

function busWith(...middleware: Middleware[]): {
  bus: MessageBus;
  provider: MockSmsProvider;
  adapter: SmsAdapter;
  handled: InboundMessage[];
} {
  const provider = new MockSmsProvider();
  const adapter = new SmsAdapter({ channelId: 'sms_app_001', provider });
  const bus = new MessageBus();
  const handled: InboundMessage[] = [];
  bus.registerAdapter('sms_app_001', adapter);
  for (const each of middleware) bus.addMiddleware(each);
  bus.addInboundHandler((message) => void handled.push(message));
  return { bus, provider, adapter, handled };
}

verifies(
  ['sms-channel/middleware-interface', 'sms-channel/middleware-add'],
  'middleware sees every message, in both directions, in the order it was added',
  async () => {
    const notes: string[] = [];
    const { bus, provider } = busWith(new Noting('first', notes), new Noting('second', notes));
    await bus.processInbound(inbound());
    await bus.sendOutbound(outbound());
    expect(notes).toEqual(['first in', 'second in', 'first out', 'second out']);
    expect(provider.sentMessages).toHaveLength(1);
  },
);

verifies(
  ['sms-channel/middleware-reject', 'sms-channel/webhook-status-rejected'],
  'a rejected message goes to no further middleware, no handler and no carrier',
  async () => {
    const notes: string[] = [];
    const incoming = busWith(new Noting('guard', notes, 'in'), new Noting('after', notes));
    expect(await incoming.bus.processInbound(inbound())).toMatchObject({ status: 'reject', error: 'guard says no' });
    expect(incoming.handled).toEqual([]);
    const outgoing = busWith(new Noting('guard', notes, 'out'));
    expect(await outgoing.bus.sendOutbound(outbound())).toMatchObject({
      errorCode: 'REJECTED',
      errorMessage: 'guard says no',
    });
    expect(outgoing.provider.sentMessages).toEqual([]);
    expect(notes).toEqual(['guard in', 'guard out']);
  },
);

verifies(
  ['sms-channel/handler-add', 'sms-channel/handler-fields', 'sms-channel/webhook-process-inbound'],
  'a message that passed goes to every handler, with its fields, and the status is continue',
  async () => {
    const { bus, handled } = busWith(new Noting('through', []));
    const seen: InboundMessage[] = [];
    bus.addInboundHandler(async (message) => void seen.push(message));
    const message = inbound({ text: 'Hello there' });
    const context = await bus.processInbound(message);
    expect(context.status).toBe('continue');
    expect(handled).toEqual([message]);
    expect(seen[0]).toMatchObject({
      channelId: 'sms_app_001',
      userKey: PERSON,
      conversationKey: PERSON,
      text: 'Hello there',
    });
  },
);

verifies(['sms-channel/webhook-reply'], 'a reply goes to the sender of the text', async () => {
  const { bus, adapter, provider } = busWith();
  bus.addInboundHandler(async ({ channelId, userKey, conversationKey, type, text }) => {
    await adapter.handleOutbound({ channelId, userKey, conversationKey, type, text: `You said ${text}` });
  });
  await bus.processInbound(inbound({ userKey: '+15550001111', conversationKey: '+15550001111', text: 'hi' }));
  expect(provider.sentMessages).toEqual([{ to: '+15550001111', text: 'You said hi', from: undefined }]);
});

test('what a handler throws is thrown on: the message is not taken for handled', async () => {
  const { bus } = busWith();
  bus.addInboundHandler(() => Promise.reject(new Error('the store is down')));
  await expect(bus.processInbound(inbound())).rejects.toThrow('the store is down');
});

test("the carrier's words reach no inbound handler, and the application is told of them", async () => {
  const { bus, handled } = busWith();
  const told: unknown[] = [];
  bus.addKeywordHandler((message) => void told.push(message.keyword));
  const context = await bus.processInbound(inbound({ text: 'STOP', keyword: 'opt_out' }));
  expect(context).toMatchObject({ status: 'reject', error: 'The carrier answers this: opt_out' });
  expect(handled).toEqual([]);
  expect(told).toEqual(['opt_out']);
});

describe('rate limit', () => {
  const send = async (bus: MessageBus, times: number, userKey = PERSON): Promise<(string | undefined)[]> => {
    const errors: (string | undefined)[] = [];
    for (let count = 0; count < times; count += 1) errors.push((await bus.processInbound(inbound({ userKey }))).error);
    return errors;
  };
  const passed = (count: number): undefined[] => Array(count).fill(undefined);

  verifies(
    ['sms-channel/rate-limit-default', 'sms-channel/rate-limit-reject', 'sms-channel/rate-limit-per-user'],
    'ten texts of one sender pass in a minute, and the next is rejected',
    async () => {
      const { bus, handled } = busWith(new SmsRateLimitMiddleware({ clock: movableClock() }));
      expect(await send(bus, 11)).toEqual([...passed(10), 'Rate limit exceeded: 10/min']);
      expect(await send(bus, 1, '+15550001111')).toEqual(passed(1));
      expect(handled).toHaveLength(11);
    },
  );

  verifies(
    ['sms-channel/rate-limit-window', 'sms-channel/rate-limit-rejected-not-counted'],
    'texts older than a minute do not count, and rejected ones never do',
    async () => {
      const clock = movableClock();
      const { bus } = busWith(new SmsRateLimitMiddleware({ maxPerMinute: 2, clock }));
      expect(await send(bus, 1)).toEqual(passed(1));
      clock.advance(30_000);
      expect(await send(bus, 5)).toEqual([undefined, ...Array(4).fill('Rate limit exceeded: 2/min')]);
      clock.advance(30_000);
      expect(await send(bus, 2)).toEqual([undefined, 'Rate limit exceeded: 2/min']);
      clock.advance(60_000);
      expect(await send(bus, 2)).toEqual(passed(2));
    },
  );

  verifies(['sms-channel/rate-limit-outbound'], 'replies are not limited', async () => {
    const { bus, provider } = busWith(new SmsRateLimitMiddleware({ maxPerMinute: 1, clock: movableClock() }));
    for (let count = 0; count < 5; count += 1) await bus.sendOutbound(outbound());
    expect(provider.sentMessages).toHaveLength(5);
  });
});

describe('commands', () => {
  function commanded(): { bus: MessageBus; provider: MockSmsProvider; forwarded: string[] } {
    const { bus, provider, adapter } = busWith();
    const forwarded: string[] = [];
    bus.addInboundHandler(handleSmsCommands({ adapter, forward: ({ text }) => void forwarded.push(text) }));
    return { bus, provider, forwarded };
  }

  verifies(['sms-channel/handler-help', 'sms-channel/handler-status'], 'are answered', async () => {
    const { bus, provider, forwarded } = commanded();
    await bus.processInbound(inbound({ text: '/help' }));
    await bus.processInbound(inbound({ text: '/status' }));
    expect(provider.sentMessages).toEqual([
      { to: PERSON, text: 'Available commands:\n/help - Show this help\n/status - Check status', from: undefined },
      { to: PERSON, text: 'Status: All systems operational', from: undefined },
    ]);
    expect(forwarded).toEqual([]);
  });

  verifies(['sms-channel/handler-normalised'], 'are known in any letter case and with space around them', async () => {
    const { bus, provider } = commanded();
    for (const text of [' /HELP ', '/Help\n', '\t/StAtUs']) await bus.processInbound(inbound({ text }));
    expect(provider.sentMessages).toHaveLength(3);
  });

  verifies(['sms-channel/handler-other-text'], 'and all other text is forwarded without an answer', async () => {
    const { bus, provider, forwarded } = commanded();
    for (const text of ['Hello', '/helpme', 'constructor']) await bus.processInbound(inbound({ text }));
    expect(forwarded).toEqual(['Hello', '/helpme', 'constructor']);
    expect(provider.sentMessages).toEqual([]);
  });
});

describe('metrics', () => {
  verifies(['sms-channel/metrics-fields', 'sms-channel/metrics-get'], 'start at 0 and are a copy', () => {
    const { adapter } = busWith();
    const zero = { inboundCount: 0, outboundCount: 0, signatureFailures: 0, duplicates: 0, errors: 0 };
    expect(adapter.getMetrics()).toEqual(zero);
    adapter.getMetrics().errors = 9;
    expect(adapter.getMetrics()).toEqual(zero);
  });

  verifies(
    [
      'sms-channel/metrics-inbound',
      'sms-channel/metrics-outbound',
      'sms-channel/metrics-signature-failures',
      'sms-channel/metrics-duplicates',
      'sms-channel/metrics-errors',
      'sms-channel/metrics-export',
    ],
    'count what happened and print it',
    async () => {
      const adapter = new SmsAdapter({
        channelId: 'a"b',
        provider: new MockSmsProvider(),
        webhookAuthToken: AUTH_TOKEN,
      });
      const form = arrivingForm();
      for (let count = 0; count < 3; count += 1) await adapter.parseInboundWebhook(form);
      await adapter.parseInboundWebhook({});
      for (let count = 0; count < 2; count += 1) await adapter.parseInboundWebhook(arrivingForm());
      for (let count = 0; count < 4; count += 1) await adapter.handleOutbound(outbound());
      await adapter.handleOutbound(outbound({ userKey: 'nobody' }));
      adapter.verifyTwilioSignature([WEBHOOK_URL, `${WEBHOOK_URL}:443`], form, 'wrong');
      adapter.verifyTwilioSignature(WEBHOOK_URL, form, signatureOf(form));
      const printed: string[] = [];
      exportMetrics(adapter, (line) => printed.push(line));
      expect(printed).toEqual(['Inbound: 3', 'Outbound: 4', 'Signature Failures: 1', 'Duplicates: 3', 'Errors: 1']);
      expect(prometheusMetrics([adapter])).toContain(
        '# TYPE sms_outbound_total counter\nsms_outbound_total{channel="a\\"b"} 4\n',
      );
    },
  );
});
