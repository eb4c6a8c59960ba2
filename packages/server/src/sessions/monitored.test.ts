import { describe, expect, test } from 'vitest';
import { expiredIfHeardBefore, expiresAt, livenessOf, nextTextAt, staleAt, stateAfterHeartbeat } from './monitored.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const heard = Date.parse('2026-03-01T12:00:00.000Z');
const signs = (heartbeatIntervalMs: number) => ({ lastHeardAt: heard, heartbeatIntervalMs });

describe('a session that is not heard of', () => {
  test.each([
    [30_000, 0, 'active'],
    [30_000, 89_999, 'active'],
    [30_000, 90_000, 'stale'],
    [300_000, 14 * MINUTE, 'active'],
    [300_000, 15 * MINUTE, 'stale'],
    [300_000, 24 * HOUR - 1, 'stale'],
    [300_000, 24 * HOUR, 'expired'],
    [1_000, 24 * HOUR, 'expired'],
  ] as const)('with an interval of %i ms is, after %i ms, %s', (interval, silence, liveness) => {
    expect(livenessOf(signs(interval), heard + silence)).toBe(liveness);
  });

  test('a clock that was set back makes nothing stale', () => {
    expect(livenessOf(signs(30_000), heard - HOUR)).toBe('active');
  });

  test('the moments agree with the rule', () => {
    for (const interval of [1_000, 30_000, 300_000, 8 * HOUR]) {
      expect(livenessOf(signs(interval), staleAt(signs(interval)) - 1)).not.toBe('stale');
      expect(livenessOf(signs(interval), expiresAt(signs(interval)) - 1)).not.toBe('expired');
      expect(livenessOf(signs(interval), expiresAt(signs(interval)))).toBe('expired');
    }
    expect(expiredIfHeardBefore(expiresAt(signs(1_000)))).toBe(heard);
  });
});

test('the next text of a type goes out 30 minutes after the last', () => {
  expect(nextTextAt(heard) - heard).toBe(30 * MINUTE);
});

describe('a heartbeat', () => {
  const reported = { lastReportedAt: heard };
  test.each([
    ['waiting', heard + 1, 'running'],
    ['idle', heard + 1, 'running'],
    ['waiting', heard, 'waiting'],
    ['waiting', null, 'waiting'],
    ['running', heard + 1, 'running'],
    ['ended', heard + 1, 'ended'],
  ] as const)('of a session that is %s, with activity at %s, leaves it %s', (state, lastActivity, after) => {
    expect(stateAfterHeartbeat(state, { lastActivity, ...reported })).toBe(after);
  });
});
