import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { afterQuietHours, isTimeZone } from './quiet-hours.ts';

const night = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' };
const iso = (text: string, quiet: Parameters<typeof afterQuietHours>[1] = night) =>
  new Date(afterQuietHours(Date.parse(text), quiet)).toISOString();

describe('quiet hours', () => {
  test.each([
    ['before', '2026-01-10T20:59:59.500Z', '2026-01-10T20:59:59.500Z'],
    ['at the start', '2026-01-10T21:00:00.000Z', '2026-01-11T06:00:00.000Z'],
    ['after midnight', '2026-01-11T02:30:10.000Z', '2026-01-11T06:00:00.000Z'],
    ['at the end', '2026-01-11T06:00:00.000Z', '2026-01-11T06:00:00.000Z'],
    ['in summer', '2026-07-10T21:00:00.000Z', '2026-07-11T05:00:00.000Z'],
    ['over the night an hour is skipped', '2026-03-28T22:00:00.000Z', '2026-03-29T05:00:00.000Z'],
    ['over the night an hour comes twice', '2026-10-24T21:00:00.000Z', '2026-10-25T06:00:00.000Z'],
  ])('%s', (_name, at, awake) => expect(iso(at)).toBe(awake));

  test('a window within one day, no window, and none at all', () => {
    const noon = { from: '12:00', to: '13:00', timeZone: 'UTC' };
    expect(iso('2026-01-10T12:15:00.000Z', noon)).toBe('2026-01-10T13:00:00.000Z');
    expect(iso('2026-01-10T11:59:00.000Z', noon)).toBe('2026-01-10T11:59:00.000Z');
    expect(iso('2026-01-10T12:15:00.000Z', { ...noon, to: '12:00' })).toBe('2026-01-10T12:15:00.000Z');
    expect(iso('2026-01-10T12:15:00.000Z', null)).toBe('2026-01-10T12:15:00.000Z');
  });

  test('never moves a notice back, nor by more than a day and a changed hour', () => {
    const clock = fc
      .tuple(fc.nat(23), fc.nat(59))
      .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
    const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe');
    const at = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) });
    fc.assert(
      fc.property(at, fc.record({ from: clock, to: clock, timeZone: zone }), (moment, quiet) => {
        const awake = afterQuietHours(moment, quiet);
        expect(awake).toBeGreaterThanOrEqual(moment);
        expect(awake - moment).toBeLessThanOrEqual(26 * 3_600_000);
        expect(afterQuietHours(awake, quiet)).toBe(awake);
      }),
      { numRuns: 300 },
    );
  });

  test('knows a time zone from a word', () => {
    expect(isTimeZone('Europe/Berlin')).toBe(true);
    expect(isTimeZone('Mars/Olympus')).toBe(false);
  });
});
