/** What a machine with a monitored session does, against a real server on either engine. */
import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { createPostgresDatabase } from './databases.ts';
import { type JumpClock, jumpClock } from './jump-clock.ts';
import { openWorld, TOKEN, type World } from './server.ts';

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
}

export interface Started {
  id: string;
  token: string;
}

export interface MonitoringWorld extends AsyncDisposable {
  world: World;
  clock: JumpClock;
  post(path: string, token: string | null, body: unknown): Promise<Answer>;
  /** Starts a session, the owner's unless another access token is given. */
  start(body?: Record<string, unknown>, accessToken?: string): Promise<Started>;
  /** Reports an event, and asks again while its text is on its way: how long that takes is not what a test is about. */
  report(session: Started, type: string, details?: Record<string, unknown>): Promise<Answer>;
  heartbeat(session: Started, body?: Record<string, unknown>): Promise<Answer>;
  stop(session: Started, body?: Record<string, unknown>): Promise<Answer>;
  /** Bodies of the texts that came to the phone, oldest first. */
  texts(): Promise<string[]>;
}

export type EngineName = 'pglite' | 'postgres';
/** PostgreSQL where it is installed, which `npm test` sees to on Debian. */
export const ENGINE_NAMES: readonly EngineName[] = inject('postgres') ? ['pglite', 'postgres'] : ['pglite'];

export async function openMonitoring(
  engine: EngineName,
  settings: Record<string, string> = {},
): Promise<MonitoringWorld> {
  const database = engine === 'postgres' ? await createPostgresDatabase({ empty: false }) : null;
  const clock = jumpClock();
  const world = await openWorld({ clock, settings: { ...settings, ...(database && { DATABASE_URL: database.url }) } });

  const post: MonitoringWorld['post'] = async (path, token, body) => {
    const response = await fetch(`${world.server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  const now = (): string => clock.now().toISOString();
  const phoneTexts = async (): Promise<string[]> =>
    (await world.client.phoneTexts(0)).filter(({ direction }) => direction === 'to_phone').map(({ body }) => body);

  return {
    world,
    clock,
    post,
    async start(body = {}, accessToken = TOKEN) {
      const { status, body: answer } = await post('/sessions/start', accessToken, {
        claude_session_id: `session_${randomUUID()}`,
        description: 'Fixing Docker build',
        hostname: 'build-machine',
        started_at: now(),
        ...body,
      });
      if (status !== 200) throw new Error(`no session was started: ${status} ${JSON.stringify(answer)}`);
      return { id: answer.monitoring_id, token: answer.session_token };
    },
    async report({ id, token }, type, details) {
      const event = { event_type: type, event_id: randomUUID(), timestamp: now(), ...(details && { details }) };
      for (;;) {
        const answer = await post(`/sessions/${id}/events`, token, event);
        if (answer.body.reason !== 'queued') return answer;
      }
    },
    heartbeat: ({ id, token }, body = { timestamp: now(), last_activity: now() }) =>
      post(`/sessions/${id}/heartbeat`, token, body),
    stop: ({ id, token }, body = {}) =>
      post(`/sessions/${id}/stop`, token, {
        reason: 'completed',
        final_state: 'success',
        ended_at: now(),
        ...body,
      }),
    texts: phoneTexts,
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await database?.drop();
    },
  };
}
