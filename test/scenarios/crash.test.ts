/**
 * The whole product under `kill -9`: sessions ask to append lines to a file, people answer through random doors, and the server
 * is killed with its agents at random moments, again and again. CRASH_KILLS sets the number of kills, CRASH_SEED repeats the
 * moments of an earlier run.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { scripted } from '@claude-companion/gateway';
import type { Ask, SessionEvent } from '@claude-companion/protocol';
import { describe, expect, test } from 'vitest';
import { openPglite } from '../../packages/server/src/store/pglite.ts';
import { silentLogger } from '../world/databases.ts';
import { type Home, makeHome, type ServerProcess, startProcess } from '../world/server-process.ts';

const KILLS = Number(process.env.CRASH_KILLS ?? 6);
const SEED = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Sessions that are not finished at any time. */
const BUSY = 3;

/** mulberry32: the same moments for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What the people and programs around the server were told, over all its lives. */
class Outside {
  readonly random: () => number;
  /** Sessions whose start was acknowledged. */
  readonly sessions: string[] = [];
  readonly over = new Set<string>();
  /** Every event anybody saw, by session and seq. */
  readonly seen = new Map<string, Map<number, string>>();
  readonly changed: string[] = [];
  acknowledgedTexts = 0;
  #line = 0;
  #noted = 0;

  constructor(seed: number) {
    this.random = randomFrom(seed);
  }

  /** One life of the server, until `signal` aborts. Whatever fails then, failed because of the kill. */
  async live(server: ServerProcess, signal: AbortSignal): Promise<void> {
    const followed = new Set<string>();
    const answered = new Set<string>();
    while (!signal.aborted) {
      try {
        for (const id of this.sessions.filter((each) => !followed.has(each))) {
          followed.add(id);
          void this.#follow(server, id, signal);
        }
        if (this.sessions.length - this.over.size < BUSY) await this.#startSession(server);
        await this.#answerSomething(server, answered);
      } catch (error) {
        if (!signal.aborted && !(await isGone(server))) throw error;
      }
      await sleep(20 + this.random() * 100);
    }
  }

  /** Answers all that is asked, until every session is idle. */
  async finish(server: ServerProcess): Promise<void> {
    const answered = new Set<string>();
    for (;;) {
      for (const ask of await openAsks(server)) await this.#answer(server, ask, answered);
      const sessions = await server.client.listSessions();
      const idle = sessions.every(({ state }) => state === 'idle');
      if (idle && (await openAsks(server)).length === 0) return;
      await sleep(50);
    }
  }

  /**
   * A random moment: so many events later (fast and slow machines get equally far), and a moment more. One life in five ends
   * while it takes up what the one before left.
   */
  async untilSomethingHappened(): Promise<void> {
    const events = this.random() < 0.2 ? 0 : 1 + Math.floor(this.random() * 25);
    const patience = Date.now() + 10_000;
    const wanted = this.#noted + events;
    while (this.#noted < wanted && Date.now() < patience) await sleep(5);
    await sleep(this.random() * 150);
  }

  async #startSession(server: ServerProcess): Promise<void> {
    const lines = this.random() < 0.5 ? 1 : 2;
    const steps = Array.from({ length: lines }, () => ({
      tool: 'Bash',
      input: { command: `echo line-${++this.#line} >> notes.txt` },
    }));
    const message = scripted([...steps, { text: `Done up to ${this.#line}.` }]);
    const { session_id } = await server.client.startSession({ project: 'my-app', message });
    this.sessions.push(session_id);
  }

