import type { NewEvent, SessionEvent } from '@claude-companion/protocol';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ENGINES, type TestDatabase } from '../../../../test/world/databases.ts';
import { systemClock } from '../clock.ts';
import type { Database } from './database.ts';
import { CursorAheadError, EventFeed } from './event-feed.ts';
import { EventLog } from './event-log.ts';

function said(sessionId: string, text: string): NewEvent {
  return { sessionId, kind: 'message.assistant', data: { messageId: 'm', text }, at: '2026-01-31T12:00:00.000Z' };
}

async function take(pages: AsyncIterable<SessionEvent[]>, count: number): Promise<SessionEvent[]> {
  const events: SessionEvent[] = [];
  for await (const page of pages) {
    events.push(...page);
    if (events.length >= count) break;
  }
  return events;
}

describe.each(ENGINES)('the event feed on $name', (engine) => {
  let test: TestDatabase;
  let log: EventLog;
  beforeAll(async () => {
    test = await engine.open();
    log = await EventLog.open(test.db);
  });
  afterAll(() => test.close());

  async function openFeed(options: { pollMs?: number; pageSize?: number } = {}): Promise<EventFeed> {
    const feed = await EventFeed.open(test.db, { clock: systemClock, pollMs: 3_600_000, ...options });
    onTestFinished(() => feed.close());
    return feed;
  }
  const signal = () => {
    const controller = new AbortController();
    onTestFinished(() => controller.abort());
    return controller.signal;
  };

  it('reads the whole log and one session from a cursor, in pages', async () => {
    const feed = await openFeed();
    const [a, b] = [crypto.randomUUID(), crypto.randomUUID()];
    const start = await feed.head();
    const events = await log.append([said(a, '1'), said(b, '2'), said(a, '3'), said(b, '4'), said(a, '5')]);
    expect(await feed.read({ after: start, limit: 2 })).toEqual(events.slice(0, 2));
    expect(await feed.read({ after: start + 2, limit: 100 })).toEqual(events.slice(2));
    expect(await feed.readSession({ sessionId: a, after: 1, limit: 100 })).toEqual([events[2], events[4]]);
    expect(await feed.readSession({ sessionId: crypto.randomUUID(), after: 0, limit: 100 })).toEqual([]);
    expect(await feed.head()).toBe(start + 5);
    expect(await feed.sessionHead(a)).toBe(3);
  });

  it('says so when a cursor is beyond the log, instead of waiting for ever', async () => {
    const feed = await openFeed();
    const sessionId = crypto.randomUUID();
    await log.append([said(sessionId, '1')]);
    const ahead = (await feed.head()) + 1;
    await expect(feed.read({ after: ahead, limit: 1 })).rejects.toThrow(CursorAheadError);
    await expect(feed.readSession({ sessionId, after: 2, limit: 1 })).rejects.toThrow(CursorAheadError);
    await expect(take(feed.follow({ after: ahead, signal: signal() }), 1)).rejects.toThrow(CursorAheadError);
    await expect(take(feed.followSession({ sessionId, after: 2, signal: signal() }), 1)).rejects.toThrow(
      CursorAheadError,
    );
    expect(await feed.readSession({ sessionId, after: 1, limit: 1 })).toEqual([]);
  });

  it('replays, then goes on live, with no poll to help', async () => {
    const feed = await openFeed({ pageSize: 3 });
    const [sessionId, other] = [crypto.randomUUID(), crypto.randomUUID()];
    const start = await feed.head();
    const past = await log.append(Array.from({ length: 7 }, (_, n) => said(sessionId, `${n}`)));
    const all = take(feed.follow({ after: start, signal: signal() }), 30);
    const own = take(feed.followSession({ sessionId, after: 2, signal: signal() }), 5 + 11);
    const live: SessionEvent[] = [];
    for (let n = 0; n < 11; n++) {
      live.push(...(await log.append([said(sessionId, `live ${n}`)])));
      live.push(...(await test.db.transaction((tx) => log.appendIn(tx, [said(other, `other ${n}`)]))));
    }
    live.push(...(await log.append([said(other, 'last')])));
    expect(await all).toEqual([...past, ...live]);
    expect(await own).toEqual([...past, ...live].filter((event) => event.sessionId === sessionId).slice(2));
  });

  it('finds by its poll what no notification told', async () => {
    const { db } = test;
    const deaf: Database = {
      engine: db.engine,
      query: (text, params) => db.query(text, params),
      transaction: (work) => db.transaction(work),
      listen: async () => async () => {},
      close: () => db.close(),
    };
    const feed = await EventFeed.open(deaf, { clock: systemClock, pollMs: 5 });
    onTestFinished(() => feed.close());
    const sessionId = crypto.randomUUID();
    const waiting = take(feed.followSession({ sessionId, after: 0, signal: signal() }), 2);
    await log.append([said(sessionId, '1')]);
    await log.append([said(sessionId, '2')]);
    expect((await waiting).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('ends when the signal aborts, before, while and after it waits', async () => {
    const feed = await openFeed();
    const sessionId = crypto.randomUUID();
    expect(await take(feed.followSession({ sessionId, after: 0, signal: AbortSignal.abort() }), 1)).toEqual([]);
    const controller = new AbortController();
    const pages = feed.followSession({ sessionId, after: 0, signal: controller.signal });
    const first = pages.next();
    await log.append([said(sessionId, '1')]);
    expect((await first).value).toHaveLength(1);
    const second = pages.next();
    controller.abort();
    expect(await second).toEqual({ done: true, value: undefined });
  });

  it('ends its followers when it is closed', async () => {
    const feed = await EventFeed.open(test.db, { clock: systemClock, pollMs: 3_600_000 });
    const waiting = take(feed.follow({ after: await feed.head(), signal: signal() }), 1);
    await feed.close();
    expect(await waiting).toEqual([]);
    expect(await take(feed.follow({ after: 0, signal: signal() }), 1)).toEqual([]);
  });

  it('gives a slow reader everything, one page at a time', async () => {
    const feed = await openFeed({ pageSize: 10 });
    const sessionId = crypto.randomUUID();
    const sizes: number[] = [];
    const writing = (async () => {
      for (let n = 0; n < 20; n++) await log.append(Array.from({ length: 7 }, () => said(sessionId, `${n}`)));
    })();
    let seen = 0;
    for await (const page of feed.followSession({ sessionId, after: 0, signal: signal() })) {
      sizes.push(page.length);
      expect(page.map(({ seq }) => seq)).toEqual(page.map((_, index) => seen + index + 1));
      seen += page.length;
      if (seen === 140) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writing;
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
  });
});
