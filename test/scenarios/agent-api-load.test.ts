/** Many callers at once: nobody gets a failure of the server, and nothing is lost. */
import { Agent, request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { agentApi } from '../world/agent-api.ts';
import { createPostgresDatabase, ENGINES } from '../world/databases.ts';
import { openWorld, TOKEN, type World } from '../world/server.ts';

/** The whole proof is ten thousand. */
const CREATES = process.env.PROOF_LENGTH === 'full' ? 10_000 : 1_000;
/** The kernel takes no more connections that nobody has accepted yet; callers beyond them wait their turn. */
const CONNECTIONS = 4_000;
const MEGABYTE = 1024 * 1024;

interface Made {
  status: number;
  id: string | undefined;
}

function create({ server }: World, agent: Agent): Promise<Made> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    const options = { host: '127.0.0.1', port: server.port, method: 'POST', path: '/sessions', headers, agent };
    const sent = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        const body = JSON.parse(text) as { session_id?: string };
        resolve({ status: response.statusCode ?? 0, id: body.session_id });
      });
    });
    sent.on('error', reject).end('{}');
  });
}

async function memoryOf(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage().rss;
  await work();
  return (process.memoryUsage().rss - before) / MEGABYTE;
}

describe.each(ENGINES)('on $name', ({ name }) => {
  test(`${CREATES} sessions made at once: each is there, or was refused with a reason`, {
    timeout: 300_000,
  }, async () => {
    const database = name === 'postgres' ? await createPostgresDatabase({ empty: true }) : null;
    try {
      await using world = await openWorld({ settings: database ? { DATABASE_URL: database.url } : {} });
      const api = agentApi(world);
      await api.create();
      const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
      const answers: Made[] = [];
      const grown = await memoryOf(async () => {
        answers.push(...(await Promise.all(Array.from({ length: CREATES }, () => create(world, agent)))));
      });
      agent.destroy();
      const statuses = new Set(answers.map(({ status }) => status));
      expect([...statuses].filter((status) => status !== 200 && status !== 429)).toEqual([]);
      const made = answers.flatMap(({ status, id }) => (status === 200 && id ? [id] : []));
      expect(new Set(made).size).toBe(made.length);
      expect(made.length).toBeGreaterThanOrEqual(1_000);
      const { sessions } = (await api.call('GET', '/sessions')).body as { sessions: { session_id: string }[] };
      const listed = new Set(sessions.map(({ session_id }) => session_id));
      expect(made.filter((id) => !listed.has(id))).toEqual([]);
      // The callers live in this process too; a server that kept a process for each session would be far above this.
      expect(grown).toBeLessThan(600);
      expect((await api.call('GET', '/health')).status).toBe(200);
    } finally {
      await database?.drop();
    }
  });
});