  async #answerSomething(server: ServerProcess, answered: Set<string>): Promise<void> {
    const asks = (await openAsks(server)).filter(({ id }) => !answered.has(id));
    const ask = asks[Math.floor(this.random() * asks.length)];
    if (ask && this.random() < 0.5) await this.#answer(server, ask, answered);
  }

  async #answer(server: ServerProcess, ask: Ask, answered: Set<string>): Promise<void> {
    const allow = this.random() < 0.8;
    if (this.random() < 0.5) {
      answered.add(ask.id);
      const answer = allow
        ? ({ decision: 'allow', applySuggestions: false } as const)
        : ({ decision: 'deny' } as const);
      await server.client.answerAsk(ask.id, answer);
      return;
    }
    const line = ask.title.match(/line-\d+/)?.[0] ?? 'none';
    const texts = (await server.client.phoneTexts()).filter(
      ({ body }) => body.includes(`${line} `) || body.includes(`${line}\n`),
    );
    const code = texts.flatMap(({ body }) => body.match(/\bOK ([0-9A-Z]{4})\b/)?.[1] ?? []).at(-1);
    if (code === undefined) return;
    answered.add(ask.id);
    await server.client.typeOnPhone(`${allow ? 'OK' : 'NO'} ${code}`);
    this.acknowledgedTexts += 1;
  }

  async #follow(server: ServerProcess, sessionId: string, signal: AbortSignal): Promise<void> {
    try {
      for await (const item of server.client.followSession(sessionId, { signal })) {
        if (item.kind === 'event') this.note(item.event);
      }
    } catch {
      // The connection ends with the server.
    }
  }

  note(event: SessionEvent): void {
    const events = this.seen.get(event.sessionId) ?? new Map<number, string>();
    this.seen.set(event.sessionId, events);
    const text = JSON.stringify(event);
    const before = events.get(event.seq);
    if (before !== undefined && before !== text) this.changed.push(`was ${before}, is ${text}`);
    if (before === undefined) this.#noted += 1;
    events.set(event.seq, text);
    if (event.kind === 'turn.ended') this.over.add(event.sessionId);
  }
}

async function openAsks(server: ServerProcess): Promise<Ask[]> {
  return (await server.client.listAsks()).filter(({ kind }) => kind === 'permission');
}

async function isGone(server: ServerProcess): Promise<boolean> {
  return fetch(`${server.url}/health`).then(
    () => false,
    () => true,
  );
}

/** Replies that are written and not sent: one that was cut in the sending is taken up when its lease has run out. */
async function repliesLeft(home: Home): Promise<number> {
  const db = await openPglite({ directory: join(home.dataDir, 'pg'), logger: silentLogger });
  try {
    const { rows } = await db.query(
      `select 1 from deliveries where purpose = 'reply' and state in ('queued', 'sending')`,
    );
    return rows.length;
  } finally {
    await db.close();
  }
}

