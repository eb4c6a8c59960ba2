import { expect, test } from 'vitest';
import { approvalsRestUntil, TEXT_APPROVAL_LIMIT, TEXT_APPROVAL_WINDOW_MS } from './text-approvals.ts';

const now = 10 * TEXT_APPROVAL_WINDOW_MS;
const minutesAgo = (count: number): number => now - count * 60_000;

test('the limit is reached by that many within the hour, and ends when the first of them is an hour old', () => {
  const allowed = Array.from({ length: TEXT_APPROVAL_LIMIT }, (_, index) => minutesAgo(50 - index));
  expect(approvalsRestUntil(allowed, now)).toBe(minutesAgo(50) + TEXT_APPROVAL_WINDOW_MS);
  expect(approvalsRestUntil([...allowed].reverse(), now)).toBe(minutesAgo(50) + TEXT_APPROVAL_WINDOW_MS);
  expect(approvalsRestUntil(allowed.slice(1), now)).toBeNull();
  expect(approvalsRestUntil([minutesAgo(61), ...allowed.slice(1)], now)).toBeNull();
  expect(approvalsRestUntil([], now)).toBeNull();
});
