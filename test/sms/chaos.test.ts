/** Both directions with a carrier at its worst: what was taken is kept, once. The seeds are fixed. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createWebhookHandler,
  DELIVERY_STATUSES,
  type DeliveryStatus,
  type OutboundMessage,
  reconcileSend,
  SmsAdapter,
  TwilioSmsProvider,
  toNodeHandler,
} from '@claude-companion/sms';
import { expect, test } from 'vitest';
import { TwilioEmulator } from '../world/twilio/emulator.ts';
import { randomFaults, seededRandom, wildCallbacks } from '../world/twilio/faults.ts';
import { OWN_NUMBER, outbound, PATH_TOKEN } from './texts.ts';

const SEED = 20_261_121;
const SENT = 120;
const ARRIVING = 80;

interface Channel extends AsyncDisposable {
  carrier: TwilioEmulator;
  provider: TwilioSmsProvider;
  adapter: SmsAdapter;
  webhookUrl: string;
  /** Last status of each text, by the carrier's id. */
  statuses: Map<string, DeliveryStatus>;
  /** Texts in the order in which they were stored. */
  stored: string[];
}

/** An application with a webhook, a store that fails as `random` says, and a carrier. */
async function openChannel(random: () => number): Promise<Channel> {
  const carrier = await new TwilioEmulator({ webhookRetries: 50 }).listen();
  const { accountSid, authToken, baseUrl } = carrier;
  const provider = new TwilioSmsProvider({ accountSid, authToken, baseUrl, fromNumber: OWN_NUMBER, timeoutMs: 400 });
  const adapter = new SmsAdapter({ channelId: 'c', provider, webhookAuthToken: authToken });
  const statuses = new Map<string, DeliveryStatus>();
  const stored: string[] = [];
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const handler = createWebhookHandler({
    adapter,
    publicUrl,
    pathToken: PATH_TOKEN,
    commit: async ({ messageSid }) => {
      if (random() < 0.3) throw new Error('the store is down');
      stored.push(messageSid);
    },
    onStatus: async ({ messageSid, status }) => void statuses.set(messageSid, status),
  });
  server.on('request', toNodeHandler(handler));
  const close = async (): Promise<void> => {
    await carrier[Symbol.asyncDispose]();
    await provider.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const webhookUrl = `${publicUrl}/webhook/${PATH_TOKEN}`;
  return { carrier, provider, adapter, webhookUrl, statuses, stored, [Symbol.asyncDispose]: close };
}

/** Sends until the carrier has the text, asking it after every send without an answer. */
async function deliver({ adapter, provider }: Channel, message: OutboundMessage): Promise<string> {
  const sentAfter = new Date();
  for (;;) {
    const result = await adapter.handleOutbound(message);
    if (result.success) return result.messageSid;
    if (!result.ambiguous) throw new Error(result.errorMessage);
    const outcome = await reconcileSend(
      provider,
      { toNumber: message.userKey, text: message.text, sentAfter },
      { settleMs: 100 },
    );
    if (outcome.outcome === 'sent') return outcome.result.messageSid;
  }
}

test(`${SENT} texts through faults in half of all requests: none lost, none twice, each ends in a terminal status`, {
  timeout: 120_000,
}, async () => {
  await using channel = await openChannel(seededRandom(SEED));
  const { carrier, webhookUrl, statuses } = channel;
  const share = {
    slow: 0.05,
    error_before: 0.1,
    error_after: 0.1,
    reset_before: 0.1,
    reset_after: 0.1,
    hang_after: 0.05,
    garbage_after: 0.05,
  };
  carrier.faults = randomFaults(share, seededRandom(SEED + 1));
  carrier.callbacks = wildCallbacks(seededRandom(SEED + 2));
  const sids: string[] = [];
  for (let count = 0; count < SENT; count += 1) {
    const userKey = count % 6 === 0 ? '+15005530003' : '+15559876543';
    const message = outbound({
      userKey,
      text: `Text ${count}.`,
      statusCallbackUrl: `${webhookUrl}/status?text=${count}`,
    });
    sids.push(await deliver(channel, message));
  }
  await carrier.settled();
  const bodies = carrier.messages.map(({ body }) => body);
  expect(bodies.toSorted()).toEqual(Array.from({ length: SENT }, (_, count) => `Text ${count}.`).toSorted());
  expect(carrier.sendRequests).toBeGreaterThan(SENT);
  const ends = sids.map((sid) => statuses.get(sid));
  expect(ends.filter((status) => status === undefined || !DELIVERY_STATUSES[status].terminal)).toEqual([]);
  expect(ends.filter((status) => status === 'undelivered')).toHaveLength(SENT / 6);
});

test(`${ARRIVING} texts that arrive in up to five copies at a store that fails: each is stored once`, {
  timeout: 120_000,
}, async () => {
  await using channel = await openChannel(seededRandom(SEED + 3));
  const { carrier, webhookUrl, stored } = channel;
  carrier.webhookUrl = webhookUrl;
  const random = seededRandom(SEED + 4);
  for (let count = 0; count < ARRIVING; count += 1) {
    const answers = await carrier.arrive({
      from: '+15559876543',
      to: OWN_NUMBER,
      body: `Text ${count}.`,
      copies: 1 + Math.floor(random() * 5),
    });
    expect(answers.map((answer) => answer?.status)).toEqual(answers.map(() => 200));
  }
  expect(stored).toEqual(carrier.messages.map(({ sid }) => sid));
});
