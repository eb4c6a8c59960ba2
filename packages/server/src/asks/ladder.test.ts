import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holdForCompany } from './fold.ts';
import { type LadderRequest, planNotices } from './ladder.ts';

const NOON = Date.UTC(2026, 0, 10, 12);
const DAY = 86_400_000;
const base: LadderRequest = {
  ask: { id: 'a1', kind: 'permission', openedAt: NOON, deadline: NOON + DAY },
  now: NOON,
  sessionKind: 'hosted',
  isSubAgent: false,
  mainTextAt: null,
  channels: { live: false, push: false, sms: true },
  lastSeenAt: null,
  settings: { textAfterSeconds: 60, holdDownSeconds: 10, quietHours: null, pausedUntil: null },
  given: [],
};
type Change = Omit<Partial<LadderRequest>, 'settings'> & { settings?: Partial<LadderRequest['settings']> };
const plan = (change: Change = {}) =>
  planNotices({ ...base, ...change, settings: { ...base.settings, ...change.settings } }).map(
    ({ channel, at, reason }) => [channel, (at - NOON) / 1_000, reason],
  );
const all = { live: true, push: true, sms: true };

describe('who is told when', () => {
  test('a text at once when there is no better channel', () => {
    expect(plan()).toEqual([['sms', 0, 'no_better_channel']]);
  });

  test('screens and push at once, a text when nobody has looked', () => {
    expect(plan({ channels: all })).toEqual([
      ['live', 0, 'opened'],
      ['push', 0, 'opened'],
      ['sms', 60, 'nobody_looked'],
    ]);
  });

  test('looking at a screen starts the time again', () => {
    expect(plan({ channels: all, lastSeenAt: NOON + 30_000, now: NOON + 31_000 }).at(-1)).toEqual([
      'sms',
      90,
      'nobody_looked',
    ]);
    expect(plan({ channels: all, lastSeenAt: NOON - 3_600_000 }).at(-1)).toEqual(['sms', 60, 'nobody_looked']);
  });

  test('an ask of a monitored session leaves the desk time to answer; screens show it at once', () => {
    expect(plan({ sessionKind: 'monitored', channels: all })).toEqual([
      ['live', 0, 'opened'],
      ['push', 10, 'held_down'],
      ['sms', 60, 'nobody_looked'],
    ]);
    expect(plan({ sessionKind: 'monitored' })).toEqual([['sms', 10, 'no_better_channel']]);
  });

  test('a sub-agent’s ask comes after the main agent’s', () => {
    expect(plan({ isSubAgent: true })).toEqual([['sms', 20, 'after_main_agent']]);
    expect(plan({ isSubAgent: true, mainTextAt: NOON + 45_000 })).toEqual([['sms', 45, 'after_main_agent']]);
  });

  test('quiet hours and a pause move the text and nothing else', () => {
    const quietHours = { from: '11:00', to: '14:00', timeZone: 'UTC' };
    expect(plan({ channels: all, settings: { quietHours } })).toEqual([
      ['live', 0, 'opened'],
      ['push', 0, 'opened'],
      ['sms', 7_200, 'after_quiet_hours'],
    ]);
    expect(plan({ settings: { pausedUntil: NOON + 600_000 } })).toEqual([['sms', 600, 'after_pause']]);
    expect(plan({ settings: { pausedUntil: NOON + 600_000, quietHours } })).toEqual([
      ['sms', 7_200, 'after_quiet_hours'],
    ]);
  });

  test('neither moves it past the last useful moment', () => {
    const short = { ...base.ask, deadline: NOON + 400_000 };
    expect(plan({ ask: short, settings: { pausedUntil: NOON + DAY } })).toEqual([['sms', 300, 'deadline_near']]);
    expect(plan({ settings: { pausedUntil: NOON + 2 * DAY } })).toEqual([['sms', 86_400 - 1_800, 'deadline_near']]);
  });

  test('a channel is used once, and an ask that is over tells nobody', () => {
    expect(plan({ channels: all, given: ['live', 'push'] }).map(([channel]) => channel)).toEqual(['sms']);
    expect(plan({ given: ['sms'] })).toEqual([]);
    expect(plan({ now: NOON + DAY })).toEqual([]);
    expect(plan({ channels: { live: false, push: false, sms: false } })).toEqual([]);
  });
});

