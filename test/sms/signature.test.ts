import * as crypto from 'node:crypto';
import { computeTwilioSignature, simulateTwilioWebhook, verifyTwilioSignature } from '@claude-companion/sms';
import twilio from 'twilio';
import { afterEach, expect, test, vi } from 'vitest';
import { verifies } from '../verifies.ts';
import { AUTH_TOKEN, OWN_NUMBER, PERSON, signatureOf, WEBHOOK_URL } from './texts.ts';

vi.mock('node:crypto', async (importOriginal) => {
  const original = await importOriginal<typeof crypto>();
  return { ...original, timingSafeEqual: vi.fn(original.timingSafeEqual) };
});

afterEach(() => {
  vi.mocked(crypto.timingSafeEqual).mockClear();
});

const form = { From: PERSON, To: OWN_NUMBER, Body: 'Hi' };
const signature = signatureOf(form);
const request = { url: WEBHOOK_URL, postData: form, signature, authToken: AUTH_TOKEN };

verifies(['sms-channel/signature-function'], 'a signature is verified without an adapter', () => {
  expect(verifyTwilioSignature(request)).toBe(true);
  expect(verifyTwilioSignature({ ...request, signature: 'wrong' })).toBe(false);
});

verifies(['sms-channel/signature-altered'], 'any change of URL, parameter, token or signature is refused', () => {
  const changes = [
    { url: WEBHOOK_URL.replace('https', 'http') },
    { url: `${WEBHOOK_URL}/` },
    { url: `${WEBHOOK_URL}?` },
    { url: WEBHOOK_URL.replace('sms.', 'smz.') },
    { url: WEBHOOK_URL.replace('.com', '.com:443') },
    { postData: { ...form, Body: 'Hi!' } },
    { postData: { ...form, Extra: '' } },
    { postData: { From: PERSON, To: OWN_NUMBER } },
    { postData: { ...form, Body: ['Hi', 'Ho'] } },
    { authToken: `${AUTH_TOKEN}0` },
    { signature: signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')) },
    { signature: signature.slice(0, -1) },
    { signature: `${signature} ` },
    { signature: signature.toLowerCase() },
  ];
  for (const change of changes)
    expect([change, verifyTwilioSignature({ ...request, ...change })]).toEqual([change, false]);
});

verifies(['sms-channel/signature-empty'], 'an empty, malformed or non-ASCII signature is false and no error', () => {
  for (const each of ['', ' ', '=', 'ééééééééééééééééééééééééééé=', '\ud800', '\0', 'x'.repeat(1_000_000)]) {
    expect(verifyTwilioSignature({ ...request, signature: each })).toBe(false);
  }
});

verifies(['sms-channel/signature-constant-time'], 'signatures are compared in constant time, as a whole', () => {
  const sameLength = 'A'.repeat(signature.length);
  expect(verifyTwilioSignature(request)).toBe(true);
  expect(verifyTwilioSignature({ ...request, signature: sameLength })).toBe(false);
  const compared = vi.mocked(crypto.timingSafeEqual).mock.calls.map((pair) => pair.map(String));
  expect(compared).toEqual([
    [signature, signature],
    [sameLength, signature],
  ]);
});

verifies(['sms-channel/signature-example'], 'the usage of the guide, with its invented signature', () => {
  const isValid = verifyTwilioSignature({
    url: 'https://example.com/webhook/token123',
    postData: { From: '+1234', To: '+5678', Body: 'Hi' },
    signature: 'base64_signature_from_header',
    authToken: 'your_auth_token',
  });
  expect(isValid).toBe(false);
});

verifies(
  ['sms-channel/simulator-compute-signature'],
  'what is computed here is verified here, and by Twilio’s own code',
  () => {
    const computed = computeTwilioSignature(WEBHOOK_URL, form, AUTH_TOKEN);
    expect(verifyTwilioSignature({ ...request, signature: computed })).toBe(true);
    expect(twilio.validateRequest(AUTH_TOKEN, computed, WEBHOOK_URL, form)).toBe(true);
  },
);

verifies(
  ['sms-channel/simulator', 'sms-channel/simulator-fields'],
  'the simulator posts a signed form and returns the answer',
  async () => {
    const posted: { url: string; init: RequestInit }[] = [];
    const response = await simulateTwilioWebhook({
      url: WEBHOOK_URL,
      fromNumber: PERSON,
      toNumber: OWN_NUMBER,
      body: 'Test message & more',
      authToken: AUTH_TOKEN,
      clock: { now: () => 1_800_000_000_999 },
      fetch: async (url, init) => {
        posted.push({ url, init });
        return new Response('{}', { status: 201 });
      },
    });
    expect(response.status).toBe(201);
    const [post] = posted;
    const fields = Object.fromEntries(new URLSearchParams(String(post?.init.body)));
    expect(post).toMatchObject({ url: WEBHOOK_URL, init: { method: 'POST' } });
    expect(fields).toEqual({
      MessageSid: 'SM_test_1800000000',
      From: PERSON,
      To: OWN_NUMBER,
      Body: 'Test message & more',
      NumMedia: '0',
    });
    const headers = new Headers(post?.init.headers);
    expect(headers.get('content-type')).toBe('application/x-www-form-urlencoded');
    const header = headers.get('x-twilio-signature') ?? '';
    expect(twilio.validateRequest(AUTH_TOKEN, header, WEBHOOK_URL, fields)).toBe(true);
  },
);

test('a blank token signs nothing and verifies nothing', () => {
  for (const authToken of ['', ' ']) {
    expect(() => computeTwilioSignature(WEBHOOK_URL, form, authToken)).toThrow(RangeError);
    const theirs = twilio.getExpectedTwilioSignature(authToken, WEBHOOK_URL, form);
    expect(verifyTwilioSignature({ ...request, authToken, signature: theirs })).toBe(false);
  }
});
