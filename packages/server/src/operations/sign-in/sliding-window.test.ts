import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judge, type Limit } from './sliding-window.ts';

const LIMITS: readonly Limit[] = [
  { max: 3, windowMs: 600_000 },
  { max: 8, windowMs: 86_400_000 },
];
const NOW = 1_800_000_000_000;

describe('a sliding window', () => {
  test('has room until max hits, and then tells the time until the oldest of them slides out', () => {
    expect(judge([], NOW, LIMITS).waitMs).toBe(0);
    expect(judge([NOW - 500_000, NOW - 1], NOW, LIMITS).waitMs).toBe(0);
    expect(judge([NOW - 500_000, NOW - 2, NOW - 1], NOW, LIMITS).waitMs).toBe(100_000);
    expect(judge([NOW - 600_000, NOW - 2, NOW - 1], NOW, LIMITS).waitMs).toBe(0);
  });

  test('the longer limit holds when the shorter has room', () => {
    const hits = Array.from({ length: 8 }, (_, index) => NOW - 86_000_000 + index * 1_000_000);
    expect(judge(hits, NOW, LIMITS).waitMs).toBe(400_000);
  });

  test('a limit of none refuses everything', () => {
    expect(judge([], NOW, [{ max: 0, windowMs: 1_000 }]).waitMs).toBe(1_000);
  });

  test('hits ahead of now count as made now: a clock set back locks nobody out longer than the window', () => {
    const ahead = [NOW + 3_600_000, NOW + 3_600_001, NOW + 3_600_002];
    const { hits, waitMs } = judge(ahead, NOW, LIMITS);
    expect(hits).toEqual([NOW, NOW, NOW]);
    expect(waitMs).toBe(600_000);
    expect(judge(hits, NOW + 600_000, LIMITS).waitMs).toBe(0);
  });

  test('whatever the arrivals, no stretch of a window has more than max, and whoever waits as told gets in', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400_000 }), { maxLength: 60 }), (gaps) => {
        let now = NOW;
        let hits: readonly number[] = [];
        const taken: number[] = [];
        for (const gap of gaps) {
          now += gap;
          const verdict = judge(hits, now, LIMITS);
          expect(judge(hits, now + verdict.waitMs, LIMITS).waitMs).toBe(0);
          if (verdict.waitMs > 0) continue;
          taken.push(now);
          hits = [...verdict.hits, now];
        }
        for (const { max, windowMs } of LIMITS) {
          for (const start of taken) {
            expect(taken.filter((at) => at >= start && at < start + windowMs).length).toBeLessThanOrEqual(max);
          }
        }
      }),
    );
  });
});
