/** Heartbeats, stale and expired sessions, and how monitored sessions look from the other doors. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import { ENGINE_NAMES, type MonitoringWorld, openMonitoring, type Started } from '../world/monitoring.ts';
import { pairPhone } from '../world/paired-person.ts';
import { eventually } from '../world/server.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe.each(ENGINE_NAMES)('on %s', (engine) => {
  let monitoring: MonitoringWorld;
  beforeAll(async () => {
    monitoring = await openMonitoring(engine);
  });
  afterAll(() => monitoring[Symbol.asyncDispose]());

  interface Listed {
    session_id: string;
    kind: string;
    state: string;
    status: string;
    monitored: { description: string; hostname: string; stale: boolean } | null;
  }

  async function listed({ id }: Started): Promise<Listed | undefined> {
    const { sessions } = (await (await monitoring.world.request('/sessions')).json()) as { sessions: Listed[] };
    return sessions.find(({ session_id: sessionId }) => sessionId === id);
  }

  verifies(['sms-server/heartbeat', 'sms-plugin/api-session-heartbeat'], 'a heartbeat is taken', async () => {
    const session = await monitoring.start({ heartbeat_interval_ms: 30_000 });
    const { status, body } = await monitoring.heartbeat(session);
    expect(status).toBe(200);
    const now = monitoring.clock.now().getTime();
    expect(Math.abs(Date.parse(body.stale_at) - now - 90_000)).toBeLessThan(10_000);
    expect(Math.abs(Date.parse(body.expires_at) - now - 24 * HOUR)).toBeLessThan(10_000);
  });

  verifies(
    ['sms-server/heartbeat-interval', 'sms-server/heartbeat-revives', 'sms-plugin/edge-stale'],
    'a session is stale after 3 missed heartbeats of its own interval, until the next one',
    async () => {
      const quick = await monitoring.start({ heartbeat_interval_ms: 30_000 });
      const slow = await monitoring.start();
      monitoring.clock.jump(80_000);
      expect((await listed(quick))?.monitored?.stale).toBe(false);
      monitoring.clock.jump(10_000);
      expect((await listed(quick))?.monitored?.stale).toBe(true);
      expect((await listed(slow))?.monitored?.stale).toBe(false);
      expect((await monitoring.heartbeat(quick)).status).toBe(200);
      expect((await listed(quick))?.monitored?.stale).toBe(false);
      monitoring.clock.jump(14 * MINUTE);
      expect((await listed(slow))?.monitored?.stale).toBe(true);
      // An event is a sign of life too.
      await monitoring.report(slow, 'error');
      expect((await listed(slow))?.monitored?.stale).toBe(false);
    },
  );

  verifies(
    ['sms-server/heartbeat-expiry', 'sms-server/heartbeat-not-found'],
    'a session without heartbeats is over after 24 hours, everywhere',
    async () => {
      const name = { claude_session_id: randomUUID(), started_at: monitoring.clock.now().toISOString() };
      const session = await monitoring.start(name);
      const kept = await monitoring.start();
      monitoring.clock.jump(23 * HOUR);
      expect((await monitoring.heartbeat(kept)).status).toBe(200);
      monitoring.clock.jump(HOUR);
      const answers = [
        await monitoring.heartbeat(session),
        await monitoring.report(session, 'done'),
        await monitoring.stop(session),
      ];
      for (const answer of answers) {
        expect(answer).toMatchObject({ status: 404, body: { message: expect.any(String) } });
      }
      expect(await listed(session)).toBeUndefined();
      expect(await listed(kept)).toBeDefined();
      expect((await monitoring.start(name)).id).not.toBe(session.id);
      // The sweep writes the end into the log, once.
      await eventually(async () => {
        monitoring.clock.jump(MINUTE);
        const status = await monitoring.world.request(`/sessions/${session.id}/status`);
        return ((await status.json()) as Listed).state === 'ended';
      });
      expect((await monitoring.heartbeat(session)).status).toBe(404);
    },
  );

  test('it is listed like any other session, and says how it is', async () => {
    const session = await monitoring.start({ description: 'Database migration', hostname: 'db-1' });
    expect(await listed(session)).toMatchObject({
      kind: 'monitored',
      state: 'running',
      status: 'connected',
      project: null,
      monitored: { description: 'Database migration', hostname: 'db-1', stale: false },
    });
    const hosted = await monitoring.world.client.startSession({ project: 'my-app' });
    expect(await listed({ id: hosted.session_id, token: '' })).toMatchObject({ kind: 'hosted', monitored: null });
    await monitoring.report(session, 'waiting');
    expect((await listed(session))?.state).toBe('waiting');
    await monitoring.heartbeat(session, { last_activity: new Date(0).toISOString() });
    expect((await listed(session))?.state).toBe('waiting');
    await monitoring.heartbeat(session, {
      last_activity: new Date(monitoring.clock.now().getTime() + 1).toISOString(),
    });
    expect((await listed(session))?.state).toBe('running');
    await monitoring.report(session, 'done');
    expect((await listed(session))?.state).toBe('idle');
    await monitoring.stop(session);
    expect(await listed(session)).toBeUndefined();
    const available = (await (await monitoring.world.request('/sessions/available')).json()) as { sessions: Listed[] };
    expect(available.sessions.some(({ session_id: id }) => id === session.id)).toBe(false);
  });

  test('it cannot be told what only an agent of this server can', async () => {
    const session = await monitoring.start();
    const refused: [string, string, unknown][] = [
      ['POST', 'messages', { message: 'hello' }],
      ['POST', 'model', { model: 'demo' }],
      ['POST', 'permission_mode', { mode: 'plan' }],
      ['POST', 'interrupt', {}],
      ['GET', 'server_info', undefined],
    ];
    for (const [method, what, body] of refused) {
      const response = await monitoring.world.request(`/sessions/${session.id}/${what}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      expect(response.status, what).toBe(409);
      expect(JSON.stringify(await response.json())).toContain('runs in a terminal');
    }
    const resumed = await monitoring.world.request('/sessions', {
      method: 'POST',
      body: JSON.stringify({ resume_session_id: session.id }),
    });
    expect(resumed.status).toBe(409);
    expect((await listed(session))?.state).toBe('running');
    expect((await monitoring.heartbeat(session)).status).toBe(200);
  });

  test('the owner can close it from the other door', async () => {
    const session = await monitoring.start();
    const closed = await monitoring.world.request(`/sessions/${session.id}`, { method: 'DELETE' });
    expect(closed.status).toBe(200);
    expect((await monitoring.heartbeat(session)).status).toBe(404);
    expect((await monitoring.report(session, 'done')).status).toBe(404);
    expect(await monitoring.stop(session)).toMatchObject({ status: 200, body: { stopped: true } });
  });

  test('people see and touch only their own', async () => {
    const [mine, person] = [await monitoring.start(), await pairPhone(monitoring.world, '+14155550177')];
    const theirs = await monitoring.start({}, person.token);
    const list = (await (await person.request('/sessions')).json()) as { sessions: Listed[] };
    expect(list.sessions.map(({ session_id: id }) => id)).toEqual([theirs.id]);
    for (const { id } of [mine, theirs]) {
      const status = await person.request(`/sessions/${id}/status`);
      expect(status.status).toBe(id === theirs.id ? 200 : 404);
    }
    expect((await monitoring.report({ id: mine.id, token: theirs.token }, 'done')).status).toBe(401);
    expect((await monitoring.report({ id: theirs.id, token: person.token }, 'done')).status).toBe(401);
    const named = { claude_session_id: 'the same name' };
    expect((await monitoring.start(named)).id).not.toBe((await monitoring.start(named, person.token)).id);
    // The owner sees all.
    expect(await listed(theirs)).toBeDefined();
    expect((await monitoring.report(theirs, 'done')).body.sms_sent).toBe(true);
  });

  test('a server that starts again knows its sessions, their tokens and their limits', async () => {
    const session = await monitoring.start();
    const first = await monitoring.report(session, 'error');
    await monitoring.world.restart();
    const second = await monitoring.report(session, 'error');
    expect(second.body).toMatchObject({ rate_limited: true, next_allowed_at: first.body.next_allowed_at });
    expect((await monitoring.stop(session)).body.session_summary).toMatchObject({ sms_sent_count: 1, event_count: 2 });
  });
});
