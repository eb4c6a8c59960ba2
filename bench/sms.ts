/**
 * The SMS library: verifications of a webhook's signature per second against Twilio's own validator, in turns, in one process;
 * and how long a webhook takes at 200 requests a second while everything behind it hangs, against a bare `node:http` server.
 */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createWebhookHandler,
  MockSmsProvider,
  SmsAdapter,
  toNodeHandler,
  verifyTwilioSignature,
} from '@claude-companion/sms';
import twilio from 'twilio';
import { Agent, request } from 'undici';

const ROUNDS = 9;
const VERIFICATIONS = 20_000;
const RATE = 200;
const SECONDS = 5;
const PATH_TOKEN = '9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d';

const authToken = '0123456789abcdef0123456789abcdef';
const url = `https://sms.example.com/webhook/${PATH_TOKEN}`;
const form = {
  AccountSid: `AC${'0'.repeat(32)}`,
  ApiVersion: '2010-04-01',
  Body: 'OK 7K3F, and then please also run the linter on the whole project',
  From: '+15559876543',
  FromCity: 'SAN FRANCISCO',
  FromCountry: 'US',
  FromState: 'CA',
  FromZip: '94105',
  MessageSid: `SM${'1'.repeat(32)}`,
  NumMedia: '0',
  NumSegments: '1',
  SmsMessageSid: `SM${'1'.repeat(32)}`,
  SmsSid: `SM${'1'.repeat(32)}`,
  SmsStatus: 'received',
  To: '+15551234567',
  ToCity: 'OAKLAND',
  ToCountry: 'US',
  ToState: 'CA',
  ToZip: '94601',
};
const signature = twilio.getExpectedTwilioSignature(authToken, url, form);

export async function run(): Promise<void> {
  compareVerifications();
  await compareWebhooks();
}

function compareVerifications(): void {
  const verifyOurs = (): boolean => verifyTwilioSignature({ url, postData: form, signature, authToken });
  const verifyTheirs = (): boolean => twilio.validateRequest(authToken, signature, url, form);
  const rates: Record<'ours' | 'theirs', number[]> = { ours: [], theirs: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.ours.push(rateOf(verifyOurs));
    rates.theirs.push(rateOf(verifyTheirs));
  }
  const [ours, theirs] = [percentile(rates.ours, 50), percentile(rates.theirs, 50)];
  console.log(
    `signature verifications: ${Math.round(ours)}/s, ${(ours / theirs).toFixed(2)}x Twilio's validator (${Math.round(theirs)}/s)`,
  );
}

async function compareWebhooks(): Promise<void> {
  const adapterOf = (): SmsAdapter =>
    new SmsAdapter({ channelId: 'bench', provider: new MockSmsProvider(), webhookAuthToken: authToken });
  const adapter = adapterOf();
  const never = (): Promise<void> => new Promise(() => {});
  const { origin } = new URL(url);
  const handler = createWebhookHandler({ adapter, publicUrl: origin, pathToken: PATH_TOKEN, process: never });
  const warm = createWebhookHandler({ adapter: adapterOf(), publicUrl: origin, pathToken: PATH_TOKEN, process: never });
  await webhookTimes(toNodeHandler(warm));
  const floor = await webhookTimes((incoming, outgoing) => {
    incoming.resume().on('end', () => outgoing.end('{"status":"ok"}'));
  });
  const ours = await webhookTimes(toNodeHandler(handler));
  for (const at of [50, 99, 100]) {
    const [took, bare] = [percentile(ours, at), percentile(floor, at)];
    console.log(
      `webhook at ${RATE} req/s, processing hung: p${at} ${took.toFixed(1)} ms (bare node:http ${bare.toFixed(1)} ms)`,
    );
  }
}

/** Milliseconds each request took, sent at a fixed rate whether or not the ones before were answered. */
async function webhookTimes(listener: RequestListener): Promise<number[]> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const agent = new Agent({ connections: 50 });
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook/${PATH_TOKEN}`;
  const post = async (count: number): Promise<number> => {
    const fields = { ...form, MessageSid: `SM${String(count).padStart(32, '0')}` };
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': twilio.getExpectedTwilioSignature(authToken, url, fields),
    };
    const started = performance.now();
    const body = new URLSearchParams(fields).toString();
    const response = await request(target, { method: 'POST', dispatcher: agent, headers, body });
    if (response.statusCode !== 200) throw new Error(`The webhook answered ${response.statusCode}.`);
    await response.body.dump();
    return performance.now() - started;
  };
  const times: Promise<number>[] = [];
  for (let count = 0; count < RATE * SECONDS; count += 1) {
    times.push(post(count));
    await new Promise((resolve) => setTimeout(resolve, 1_000 / RATE));
  }
  const settled = await Promise.all(times);
  await agent.close();
  await new Promise((resolve) => server.close(resolve));
  return settled;
}

function rateOf(verify: () => boolean): number {
  const started = performance.now();
  for (let count = 0; count < VERIFICATIONS; count += 1) {
    if (!verify()) throw new Error('A valid signature was refused.');
  }
  return (VERIFICATIONS * 1_000) / (performance.now() - started);
}

function percentile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * at) / 100))] ?? 0;
}