const clock = fc
  .tuple(fc.nat(23), fc.nat(59))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
const requests: fc.Arbitrary<LadderRequest> = fc
  .record({
    life: fc.integer({ min: 1_000, max: 7 * DAY }),
    age: fc.integer({ min: 0, max: 7 * DAY }),
    sessionKind: fc.constantFrom('hosted' as const, 'monitored' as const),
    isSubAgent: fc.boolean(),
    mainTextAt: fc.option(fc.integer({ min: NOON - DAY, max: NOON + 8 * DAY })),
    channels: fc.record({ live: fc.boolean(), push: fc.boolean(), sms: fc.boolean() }),
    lastSeenAt: fc.option(fc.integer({ min: NOON - DAY, max: NOON + 8 * DAY })),
    settings: fc.record({
      textAfterSeconds: fc.nat(1_000_000),
      holdDownSeconds: fc.nat(1_000_000),
      quietHours: fc.option(
        fc.record({ from: clock, to: clock, timeZone: fc.constantFrom('UTC', 'America/New_York') }),
      ),
      pausedUntil: fc.option(fc.integer({ min: NOON - DAY, max: NOON + 30 * DAY })),
    }),
    given: fc.subarray(['live', 'push', 'sms'] as const),
  })
  .map(({ life, age, ...rest }) => ({
    ...base,
    ...rest,
    ask: { ...base.ask, deadline: NOON + life },
    now: NOON + Math.min(age, life - 1),
  }));

test('a suppressed notice always ends in escalation: every channel that can reach is used, in time, once', () => {
  fc.assert(
    fc.property(requests, (request) => {
      const notices = planNotices(request);
      const expected = (['live', 'push', 'sms'] as const).filter(
        (channel) => request.channels[channel] && !request.given.includes(channel),
      );
      expect(notices.map(({ channel }) => channel)).toEqual(expected);
      for (const { at, latest } of notices) {
        expect(at).toBeGreaterThanOrEqual(request.now);
        expect(at).toBeLessThan(request.ask.deadline);
        expect(at).toBeLessThanOrEqual(Math.max(latest, request.now));
      }
    }),
    { numRuns: 1_000 },
  );
});

describe('how long a text waits for company', () => {
  const hold = (change: Partial<Parameters<typeof holdForCompany>[0]> = {}) => {
    const notice = { at: NOON, latest: NOON + DAY };
    const { releaseAt, dueAt } = holdForCompany({ notice, othersRun: false, lastTextAt: null, ...change });
    return [(releaseAt - NOON) / 1_000, (dueAt - NOON) / 1_000];
  };

  test('a moment, for calls side by side, when nothing else runs', () => expect(hold()).toEqual([1, 1]));

  test('up to 20 seconds while others run, and no longer than they do', () =>
    expect(hold({ othersRun: true })).toEqual([1, 20]));

  test('until 20 seconds after a text that is still unanswered', () => {
    expect(hold({ lastTextAt: NOON - 5_000 })).toEqual([15, 15]);
    expect(hold({ lastTextAt: NOON - 60_000 })).toEqual([1, 1]);
  });

  test('not at all where the operator says so', () =>
    expect(hold({ othersRun: true, lastTextAt: NOON, windowMs: 0 })).toEqual([0, 0]));

  test('never before its own moment nor past the last useful one', () => {
    const moment = fc.integer({ min: NOON, max: NOON + 60_000 });
    fc.assert(
      fc.property(
        fc.record({ at: moment, more: fc.nat(60_000), othersRun: fc.boolean(), lastTextAt: fc.option(moment) }),
        ({ at, more, othersRun, lastTextAt }) => {
          const { wantedAt, releaseAt, dueAt } = holdForCompany({
            notice: { at, latest: at + more },
            othersRun,
            lastTextAt,
          });
          expect(wantedAt).toBe(at);
          expect(at <= releaseAt && releaseAt <= dueAt && dueAt <= at + more).toBe(true);
        },
      ),
    );
  });
});
