import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { estimateInputTokens, estimateTokens } from './token-estimate.ts';

interface Sample {
  of: string;
  text: string;
  counts: Record<string, number>;
}

const { samples } = JSON.parse(readFileSync(new URL('token-counts.json', import.meta.url), 'utf8')) as {
  samples: Sample[];
};

test.each(samples)('$of: never below the largest count of four tokenizers, and not far above', ({ text, counts }) => {
  const largest = Math.max(...Object.values(counts));
  expect(estimateTokens(text)).toBeGreaterThanOrEqual(largest);
  expect(estimateTokens(text)).toBeLessThanOrEqual(largest * 2.1);
});

test('a text is at least as much as each half of it, and no text is nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme' }), (text, more) => {
      expect(estimateTokens(text)).toBeGreaterThan(0);
      expect(estimateTokens(`${text}\n${more}`)).toBeGreaterThanOrEqual(
        Math.max(estimateTokens(text), estimateTokens(more)) - 1,
      );
      expect(estimateInputTokens({ messages: [{ role: 'user', content: text }] })).toBeGreaterThan(
        estimateTokens(text),
      );
    }),
  );
});

test('an image costs what images cost, not what its base64 text would', () => {
  const source = { type: 'base64', media_type: 'image/png', data: 'A'.repeat(1_000_000) };
  const tokens = estimateInputTokens({ messages: [{ role: 'user', content: [{ type: 'image', source }] }] });
  expect(tokens).toBeGreaterThan(1_000);
  expect(tokens).toBeLessThan(3_000);
});
