/** Twilio behind the seam, against the emulator: what each answer of Twilio means for a delivery. */
import { TwilioSmsProvider } from '@claude-companion/sms';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TwilioEmulator } from '../../../../../../test/world/twilio/emulator.ts';
import { scriptedFaults } from '../../../../../../test/world/twilio/faults.ts';
import { systemClock } from '../../../clock.ts';
import type { OutgoingText, SmsProvider } from './provider.ts';
import { FICTIONAL_PHONE } from './simulated-phone.ts';
import { createTwilioPhone } from './twilio-phone.ts';

const TO = '+14155550123';
let carrier: TwilioEmulator;
let twilio: TwilioSmsProvider;
let phone: SmsProvider;
beforeEach(async () => {
  carrier = await new TwilioEmulator().listen();
  const { accountSid, authToken, baseUrl } = carrier;
  twilio = new TwilioSmsProvider({
    accountSid,
    authToken,
    baseUrl,
    fromNumber: '+15551234567',
    timeoutMs: 300,
    connectRetries: 0,
  });
  phone = createTwilioPhone({ twilio, clock: systemClock, reportsTo: null });
});
afterEach(async () => {
  await carrier[Symbol.asyncDispose]();
  await twilio.close();
});

const text = (more: Partial<OutgoingText> = {}): OutgoingText => ({
  deliveryId: 'd1',
  to: TO,
  body: 'Hello.',
  expiresAt: null,
  callBy: inSeconds(5),
  ...more,
});
const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();

test('a text that Twilio takes has its id, and says how long it is of use', async () => {
  const outcome = await phone.send(text({ expiresAt: inSeconds(90.5) }));
  expect(outcome).toEqual({ state: 'sent', providerId: carrier.messages[0]?.sid });
  expect(carrier.messages[0]?.validityPeriod).toBe(90);
  await phone.send(text({ expiresAt: inSeconds(86_400) }));
  await phone.send(text({ expiresAt: inSeconds(0) }));
  expect(carrier.messages.slice(1).map(({ validityPeriod }) => validityPeriod)).toEqual([36_000, 1]);
  expect(carrier.messages[0]?.statusCallback).toBeNull();
});

test('the carrier is not called when the claim on the text could end before the call', async () => {
  let now = systemClock.now();
  const stalling = createTwilioPhone({
    twilio,
    clock: { ...systemClock, now: () => now },
    // The database takes its time.
    reportsTo: async () => {
      now = new Date(now.getTime() + 6_000);
      return 'http://127.0.0.1:9/status';
    },
  });
  expect(await stalling.send(text())).toMatchObject({ state: 'failed', retry: 'back_off' });
  expect(carrier.sendRequests).toBe(0);
});

test('where reports go names the delivery', async () => {
  const reporting = createTwilioPhone({
    twilio,
    clock: systemClock,
    reportsTo: async (id) => `http://127.0.0.1:9/status?d=${id}`,
  });
  expect([phone.hears, reporting.hears]).toEqual([false, true]);
  await reporting.send(text());
  expect(carrier.messages[0]?.statusCallback).toBe('http://127.0.0.1:9/status?d=d1');
});

test('each refusal has its code, its sentence, and whether trying again can help', async () => {
  expect(await phone.send(text({ to: '+15005550001' }))).toEqual({
    state: 'failed',
    retry: 'no',
    reason: '21211: The recipient is not a valid phone number.',
    optedOut: false,
  });
  expect(await phone.send(text({ to: '+15005550004' }))).toMatchObject({ retry: 'no', optedOut: true });
  const full = new TwilioSmsProvider({
    accountSid: carrier.accountSid,
    authToken: carrier.authToken,
    baseUrl: carrier.baseUrl,
    fromNumber: '+15005550008',
  });
  const queue = createTwilioPhone({ twilio: full, clock: systemClock, reportsTo: null });
  expect(await queue.send(text())).toMatchObject({ state: 'failed', retry: 'back_off' });
  await full.close();
});

test('nobody there passes; an answer that did not come or cannot be read leaves it open', async () => {
  carrier.faults = scriptedFaults('error_after', 'reset_after', 'garbage_after', 'hang_after');
  for (let count = 0; count < 4; count += 1) expect((await phone.send(text())).state).toBe('unknown');
  expect(carrier.messages).toHaveLength(4);
  const nobody = new TwilioSmsProvider({
    accountSid: carrier.accountSid,
    authToken: carrier.authToken,
    baseUrl: 'http://127.0.0.1:9',
    fromNumber: '+15551234567',
    connectRetries: 0,
  });
  const unreachable = createTwilioPhone({ twilio: nobody, clock: systemClock, reportsTo: null });
  expect(await unreachable.send(text())).toMatchObject({ state: 'failed', retry: 'back_off' });
  await nobody.close();
});

test('the made-up number of the simulated phone costs no text', async () => {
  expect(await phone.send(text({ to: FICTIONAL_PHONE }))).toMatchObject({ state: 'failed', retry: 'no' });
  expect(carrier.sendRequests).toBe(0);
});

test('an unanswered text is found in the list by its words, and another one of the same words is not taken for it', async () => {
  const handedAt = new Date().toISOString();
  const first = await phone.send(text());
  const unanswered = { deliveryId: 'd2', to: TO, body: 'Hello.', handedAt };
  const otherIds = first.state === 'sent' ? [first.providerId] : [];
  expect(await phone.memory?.find({ ...unanswered, otherIds })).toEqual({ outcome: 'not_sent' });
  carrier.faults = scriptedFaults('reset_after');
  await phone.send(text({ deliveryId: 'd2' }));
  expect(await phone.memory?.find({ ...unanswered, otherIds })).toEqual({
    outcome: 'sent',
    providerId: carrier.messages[1]?.sid,
  });
});

test('where a text stands is asked of the list', async () => {
  const handedAt = new Date().toISOString();
  await phone.send(text());
  await phone.send(text({ to: '+15005530003' }));
  await carrier.settled();
  const [arrived, lost] = carrier.messages;
  expect(await phone.memory?.report({ to: TO, providerId: arrived?.sid ?? '', handedAt })).toMatchObject({
    state: 'delivered',
  });
  expect(await phone.memory?.report({ to: '+15005530003', providerId: lost?.sid ?? '', handedAt })).toMatchObject({
    state: 'failed',
    reason: expect.stringMatching(/^30003: /),
    retry: 'twice',
  });
  expect(await phone.memory?.report({ to: TO, providerId: 'SM-other', handedAt })).toBeNull();
});
