import { expect, test } from 'vitest';
import { refuseOversized } from './details-limit.ts';

function nested(depth: number): Record<string, unknown> {
  let value: Record<string, unknown> = {};
  for (let level = 1; level < depth; level++) value = { value };
  return value;
}

test('what people can read is taken', () => {
  expect(() => refuseOversized({ error: 'x', list: [1, { two: null }], stack: 'y'.repeat(60_000) })).not.toThrow();
  expect(() => refuseOversized(nested(32))).not.toThrow();
});

test('what is larger, or deeper than any stack, is refused', () => {
  expect(() => refuseOversized({ error: 'x'.repeat(65_536) })).toThrow(/more than 65536 characters/);
  expect(() => refuseOversized(nested(33))).toThrow(/deeper than 32/);
  expect(() => refuseOversized(nested(200_000))).toThrow(/deeper than 32/);
});
