import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lockedUntil, WRONG_CODE_WINDOW_MS } from './wrong-codes.ts';

const MINUTE = 60_000;
const at = (...minutes: number[]) => minutes.map((minute) => minute * MINUTE);

describe('wrong codes', () => {
  test('five within an hour lock for an hour after the fifth', () => {
    expect(lockedUntil(at(0, 10, 20, 30), 31 * MINUTE)).toBeNull();
    expect(lockedUntil(at(0, 10, 20, 30, 40), 41 * MINUTE)).toBe(100 * MINUTE);
    expect(lockedUntil(at(0, 10, 20, 30, 40), 100 * MINUTE)).toBeNull();
  });

  test('spread over more than an hour they do not', () => {
    expect(lockedUntil(at(0, 15, 30, 45, 60), 60 * MINUTE)).toBeNull();
    expect(lockedUntil(at(0, 15, 30, 45, 59), 60 * MINUTE)).toBe(119 * MINUTE);
  });

  test('more of them make the lock longer, in any order', () => {
    expect(lockedUntil(at(50, 0, 40, 10, 30, 20), 51 * MINUTE)).toBe(110 * MINUTE);
  });

  test('fewer than five never lock; a lock is never longer than an hour after the last', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(500), { maxLength: 15 }), (minutes) => {
        const until = lockedUntil(at(...minutes), 0);
        if (minutes.length < 5) expect(until).toBeNull();
        if (until !== null) expect(until).toBeLessThanOrEqual(Math.max(...at(...minutes)) + WRONG_CODE_WINDOW_MS);
      }),
    );
  });
});
