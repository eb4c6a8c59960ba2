/** Whose phone a monitored session reaches, and what happens when it cannot be reached. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { reportEvent } from '../../packages/server/src/operations/monitor/report-event.ts';
import { startMonitoring } from '../../packages/server/src/operations/monitor/start-monitoring.ts';
import { stopMonitoring } from '../../packages/server/src/operations/monitor/stop-monitoring.ts';
import { ensurePersonByPhone, pausePerson, setOptedOut } from '../../packages/server/src/store/people.ts';
import { type Conversation, openConversation } from '../world/conversation.ts';
import { ENGINES, type TestDatabase } from '../world/databases.ts';

const HOUR = 3_600_000;

describe.each(ENGINES)('on $name', (engine) => {
  let database: TestDatabase;
  let world: Conversation;
  beforeAll(async () => {
    database = await engine.open();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    world = await openConversation(database.db);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const later = (ms: number): string => new Date(world.clock.now().getTime() + ms).toISOString();

  async function start(personId = world.context.owner.id, claudeSessionId: string = randomUUID()) {
    const description = 'Fixing Docker build';
    return startMonitoring(world.context, { personId, claudeSessionId, description, heartbeatIntervalMs: 300_000 });
  }

  /** Reports while time passes: the answer waits for the carrier by the clock. */
  async function reportOnce(sessionId: string, clientId: string = randomUUID()) {
    let over = false;
    const event = { sessionId, tokenOf: sessionId, type: 'done' as const, details: {}, clientId };
    const answer = reportEvent(world.context, event).finally(() => {
      over = true;
    });
    while (!over) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      world.clock.advance(10);
    }
    return answer;
  }

  /** Asks again while the text is on its way: the machine may be busy. */
  async function report(sessionId: string) {
    const clientId = randomUUID();
    for (;;) {
      const answer = await reportOnce(sessionId, clientId);
      if (answer.reason !== 'queued') return answer;
    }
  }

  test('a session of somebody else goes by the same name and is another one', async () => {
    const { store, clock } = world.context;
    const phone = '+14155550199';
    const now = clock.now().toISOString();
    const other = await ensurePersonByPhone(store.db, store.seal, { id: randomUUID(), phone, now });
    const mine = await start(undefined, 'session_1');
    const theirs = await start(other.id, 'session_1');
    expect(theirs.monitoringId).not.toBe(mine.monitoringId);
    expect(await report(theirs.monitoringId)).toMatchObject({ sms_sent: true });
    expect(world.carrier.sent.map(({ to }) => to)).toEqual([phone]);
  });

  test('somebody who texted STOP gets no text, and the event is kept', async () => {
    const { store, owner } = world.context;
    await setOptedOut(store.db, owner.id, later(0));
    const { monitoringId } = await start();
    expect(await report(monitoringId)).toEqual({
      sms_sent: false,
      sms_id: null,
      rate_limited: false,
      next_allowed_at: null,
      reason: 'opted_out',
    });
    await setOptedOut(store.db, owner.id, null);
    expect(await report(monitoringId)).toMatchObject({ sms_sent: true });
    expect(world.carrier.sent).toHaveLength(1);
  });

  test('somebody without a number gets none', async () => {
    await world.context.store.db.query(
      'update people set phone_sealed = null, phone_index = null, phone_masked = null',
    );
    const { monitoringId } = await start();
    expect(await report(monitoringId)).toMatchObject({ sms_sent: false, sms_id: null, reason: 'no_phone' });
  });

  test('after a pause the text goes out, once', async () => {
    const { store, owner } = world.context;
    await pausePerson(store.db, owner.id, later(2 * HOUR));
    const { monitoringId } = await start();
    const paused = await report(monitoringId);
    expect(paused).toMatchObject({ sms_sent: false, rate_limited: false, reason: 'paused' });
    expect(paused.sms_id).not.toBeNull();
    await world.pass(HOUR);
    expect(await report(monitoringId)).toMatchObject({ rate_limited: true, next_allowed_at: paused.next_allowed_at });
    expect(world.carrier.sent).toEqual([]);
    await world.pass(HOUR);
    await world.texts(1);
    expect(Date.parse(paused.next_allowed_at ?? '')).toBeGreaterThan(world.clock.now().getTime());
  });

  test('who stops the monitoring gets no text that was put off', async () => {
    const { store, owner } = world.context;
    await pausePerson(store.db, owner.id, later(HOUR));
    const { monitoringId } = await start();
    await report(monitoringId);
    const stop = { sessionId: monitoringId, tokenOf: monitoringId, finalState: 'cancelled' as const };
    const summary = await stopMonitoring(world.context, { ...stop, reason: 'user_stop' });
    expect(summary).toMatchObject({ sms_sent_count: 0, event_count: 1 });
    expect(await world.outbox()).toMatchObject([{ state: 'skipped', reason: 'the monitoring was stopped' }]);
    await world.pass(2 * HOUR);
    expect(world.carrier.sent).toEqual([]);
  });

  test('a carrier that refuses the text is told, and holds up no other', async () => {
    world.carrier.outcomes.push({ state: 'failed', retry: 'no', reason: '30003: unreachable' });
    const { monitoringId } = await start();
    expect(await report(monitoringId)).toMatchObject({ sms_sent: false, reason: 'failed', next_allowed_at: null });
    expect(await report(monitoringId)).toMatchObject({ sms_sent: true, reason: null });
  });

  test('a carrier that takes its time is not waited for', async () => {
    const hold = Promise.withResolvers<void>();
    const { send } = world.carrier;
    world.carrier.send = async (text) => {
      await hold.promise;
      return send.call(world.carrier, text);
    };
    try {
      const { monitoringId } = await start();
      const answer = await reportOnce(monitoringId);
      expect(answer).toMatchObject({ sms_sent: false, reason: 'queued', rate_limited: false });
      hold.resolve();
      await world.texts(1);
      const { db } = world.context.store;
      await world.settle(async () => {
        const { rows } = await db.query('select 1 from deliveries where id = $1 and state = $2', [
          answer.sms_id,
          'sent',
        ]);
        return rows.length === 1;
      });
    } finally {
      hold.resolve();
    }
  });
});
