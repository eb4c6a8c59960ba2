/** Two servers on one PostgreSQL: a session is served by one of them at a time, and by the other when that one is lost. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import type { SessionEvent } from '@claude-companion/protocol';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { createPostgresDatabase } from '../world/databases.ts';
import { eventually, openAsk, TOKEN } from '../world/server.ts';
import { agentsOf, type Home, makeHome, type ServerProcess, startProcess } from '../world/server-process.ts';

const LEASE_S = 3;
const LONG = { timeout: 90_000 };

let database: Awaited<ReturnType<typeof createPostgresDatabase>>;
let homes: [Home, Home];
let a: ServerProcess;
let b: ServerProcess;

/** Both work in the projects of the first home; everything else of theirs is their own. */
async function startIn(home: Home): Promise<ServerProcess> {
  return startProcess(home, {
    DATABASE_URL: database.url,
    PROJECTS_DIR: homes[0].projectsDir,
    SESSION_LEASE_S: String(LEASE_S),
  });
}

async function untilTurnEnds(server: ServerProcess, sessionId: string, turns = 1): Promise<SessionEvent[]> {
  const events: SessionEvent[] = [];
  for await (const item of server.client.followSession(sessionId)) {
    if (item.kind !== 'event') continue;
    events.push(item.event);
    if (events.filter(({ kind }) => kind === 'turn.ended').length === turns) return events;
  }
  throw new Error('the stream ended early');
}

/** The server that took the session, which may be either, and the other one. */
async function holderAndOther(): Promise<[ServerProcess, ServerProcess]> {
  await eventually(async () => agentsOf(a.pid).length + agentsOf(b.pid).length > 0);
  return agentsOf(a.pid).length > 0 ? [a, b] : [b, a];
}

const said = (events: readonly SessionEvent[]): string[] =>
  events.flatMap((event) => (event.kind === 'message.assistant' ? [event.data.text] : []));
const count = (events: readonly SessionEvent[], kind: SessionEvent['kind']): number =>
  events.filter((event) => event.kind === kind).length;

async function start(server: ServerProcess, ...steps: Parameters<typeof scripted>[0]): Promise<string> {
  return (await server.client.startSession({ project: 'my-app', message: scripted(steps) })).session_id;
}

async function query<R extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<R[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<R>(text, values)).rows;
  } finally {
    await client.end();
  }
}

describe.skipIf(!inject('postgres'))('two servers on one database', () => {
  beforeEach(async () => {
    database = await createPostgresDatabase({ empty: false });
    homes = [makeHome(), makeHome()];
    a = await startIn(homes[0]);
    b = await startIn(homes[1]);
  });
  afterEach(async () => {
    await Promise.all([a.kill(), b.kill()]);
    for (const home of homes) home[Symbol.dispose]();
    await database.drop();
  });

  test('a prompt sent to one is carried by the other, which has the session', LONG, async () => {
    const id = await start(a, { text: 'One.' }, { text: 'Two.' });
    await untilTurnEnds(a, id);
    const [holder, other] = await holderAndOther();
    const response = await fetch(`${other.url}/sessions/${id}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ message: 'Go on.' }),
    });
    expect(JSON.stringify(await response.json())).toContain('Two.');
    expect([agentsOf(holder.pid).length, agentsOf(other.pid).length]).toEqual([1, 0]);
    expect(count(await untilTurnEnds(other, id, 2), 'agent.started')).toBe(1);
  });

  test(
    'kill -9 of one: its ask stays open, is answered once through the other, and the conversation goes on there',
    LONG,
    async () => {
      const append = { tool: 'Bash', input: { command: 'echo once >> notes.txt' } };
      const id = await start(a, append, { text: 'One.' }, { text: 'Two.' });
      const ask = await openAsk(a.client, id);
      const [holder, other] = await holderAndOther();
      // The process of another server goes on from the copy of the transcript.
      await eventually(async () => (await query('select 1 from transcript_entries where type = $1', ['assistant']))[0]);
      await holder.kill();
      expect(await openAsk(other.client, id)).toMatchObject({ id: ask.id, state: 'open' });
      const answers = await Promise.all(
        [1, 2, 3].map(() => other.client.answerAsk(ask.id, { decision: 'allow', applySuggestions: false })),
      );
      expect(answers.filter(({ outcome }) => outcome === 'answered')).toHaveLength(1);
      const events = await untilTurnEnds(other, id);
      expect(count(events, 'ask.applied')).toBe(1);
      expect(count(events, 'ask.opened')).toBe(1);
      expect(readFileSync(join(homes[0].project, 'notes.txt'), 'utf8')).toBe('once\n');
      const taker = other === b ? homes[1] : homes[0];
      expect(existsSync(join(taker.dataDir, 'claude', 'projects'))).toBe(true);
      expect(said(events)).toContain('One.');
    },
  );

  test('one that was stopped longer than its lease writes nothing more, and its process goes', LONG, async () => {
    const id = await start(a, { delayMs: 2_000, text: 'Said once.' });
    await eventually(async () => {
      const started = await query('select 1 from events where session_id = $1 and kind = $2', [id, 'turn.started']);
      const known = await query('select 1 from transcript_entries where session_id = $1 and type = $2', [id, 'user']);
      return started.length > 0 && known.length > 0;
    });
    const [holder, other] = await holderAndOther();
    process.kill(holder.pid, 'SIGSTOP');
    let ended: SessionEvent[];
    try {
      ended = await untilTurnEnds(other, id);
      expect(said(ended)).toEqual(['Said once.']);
      // Its process went before the other one came, although nobody could tell it to.
      expect(agentsOf(holder.pid)).toEqual([]);
    } finally {
      process.kill(holder.pid, 'SIGCONT');
    }
    await eventually(async () => agentsOf(holder.pid).length === 0);
    // It is alive and serves: a new session, whose events come after anything it could still have written.
    const next = await start(holder, { text: 'Still here.' });
    expect(said(await untilTurnEnds(holder, next))).toEqual(['Still here.']);
    expect(await untilTurnEnds(other, id)).toEqual(ended);
    const rows = await query<{ kind: string }>('select kind from events where session_id = $1 order by seq', [id]);
    expect(rows.map(({ kind }) => kind)).toEqual(ended.map(({ kind }) => kind));
    const assistant = await query(
      `select 1 from transcript_entries where session_id = $1 and type = 'assistant' and entry::text like '%Said once.%'`,
      [id],
    );
    expect(assistant).toHaveLength(1);
  });
});
