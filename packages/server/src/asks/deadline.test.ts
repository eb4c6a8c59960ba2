import { describe, expect, test } from 'vitest';
import { DEADLINE_ANSWER, deadlineOf, isPastDeadline, TIMEOUT_BOUNDS_S } from './deadline.ts';

const OPENED = Date.UTC(2026, 0, 1);
const seconds = (permissionTimeoutS: number | null, reachable: boolean) =>
  (deadlineOf({ openedAt: OPENED, reachable, permissionTimeoutS }) - OPENED) / 1_000;

describe('the deadline', () => {
  test.each([
    [null, false, 300],
    [null, true, 86_400],
    [60, true, 60],
    [60, false, 60],
    [0, true, TIMEOUT_BOUNDS_S.min],
    [-5, true, TIMEOUT_BOUNDS_S.min],
    [Number.POSITIVE_INFINITY, true, TIMEOUT_BOUNDS_S.max],
    [Number.NaN, true, 86_400],
  ] as const)('limit %s, reachable %s: %i s', (limit, reachable, expected) => {
    expect(seconds(limit, reachable)).toBe(expected);
  });

  test('its own moment is too late', () => {
    expect(isPastDeadline(OPENED, OPENED - 1)).toBe(false);
    expect(isPastDeadline(OPENED, OPENED)).toBe(true);
  });

  test('silence denies', () => expect(DEADLINE_ANSWER.decision).toBe('deny'));
});
