import fc from 'fast-check';
import { expect, test } from 'vitest';
import { estimateInputTokens, estimateTokens } from './token-estimate.ts';

test('no text is estimated below a quarter of its characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(estimateTokens(text)).toBeGreaterThanOrEqual(text.length / 4);
      expect(estimateInputTokens({ messages: [{ role: 'user', content: text }] })).toBeGreaterThan(text.length / 4);
    }),
  );
});

test('long prose is estimated somewhat above four characters a token', () => {
  expect(estimateTokens('a'.repeat(10_000))).toBeGreaterThanOrEqual(2_500);
  expect(estimateTokens('a'.repeat(10_000))).toBeLessThan(4_000);
});

test('an image costs what images cost, not what its base64 text would', () => {
  const source = { type: 'base64', media_type: 'image/png', data: 'A'.repeat(1_000_000) };
  const tokens = estimateInputTokens({ messages: [{ role: 'user', content: [{ type: 'image', source }] }] });
  expect(tokens).toBeGreaterThan(1_000);
  expect(tokens).toBeLessThan(3_000);
});
