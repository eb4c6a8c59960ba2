/** Sessions in a terminal that report here: start, tokens, stop. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import { ENGINE_NAMES, type MonitoringWorld, openMonitoring } from '../world/monitoring.ts';
import { TOKEN } from '../world/server.ts';

describe.each(ENGINE_NAMES)('on %s', (engine) => {
  let monitoring: MonitoringWorld;
  beforeAll(async () => {
    monitoring = await openMonitoring(engine);
  });
  afterAll(() => monitoring[Symbol.asyncDispose]());

  /** The texts that `work` made arrive. */
  async function textsOf(work: () => Promise<unknown>): Promise<string[]> {
    const before = (await monitoring.texts()).length;
    await work();
    return (await monitoring.texts()).slice(before);
  }

  verifies(
    ['sms-server/session-start', 'sms-server/start-response', 'sms-plugin/api-sessions-start'],
    'a start gives a session a name and a token of its own',
    async () => {
      const whole = await monitoring.start();
      const short = await monitoring.post('/sessions/start', TOKEN, {
        claude_session_id: randomUUID(),
        description: 'Only what the plugin sends',
      });
      expect(short).toMatchObject({
        status: 200,
        body: { session_token: expect.any(String), monitoring_id: expect.any(String) },
      });
      expect(short.body.session_token).not.toBe(whole.token);
      expect((await monitoring.heartbeat(whole)).status).toBe(200);
    },
  );

  verifies(
    [
      'sms-server/session-start-invalid',
      'sms-server/session-start-description',
      'sms-server/status-400',
      'sms-server/timestamps',
    ],
    'a start that is not whole or not right is refused with the name of the field',
    async () => {
      const right = { claude_session_id: 'session_1', description: 'x', started_at: new Date().toISOString() };
      const wrong: [string, Record<string, unknown>][] = [
        ['claude_session_id', { ...right, claude_session_id: undefined }],
        ['claude_session_id', { ...right, claude_session_id: '' }],
        ['claude_session_id', { ...right, claude_session_id: 7 }],
        ['description', { ...right, description: undefined }],
        ['description', { ...right, description: 'x'.repeat(101) }],
        ['started_at', { ...right, started_at: 'yesterday' }],
        ['started_at', { ...right, started_at: 1_700_000_000 }],
        ['started_at', { ...right, started_at: '2026-02-30T12:00:00.000Z' }],
        ['started_at', { ...right, started_at: '0000-01-01T00:00:00Z' }],
        ['started_at', { ...right, started_at: '9999-12-31T23:59:59-10:00' }],
        ['hostname', { ...right, hostname: 'x'.repeat(300) }],
        ['heartbeat_interval_ms', { ...right, heartbeat_interval_ms: 0 }],
        ['heartbeat_interval_ms', { ...right, heartbeat_interval_ms: 86_400_000 }],
      ];
      for (const [field, body] of wrong) {
        const answer = await monitoring.post('/sessions/start', TOKEN, body);
        expect(answer, JSON.stringify(body)).toMatchObject({
          status: 400,
          body: { message: expect.stringContaining(field) },
        });
      }
      await monitoring.start({ description: 'x'.repeat(100) });
      for (const time of ['2026-03-01T12:00:00Z', '2026-03-01T12:00:00.123456+02:00', '2026-03-01T12:00:00']) {
        await monitoring.start({ started_at: time });
      }
    },
  );

  verifies(
    ['sms-server/session-start-unauthorized', 'sms-server/endpoints-with-token', 'sms-server/status-401'],
    'nothing happens without a right token',
    async () => {
      const session = await monitoring.start();
      const paths = [
        '/sessions/start',
        ...['events', 'heartbeat', 'stop'].map((path) => `/sessions/${session.id}/${path}`),
      ];
      for (const path of paths) {
        for (const token of [null, 'wrong', 'cc_session_wrong', `${session.token}x`]) {
          const answer = await monitoring.post(path, token, {
            event_type: 'done',
            reason: 'completed',
            final_state: 'success',
          });
          expect(answer, `${path} ${token}`).toMatchObject({ status: 401, body: { message: expect.any(String) } });
        }
      }
      // A session's token is no access token, and an access token no session's.
      expect((await monitoring.post('/sessions/start', session.token, {})).status).toBe(401);
      expect((await monitoring.report({ ...session, token: TOKEN }, 'done')).status).toBe(401);
      expect((await monitoring.heartbeat(session)).status).toBe(200);
    },
  );

  verifies(
    [
      'sms-server/event-unauthorized',
      'sms-server/event-not-found',
      'sms-server/status-404',
      'sms-plugin/security-session-token',
    ],
    'a session token works for its own session only',
    async () => {
      const [mine, other] = [await monitoring.start(), await monitoring.start()];
      const hosted = await monitoring.world.client.startSession({ project: 'my-app' });
      const requests = [
        ['events', { event_type: 'done' }],
        ['heartbeat', {}],
        ['stop', { reason: 'user_stop', final_state: 'cancelled' }],
      ] as const;
      for (const [what, body] of requests) {
        const foreign = await monitoring.post(`/sessions/${other.id}/${what}`, mine.token, body);
        expect(foreign).toMatchObject({ status: 401, body: { message: 'Session token invalid' } });
        for (const id of [randomUUID(), 'no-id', hosted.session_id]) {
          const unknown = await monitoring.post(`/sessions/${id}/${what}`, mine.token, body);
          expect(unknown, `${what} ${id}`).toMatchObject({ status: 404, body: { message: expect.any(String) } });
        }
      }
      expect((await monitoring.heartbeat(other)).status).toBe(200);
    },
  );

  test('the same session started again is the same, and all its tokens work', async () => {
    const name = { claude_session_id: `again_${randomUUID()}` };
    const first = await monitoring.start(name);
    const crossing = await Promise.all(
      Array.from({ length: 3 }, () => monitoring.start({ ...name, description: 'Newer' })),
    );
    expect(new Set([first, ...crossing].map(({ id }) => id)).size).toBe(1);
    for (const session of [first, ...crossing]) expect((await monitoring.heartbeat(session)).status).toBe(200);
    // Five tokens are kept.
    await monitoring.start(name);
    const last = await monitoring.start({ ...name, description: 'Newest' });
    expect((await monitoring.heartbeat(first)).status).toBe(401);
    const { body } = await monitoring.stop(last);
    expect(body.session_summary.description).toBe('Newest');
    expect((await monitoring.start(name)).id).not.toBe(first.id);
  });

  verifies(
    ['sms-server/stop', 'sms-server/stop-summary', 'sms-server/stop-again', 'sms-plugin/api-session-stop'],
    'a stop tells what the session was, and stopping again does no harm',
    async () => {
      const startedAt = '2026-03-01T12:00:00.000Z';
      const session = await monitoring.start({ started_at: startedAt });
      await monitoring.report(session, 'error');
      await monitoring.report(session, 'error');
      await monitoring.report(session, 'done');
      const stopped = await monitoring.stop(session, { ended_at: '2026-03-01T12:01:30.500Z' });
      expect(stopped).toEqual({
        status: 200,
        body: {
          stopped: true,
          session_summary: {
            description: 'Fixing Docker build',
            hostname: 'build-machine',
            started_at: startedAt,
            ended_at: '2026-03-01T12:01:30.500Z',
            duration_ms: 90_500,
            sms_sent_count: 2,
            event_count: 3,
            events_by_type: { error: 2, done: 1, waiting: 0 },
            reason: 'completed',
            final_state: 'success',
          },
        },
      });
      expect(await monitoring.stop(session, { reason: 'error', final_state: 'error' })).toEqual(stopped);
      const backwards = await monitoring.start({ started_at: startedAt });
      const { body } = await monitoring.stop(backwards, { ended_at: '2026-03-01T11:00:00Z' });
      expect(body.session_summary.duration_ms).toBe(0);
    },
  );

  verifies(
    ['sms-server/stop-then-events', 'sms-plugin/security-session-token-stopped'],
    'after the stop the token does nothing any more',
    async () => {
      const session = await monitoring.start();
      await monitoring.stop(session, { reason: 'user_stop', final_state: 'cancelled' });
      const texts = await textsOf(async () => {
        for (const type of ['error', 'done', 'waiting']) {
          expect(await monitoring.report(session, type)).toMatchObject({
            status: 404,
            body: { message: expect.any(String) },
          });
        }
        expect((await monitoring.heartbeat(session)).status).toBe(404);
      });
      expect(texts).toEqual([]);
    },
  );

  verifies(
    ['sms-server/stop-reasons', 'sms-server/stop-final-states'],
    'reason and final_state are closed sets',
    async () => {
      const session = await monitoring.start();
      const bad = [
        { reason: 'done' },
        { reason: undefined },
        { final_state: 'completed' },
        { final_state: undefined },
        { ended_at: 'now' },
      ];
      for (const body of bad) {
        const [field = ''] = Object.keys(body);
        expect(await monitoring.stop(session, body)).toMatchObject({
          status: 400,
          body: { message: expect.stringContaining(field) },
        });
      }
      for (const reason of ['completed', 'user_stop', 'error']) {
        for (const finalState of ['success', 'error', 'cancelled']) {
          const { status, body } = await monitoring.stop(await monitoring.start(), { reason, final_state: finalState });
          expect(status).toBe(200);
          expect(body.session_summary).toMatchObject({ reason, final_state: finalState });
        }
      }
    },
  );

  test('what a client of ours could not foresee is answered, not lost', async () => {
    const session = await monitoring.start();
    for (const body of ['', 'null', '[]', '"x"', '{', '{"event_type":"done","details":{"__proto__":{"a":1}}}']) {
      const response = await fetch(`${monitoring.world.server.url}/sessions/${session.id}/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${session.token}` },
        body,
      });
      expect(response.status, body).toBeLessThan(500);
    }
    const large = await monitoring.report(session, 'done', { stack: 'x'.repeat(2_000_000) });
    expect(large.status).toBe(413);
    expect((await monitoring.heartbeat(session, {})).status).toBe(200);
  });
});
