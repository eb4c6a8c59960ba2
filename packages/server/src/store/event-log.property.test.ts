/** Whatever callers do at the same time, the log stays a log. */
import type { NewEvent, SessionEvent } from '@claude-companion/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINES, type TestDatabase } from '../../../../test/world/databases.ts';
import { systemClock } from '../clock.ts';
import { EventFeed } from './event-feed.ts';
import { EventLog } from './event-log.ts';

/** What one producer does, step after step; producers run side by side. `session` is one of a few shared ones. */
type Step =
  | { do: 'append'; session: number; count: number; wait: boolean }
  | { do: 'appendIn'; session: number; count: number }
  | { do: 'roll back'; session: number }
  | { do: 'pause'; turns: number };

const session = fc.nat(2);
const count = fc.integer({ min: 1, max: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('append' as const), session, count, wait: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('appendIn' as const), session, count }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('roll back' as const), session }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pause' as const), turns: fc.integer({ min: 1, max: 3 }) }) },
);
const producers = fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 });

describe.each(ENGINES)('the log on $name', (engine) => {
  let test: TestDatabase;
  /** Two processes of one database: their memories of the last seq overtake each other. */
  let logs: EventLog[];
  let feed: EventFeed;
  beforeAll(async () => {
    test = await engine.open();
    logs = [await EventLog.open(test.db), await EventLog.open(test.db)];
    feed = await EventFeed.open(test.db, { clock: systemClock, pollMs: 3_600_000, pageSize: 5 });
  });
  afterAll(async () => {
    await feed.close();
    await test.close();
  });

  it('has no gap in a session, rising ids, and shows every reader each event once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(producers, async (plans) => {
        const sessions = [0, 1, 2].map(() => crypto.randomUUID());
        const start = await feed.head();
        const stop = new AbortController();
        const global = collect(feed.follow({ after: start, signal: stop.signal }));
        const own = sessions.map((sessionId) =>
          collect(feed.followSession({ sessionId, after: 0, signal: stop.signal })),
        );
        const acknowledged = (await Promise.all(plans.map((plan, index) => produce(plan, { index, sessions })))).flat();
        const stored = await feed.read({ after: start, limit: 10_000 });
        await global.until(stored.length);
        for (const [index, reader] of own.entries()) {
          await reader.until(stored.filter((event) => event.sessionId === sessions[index]).length);
        }
        stop.abort();

        expect(stored.map(({ id }) => id)).toEqual(stored.map((_, index) => start + index + 1));
        expect(acknowledged.toSorted((a, b) => a.id - b.id)).toEqual(stored);
        expect(global.events).toEqual(stored);
        for (const [index, reader] of own.entries()) {
          const expected = stored.filter((event) => event.sessionId === sessions[index]);
          expect(expected.map(({ seq }) => seq)).toEqual(expected.map((_, place) => place + 1));
          expect(reader.events).toEqual(expected);
        }
        for (const [index] of plans.entries()) expectCallOrder(stored, `${index}`);
      }),
      { numRuns: 25 },
    );
  });

  /** Runs one producer's plan; returns what was acknowledged to it. Each event says `producer call place`. */
  async function produce(plan: Step[], who: { index: number; sessions: string[] }): Promise<SessionEvent[]> {
    const log = logs[who.index % logs.length];
    if (!log) throw new Error('no log');
    const pending: Promise<SessionEvent[]>[] = [];
    for (const [call, current] of plan.entries()) {
      const events = (sessionIndex: number, length: number) =>
        Array.from({ length }, (_, place) => said(who.sessions[sessionIndex] ?? '', `${who.index} ${call} ${place}`));
      switch (current.do) {
        case 'append': {
          const append = log.append(events(current.session, current.count));
          pending.push(append);
          if (current.wait) await append;
          break;
        }
        case 'appendIn':
          await log.flush();
          pending.push(
            Promise.resolve(
              await test.db.transaction((tx) => log.appendIn(tx, events(current.session, current.count))),
            ),
          );
          break;
        case 'roll back':
          await test.db
            .transaction(async (tx) => {
              await log.appendIn(tx, events(current.session, 1));
              throw new Error('rolled back');
            })
            .catch(() => {});
          break;
        case 'pause':
          for (let turn = 0; turn < current.turns; turn++) await new Promise((resolve) => setImmediate(resolve));
          break;
      }
    }
    return (await Promise.all(pending)).flat();
  }
});

function said(sessionId: string, text: string): NewEvent {
  return { sessionId, kind: 'message.assistant', data: { messageId: 'm', text }, at: '2026-01-31T12:00:00.000Z' };
}

/** One producer's events stand in the log in the order of its calls, and those of one call in their own order. */
function expectCallOrder(stored: SessionEvent[], producer: string): void {
  const places = stored
    .map((event) => ('text' in event.data && event.data.text ? event.data.text.split(' ') : []))
    .filter(([who]) => who === producer)
    .map(([, call, place]) => Number(call) * 100 + Number(place));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
}

function collect(pages: AsyncIterable<SessionEvent[]>) {
  const events: SessionEvent[] = [];
  let changed = Promise.withResolvers<void>();
  const done = (async () => {
    for await (const page of pages) {
      events.push(...page);
      changed.resolve();
      changed = Promise.withResolvers<void>();
    }
  })();
  return {
    events,
    async until(length: number): Promise<void> {
      while (events.length < length) await Promise.race([changed.promise, done]);
    },
  };
}