function linesIn(home: Home): Map<string, number> {
  const file = join(home.project, 'notes.txt');
  const counts = new Map<string, number>();
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

describe('kill -9 of the server and its agents', () => {
  test(
    `keeps every promise (${KILLS} kills, CRASH_SEED=${SEED})`,
    async () => {
      using home = makeHome();
      const outside = new Outside(SEED);
      for (let kill = 0; kill < KILLS; kill++) {
        const server = await startProcess(home, { SHUTDOWN_GRACE_S: '0' });
        const end = new AbortController();
        const life = outside.live(server, end.signal);
        await outside.untilSomethingHappened();
        end.abort();
        await server.kill();
        await life;
      }

      const asks: Ask[] = [];
      do {
        const server = await startProcess(home);
        try {
          await outside.finish(server);
          await sleep(1_000);
          asks.length = 0;
          for (const id of outside.sessions) {
            asks.push(...(await server.client.listAsks({ state: 'all', sessionId: id })));
          }
        } finally {
          await server.kill();
        }
      } while ((await repliesLeft(home)) > 0);
      expect(outside.changed).toEqual([]);

      const permissions = asks.filter(({ kind }) => kind === 'permission');
      expect(permissions.filter(({ state }) => state === 'open' || state === 'answered')).toEqual([]);
      const written = linesIn(home);
      for (const [line, times] of written) {
        const approvals = permissions.filter(
          ({ input, answer }) => answer?.decision === 'allow' && String(input?.command).includes(`${line} `),
        );
        expect(times, line).toBeLessThanOrEqual(approvals.length);
      }
      const { replies, unknown } = await checkDatabase(home, outside);
      expect(replies).toBeGreaterThanOrEqual(outside.acknowledgedTexts);
      const allowed = permissions.filter(({ answer }) => answer?.decision === 'allow').length;
      console.log(
        `${KILLS} kills: ${outside.sessions.length} sessions, ${permissions.length} asks, ${allowed} allowed, ` +
          `${[...written.values()].reduce((sum, n) => sum + n, 0)} lines written, ${unknown} unknown, ${replies} texts`,
      );
      expect(outside.sessions.length, 'something was going on').toBeGreaterThan(0);
    },
    120_000 + KILLS * 20_000,
  );
});

/**
 * What came next in the session after each allowed call that the agent was given and that did not run: only a kill may be the
 * reason, and then the next thing is the note with which the session goes on, or the turn is given up.
 */
function approvalsWithoutEffect(events: readonly SessionEvent[]): string[] {
  const allowed = new Set(
    events.flatMap((each) =>
      each.kind === 'ask.answered' && each.data.answer.decision === 'allow' ? [each.data.askId] : [],
    ),
  );
  return events.flatMap((event, index) => {
    if (event.kind !== 'ask.applied' || event.data.outcome !== 'delivered' || !allowed.has(event.data.askId)) return [];
    const next = events.slice(index + 1).find(({ kind }) => /^(tool\.|message\.|turn\.|prompt\.)/.test(kind));
    if (next?.kind === 'tool.finished' && next.data.ok) return [];
    const goesOn = next?.kind === 'prompt.accepted' && next.data.source === 'server';
    const givenUp = next?.kind === 'turn.ended' && next.data.outcome === 'lost';
    return goesOn || givenUp ? [] : [JSON.stringify(next)];
  });
}

/** What only the database knows. @returns how many texts came in, and how many approvals nobody can tell the end of */
async function checkDatabase(home: Home, outside: Outside): Promise<{ replies: number; unknown: number }> {
  const db = await openPglite({ directory: join(home.dataDir, 'pg'), logger: silentLogger });
  try {
    const left = await db.query(`select id, state from sessions where state <> 'idle'`);
    expect(left.rows, 'every session is idle').toEqual([]);
    const commands = await db.query(`select kind, state, payload from commands where state <> 'done'`);
    expect(commands.rows, 'every command is carried out').toEqual([]);
    const { rows: events } = await db.query<SessionEvent>(
      `select id, session_id as "sessionId", seq, kind, data, at from events order by session_id, seq`,
    );
    const stored = new Map(outside.sessions.map((id) => [id, events.filter((each) => each.sessionId === id)]));
    for (const [id, all] of stored) {
      expect(
        all.map(({ seq }) => seq),
        `${id} without gaps`,
      ).toEqual(all.map((_, index) => index + 1));
      for (const [seq, text] of outside.seen.get(id) ?? [])
        expect(all[seq - 1], `seen: ${text}`).toEqual(JSON.parse(text));
      const prompts = all.filter((each) => each.kind === 'prompt.accepted' && each.data.source === 'person');
      const ends = all.filter(({ kind }) => kind === 'turn.ended');
      expect(prompts).toHaveLength(1);
      expect(ends.length, `turns of ${id} end`).toBeGreaterThanOrEqual(1);
    }
    const ignored = [...stored.values()].flatMap((all) => approvalsWithoutEffect(all));
    expect(ignored, 'approvals without effect although nothing was killed').toEqual([]);
    const texts = await db.query<{ id: number; replies: number; received: number }>(
      `select t.id, count(distinct d.id)::int as replies, count(s.id)::int as received
         from inbound_texts t
         left join deliveries d on d.inbound_id = t.id and d.purpose = 'reply'
         left join simulated_texts s on s.carrier_id = 'sim_out_' || d.id and s.direction = 'to_phone'
        group by t.id`,
    );
    for (const { id, ...counts } of texts.rows) expect(counts, `text ${id}`).toEqual({ replies: 1, received: 1 });
    const unknown = events.filter((each) => each.kind === 'ask.applied' && each.data.outcome === 'unknown');
    return { replies: texts.rows.length, unknown: unknown.length };
  } finally {
    await db.close();
  }
}
