import type { NewEvent } from '@claude-companion/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINES, type TestDatabase } from '../../../../test/world/databases.ts';
import { FencedError } from './event-batch.ts';
import { EventLog } from './event-log.ts';
import { Leases } from './leases.ts';

const AT = '2026-01-31T12:00:00.000Z';

function said(sessionId: string, text: string): NewEvent {
  return { sessionId, kind: 'message.assistant', data: { messageId: 'm', text }, at: AT };
}

describe.each(ENGINES)('the event log on $name', (engine) => {
  let test: TestDatabase;
  let log: EventLog;
  beforeAll(async () => {
    test = await engine.open();
    log = await EventLog.open(test.db);
  });
  afterAll(() => test.close());

  const stored = async (sessionId: string) =>
    (
      await test.db.query<{ id: number; seq: number; text: string }>(
        `select id, seq, data->>'text' as text from events where session_id = $1 order by seq`,
        [sessionId],
      )
    ).rows;

  it('numbers a session from 1 without gaps and the whole log upwards, in call order', async () => {
    const [a, b] = [crypto.randomUUID(), crypto.randomUUID()];
    const calls = Array.from({ length: 30 }, (_, n) =>
      log.append(
        n % 3 === 0 ? [said(a, `${n}`), said(b, `${n}`), said(a, `${n}+`)] : [said(n % 3 === 1 ? a : b, `${n}`)],
      ),
    );
    const appended = (await Promise.all(calls)).flat();
    expect(appended.map(({ id }) => id)).toEqual(appended.map((_, index) => (appended[0]?.id ?? 0) + index));
    for (const sessionId of [a, b]) {
      const own = appended.filter((event) => event.sessionId === sessionId);
      expect(own.map(({ seq }) => seq)).toEqual(own.map((_, index) => index + 1));
      expect(await stored(sessionId)).toEqual(
        own.map(({ id, seq, data }) => ({ id, seq, text: 'text' in data ? data.text : undefined })),
      );
    }
  });

  it('returns what a reader will get: the time in one form, unstorable characters replaced', async () => {
    const sessionId = crypto.randomUUID();
    const text = 'nul \0, half a pair \ud83d, a pair 🚀, a backslash \\u0000';
    const [event] = await log.append([{ ...said(sessionId, text), at: '2026-01-31T13:00:00+01:00' }]);
    expect(event).toMatchObject({
      at: AT,
      data: { messageId: 'm', text: 'nul \uFFFD, half a pair \uFFFD, a pair 🚀, a backslash \\u0000' },
    });
    const { rows } = await test.db.query('select at, data from events where session_id = $1', [sessionId]);
    expect(rows).toEqual([{ at: AT, data: event?.data }]);
  });

  it('takes more rows at once than one flush holds, and none at all', async () => {
    const sessionId = crypto.randomUUID();
    const [large, small] = await Promise.all([
      log.append(Array.from({ length: 1_200 }, (_, n) => said(sessionId, `${n}`))),
      log.append([said(sessionId, 'after')]),
    ]);
    expect([large.at(0)?.seq, large.at(-1)?.seq, small[0]?.seq]).toEqual([1, 1_200, 1_201]);
    expect(await log.append([])).toEqual([]);
  });

  it('takes more sessions at once than a notification can name', async () => {
    const sessions = Array.from({ length: 400 }, () => crypto.randomUUID());
    const appended = await log.append(sessions.map((sessionId) => said(sessionId, 'first')));
    expect(appended.map(({ seq }) => seq)).toEqual(sessions.map(() => 1));
  });

  it('goes on where another process has appended meanwhile', async () => {
    const sessionId = crypto.randomUUID();
    const other = await EventLog.open(test.db);
    await log.append([said(sessionId, '1')]);
    await other.append([said(sessionId, '2')]);
    await test.db.transaction((tx) => other.appendIn(tx, [said(sessionId, '3')]));
    const [event] = await log.append([said(sessionId, '4')]);
    expect(event?.seq).toBe(4);
    expect((await stored(sessionId)).map(({ seq, text }) => `${seq} ${text}`)).toEqual(['1 1', '2 2', '3 3', '4 4']);
  });

  it('refuses an event that cannot be stored without harming its neighbours', async () => {
    const sessionId = crypto.randomUUID();
    const results = await Promise.allSettled([
      log.append([said(sessionId, 'one')]),
      log.append([said('no-uuid', 'bad')]),
      log.append([{ ...said(sessionId, 'bad'), at: 'yesterday' }]),
      log.append([{ ...said(sessionId, 'bad'), kind: 'no.such.kind' } as unknown as NewEvent]),
      log.append([said(sessionId, 'two')]),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected', 'fulfilled']);
    expect((await stored(sessionId)).map(({ text }) => text)).toEqual(['one', 'two']);
  });

  it('appends inside a transaction, with its effects or not at all', async () => {
    const sessionId = crypto.randomUUID();
    await log.append([said(sessionId, 'before')]);
    const events = await test.db.transaction((tx) =>
      log.appendIn(tx, [said(sessionId, 'kept'), said(sessionId, 'too')]),
    );
    await test.db
      .transaction(async (tx) => {
        await log.appendIn(tx, [said(sessionId, 'undone')]);
        throw new Error('undone');
      })
      .catch(() => {});
    await log.append([said(sessionId, 'after')]);
    expect(events.map(({ seq }) => seq)).toEqual([2, 3]);
    expect((await stored(sessionId)).map(({ seq, text }) => `${seq} ${text}`)).toEqual([
      '1 before',
      '2 kept',
      '3 too',
      '4 after',
    ]);
  });

  it('refuses an append whose lease was taken over or released, and only that one', async () => {
    const leases = new Leases(test.db);
    const [a, b, c] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
    const lost = await leases.acquire(a, 'old', 0);
    const held = await leases.acquire(a, 'new', 60_000);
    const released = await leases.acquire(b, 'old', 60_000);
    if (!lost || !held || !released) throw new Error('the leases were free');
    await leases.release(released);
    const results = await Promise.allSettled([
      log.append([said(c, 'plain')]),
      log.append([said(a, 'lost')], { fence: lost }),
      log.append([said(a, 'held')], { fence: held }),
      log.append([said(b, 'released')], { fence: released }),
      log.append([said(b, 'unknown')], { fence: { name: 'never taken', token: 1 } }),
      log.append([said(c, 'plain too')]),
    ]);
    const outcomes = results.map((result) => (result.status === 'fulfilled' ? 'written' : result.reason.constructor));
    expect(outcomes).toEqual(['written', FencedError, 'written', FencedError, FencedError, 'written']);
    expect((await stored(a)).map(({ text }) => text)).toEqual(['held']);
    expect(await stored(b)).toEqual([]);
    expect((await stored(c)).map(({ seq, text }) => `${seq} ${text}`)).toEqual(['1 plain', '2 plain too']);
  });

  it('rejects the callers of a flush that failed, leaves no trace of it and goes on', async () => {
    const sessionId = crypto.randomUUID();
    await test.db.query(
      `create function refuse() returns trigger language plpgsql as $$ begin raise 'disk full'; end $$`,
    );
    await test.db.query('create trigger refuse before insert on events execute function refuse()');
    const results = await Promise.allSettled([log.append([said(sessionId, 'a')]), log.append([said(sessionId, 'b')])]);
    await test.db.query('drop function refuse cascade');
    expect(results.map((result) => result.status === 'rejected' && result.reason.message)).toEqual([
      'disk full',
      'disk full',
    ]);
    const [event] = await log.append([said(sessionId, 'c')]);
    expect(event?.seq).toBe(1);
  });

  it('has written everything when it is closed, and refuses what comes later', async () => {
    const sessionId = crypto.randomUUID();
    const closing = await EventLog.open(test.db);
    const appends = Promise.all([closing.append([said(sessionId, '1')]), closing.append([said(sessionId, '2')])]);
    await closing.close();
    expect(await stored(sessionId)).toHaveLength(2);
    await appends;
    await expect(closing.append([said(sessionId, '3')])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it('has flushed what was appended before', async () => {
    const sessionId = crypto.randomUUID();
    const append = log.append([said(sessionId, '1')]);
    await log.flush();
    expect(await stored(sessionId)).toHaveLength(1);
    await append;
  });
});
