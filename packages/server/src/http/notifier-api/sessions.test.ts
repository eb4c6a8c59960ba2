import Fastify from 'fastify';
import { expect } from 'vitest';
import { verifies } from '../../../../../test/verifies.ts';
import type { Doors } from '../doors.ts';
import { registerSurface } from '../surface.ts';
import { notifierApi } from './routes.ts';
import { sessionRoutes } from './sessions.ts';

verifies(['sms-server/status-500'], 'what fails inside is told as that, and nothing of it', async () => {
  const logged: unknown[] = [];
  const fail = () => Promise.reject(new Error('relation "sessions" does not exist, Failing row contains (somebody)'));
  const doors = {
    context: {
      store: { db: { query: fail, transaction: fail } },
      clock: { now: () => new Date() },
      logger: { error: (fields: unknown) => logged.push(fields) },
    },
  } as unknown as Doors;
  const app = Fastify();
  app.decorateRequest('caller', null);
  app.decorateRequest('visit', null);
  app.addHook('onRequest', async (request) => {
    request.caller = request.url.endsWith('/start')
      ? { kind: 'owner', personId: 'p' }
      : { kind: 'session', personId: 'p', sessionId: 's' };
  });
  registerSurface(app, { ...notifierApi, routes: sessionRoutes }, doors);
  const id = '5f0e8a52-3c1d-4f5e-9a27-0d6c1b7e4f21';
  const requests: [string, object][] = [
    ['/sessions/start', { claude_session_id: 'x', description: 'x' }],
    [`/sessions/${id}/events`, { event_type: 'done' }],
    [`/sessions/${id}/heartbeat`, {}],
    [`/sessions/${id}/stop`, { reason: 'completed', final_state: 'success' }],
  ];
  for (const [url, payload] of requests) {
    const answer = await app.inject({ method: 'POST', url, payload });
    expect(answer.statusCode, url).toBe(500);
    expect(answer.json()).toEqual({ message: 'The server could not do that.' });
  }
  expect(logged).toHaveLength(requests.length);
  await app.close();
});
