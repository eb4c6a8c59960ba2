/** Random bodies, right and wrong ones, to the routes of monitored sessions: each is answered as the document says. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { sessionRoutes } from '../../packages/server/src/http/notifier-api/sessions.ts';
import { OPENAPI_DOCUMENT } from '../../packages/server/src/http/surfaces.ts';
import { allowedBy, mistakenFor } from '../openapi/schema-arbitrary.ts';
import { verifies } from '../verifies.ts';
import { type MonitoringWorld, openMonitoring, type Started } from '../world/monitoring.ts';
import { TOKEN } from '../world/server.ts';

let monitoring: MonitoringWorld;
/** One that goes on and one that was stopped. */
let sessions: Started[];
beforeAll(async () => {
  monitoring = await openMonitoring('pglite');
  sessions = [await monitoring.start(), await monitoring.start()];
  for (const session of sessions.slice(1)) await monitoring.stop(session);
});
afterAll(() => monitoring[Symbol.asyncDispose]());

const calls = fc.constantFrom(...sessionRoutes).chain((row) => {
  const schema = z.toJSONSchema(row.schema.body ?? z.object({}), { io: 'input' });
  return fc.record({
    row: fc.constant(row),
    nth: fc.nat(),
    body: fc.oneof(
      allowedBy(schema),
      mistakenFor(schema),
      fc.constantFrom<unknown>(null, [], 'text', 7, {
        event_type: 'done',
        details: { '\ud83d': 'half \udc00', '\0': '\0' },
      }),
    ),
  });
});

test('whatever is sent is answered, and never with a failure of the server', { timeout: 120_000 }, async () => {
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(calls, async ({ row, nth, body }) => {
      const session = sessions[nth % sessions.length] ?? { id: '', token: '' };
      const token = row.auth === 'person' ? TOKEN : session.token;
      const answer = await monitoring.post(row.path.replace(':session_id', session.id), token, body);
      statuses.add(answer.status);
      if (answer.status === 200) expect(row.schema.response?.safeParse(answer.body).error).toBeUndefined();
      else expect(answer).toMatchObject({ status: expect.any(Number), body: { message: expect.any(String) } });
      expect(Object.keys(documented(row.path)?.responses ?? {})).toContain(String(answer.status));
      expect(
        answer.status,
        monitoring.world.logs.findLast((line) => line.includes('"level":50')),
      ).toBeLessThan(500);
      // A stop among the calls ends it.
      if (row.path.endsWith('/stop') && answer.status === 200) sessions[0] = await monitoring.start();
    }),
    { numRuns: 300 },
  );
  expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 404]));
});

const documented = (path: string) => {
  const paths = OPENAPI_DOCUMENT.paths as Record<string, { post?: { requestBody?: object; responses?: object } }>;
  return paths[path.replace(':session_id', '{session_id}')]?.post;
};

verifies(
  ['sms-plugin/api-schemas'],
  'the requests and answers are described in the document that /docs shows',
  async () => {
    const response = await fetch(`${monitoring.world.server.url}/openapi.json`);
    const served = (await response.json()) as { paths: Record<string, { post: unknown }> };
    for (const { path } of sessionRoutes) {
      const operation = documented(path);
      expect(operation?.requestBody, path).toMatchObject({
        content: { 'application/json': { schema: expect.anything() } },
      });
      expect(operation?.responses, path).toMatchObject({
        200: { content: { 'application/json': { schema: expect.anything() } } },
        401: { content: { 'application/json': { schema: expect.anything() } } },
      });
      expect(served.paths[path.replace(':session_id', '{session_id}')]?.post).toEqual(operation);
    }
  },
);
