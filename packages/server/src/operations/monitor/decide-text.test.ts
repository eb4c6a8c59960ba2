import { expect, test } from 'vitest';
import { decideText, type TextQuestion } from './decide-text.ts';

const HALF_HOUR = 1_800_000;
const now = Date.parse('2026-03-01T12:00:00.000Z');
const at = (ms: number): string => new Date(now + ms).toISOString();
const question = (other: Partial<TextQuestion> = {}, person: Partial<TextQuestion['person']> = {}): TextQuestion => ({
  now,
  canText: true,
  person: { phone: '+1415***1234', optedOutAt: null, pausedUntil: null, ...person },
  quietHours: null,
  noTextBefore: null,
  ...other,
});

test('a text goes out at once', () => {
  expect(decideText(question())).toEqual({ dueAt: now, nextAllowedAt: now + HALF_HOUR, reason: null });
});

test.each([
  [question({ canText: false }), 'no_carrier'],
  [question({}, { phone: null }), 'no_phone'],
  [question({}, { optedOutAt: at(-1) }), 'opted_out'],
])('nothing goes out to somebody who cannot be reached', (asked, reason) => {
  expect(decideText(asked)).toEqual({ dueAt: null, nextAllowedAt: null, reason });
});

test('one within the limit does not go out, one at its end does', () => {
  const limited = question({ noTextBefore: now + 1 });
  expect(decideText(limited)).toEqual({ dueAt: null, nextAllowedAt: now + 1, reason: 'rate_limited' });
  expect(decideText(question({ noTextBefore: now }))).toMatchObject({ dueAt: now, reason: null });
});

test('a pause puts it off, and the limit counts from its end', () => {
  expect(decideText(question({}, { pausedUntil: at(60_000) }))).toEqual({
    dueAt: now + 60_000,
    nextAllowedAt: now + 60_000 + HALF_HOUR,
    reason: 'paused',
  });
  expect(decideText(question({}, { pausedUntil: at(-1) }))).toMatchObject({ dueAt: now, reason: null });
});

test('quiet hours put it off, and count after a pause', () => {
  const quietHours = { from: '11:00', to: '13:00', timeZone: 'UTC' };
  const end = Date.parse('2026-03-01T13:00:00.000Z');
  expect(decideText(question({ quietHours }))).toMatchObject({ dueAt: end, reason: 'quiet_hours' });
  expect(decideText(question({ quietHours }, { pausedUntil: at(60_000) }))).toMatchObject({ dueAt: end });
});
