import { expect, test } from 'vitest';
import { retryAt } from './retry-delay.ts';

const now = Date.parse('2026-03-01T12:00:00.000Z');
const delivery = { attempts: 1, createdAt: new Date(now).toISOString(), expiresAt: null };
const waits = (advice: Parameters<typeof retryAt>[1]): (number | null)[] =>
  [1, 2, 3, 4, 5, 6].map((attempts) => {
    const at = retryAt({ ...delivery, attempts }, advice, now);
    return at === null ? null : (Date.parse(at) - now) / 1000;
  });

test('each advice has its number of attempts, with growing waits', () => {
  expect(waits('no')).toEqual([null, null, null, null, null, null]);
  expect(waits('once')).toEqual([2, null, null, null, null, null]);
  expect(waits('twice')).toEqual([2, 10, null, null, null, null]);
  expect(waits('back_off')).toEqual([2, 10, 60, 300, 300, 300]);
});

test('what would come too late is not tried', () => {
  const at = (seconds: number): string => new Date(now + seconds * 1000).toISOString();
  expect(retryAt({ ...delivery, expiresAt: at(2) }, 'back_off', now)).toBeNull();
  expect(retryAt({ ...delivery, expiresAt: at(3) }, 'back_off', now)).toBe(at(2));
  expect(retryAt({ ...delivery, createdAt: at(-3_599) }, 'back_off', now)).toBeNull();
});
