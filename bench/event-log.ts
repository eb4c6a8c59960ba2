/**
 * Durable events per second of our log against the bare group commit of the same engine: a coalescing writer that inserts the
 * same payload into a plain table with one `insert … select unnest`. And how long a reader takes to get 10,000 old events.
 * Both sides run in turns in one process; what counts is their ratio. Budget: 0.7 at 200 producers; replay 300 ms.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { NewEvent } from '@claude-companion/protocol';
import { systemClock } from '../packages/server/src/clock.ts';
import type { Database } from '../packages/server/src/store/database.ts';
import { openStore, type Store } from '../packages/server/src/store/open.ts';
import { findPostgres, startPostgres } from '../test/world/postgres.ts';

const PRODUCERS = [1, 16, 200];
const ROUNDS = 5;
const ROUND_MS = 700;
const MAX_FLUSH_ROWS = 500;
const REPLAYED = 10_000;
const CACHE_DIR = fileURLToPath(new URL('../node_modules/.cache/claude-companion', import.meta.url));
const logger = { info() {}, warn: console.warn, error: console.error };

type Append = (event: NewEvent) => Promise<unknown>;

/** About 300 bytes of JSON, as a tool call of an agent is. */
function payload(sessionId: string): NewEvent {
  const command = 'npm run test -- --reporter=dot packages/server/src/store && git status --short | head -n 20';
  return {
    sessionId,
    kind: 'tool.started',
    data: {
      toolUseId: 'toolu_01A09q90qw90lq917835lq9',
      tool: 'Bash',
      input: { command, description: 'Run the "store" tests' },
    },
    at: '2026-01-31T12:00:00.000Z',
  };
}

/** The yardstick: nothing but group commit. */
class BareLog {
  readonly #db: Database;
  #waiting: { event: NewEvent; resolve: () => void; reject: (error: unknown) => void }[] = [];
  #flushing = false;

  constructor(db: Database) {
    this.#db = db;
  }

  append(event: NewEvent): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ event, resolve, reject });
      if (!this.#flushing) void this.#flushAll();
    });
  }

  async #flushAll(): Promise<void> {
    this.#flushing = true;
    while (this.#waiting.length > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      const batch = this.#waiting.splice(0, MAX_FLUSH_ROWS);
      const events = batch.map(({ event }) => event);
      try {
        await this.#db.query(
          `insert into bare_events (session_id, kind, data, at)
           select * from unnest($1::uuid[], $2::text[], $3::jsonb[], $4::timestamptz[])`,
          [
            events.map(({ sessionId }) => sessionId),
            events.map(({ kind }) => kind),
            events.map(({ data }) => JSON.stringify(data)),
            events.map(({ at }) => at),
          ],
        );
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#flushing = false;
  }
}

async function eventsPerSecond(append: Append, producers: number): Promise<number> {
  let count = 0;
  const start = performance.now();
  const end = start + ROUND_MS;
  const produce = async () => {
    const event = payload(crypto.randomUUID());
    while (performance.now() < end) {
      await append(event);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: producers }, produce));
  return count / ((performance.now() - start) / 1000);
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function measureAppends(name: string, store: Store): Promise<void> {
  await store.db.query(
    `create table bare_events (id bigint generated always as identity primary key, session_id uuid not null, kind text not null,
       data jsonb not null, at timestamptz not null)`,
  );
  const bare = new BareLog(store.db);
  const ours: Append = (event) => store.log.append([event]);
  const theirs: Append = (event) => bare.append(event);
  await eventsPerSecond(ours, 16);
  await eventsPerSecond(theirs, 16);
  for (const producers of PRODUCERS) {
    const [log, floor]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      log.push(await eventsPerSecond(ours, producers));
      floor.push(await eventsPerSecond(theirs, producers));
    }
    const ratio = median(log) / median(floor);
    console.log(
      `${name}: ${producers} producers: log ${Math.round(median(log))}/s, bare ${Math.round(median(floor))}/s, ratio ${ratio.toFixed(2)}`,
    );
  }
}

async function measureReplay(name: string, store: Store): Promise<void> {
  const sessionId = crypto.randomUUID();
  for (let written = 0; written < REPLAYED; written += MAX_FLUSH_ROWS) {
    await store.log.append(Array.from({ length: MAX_FLUSH_ROWS }, () => payload(sessionId)));
  }
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const controller = new AbortController();
    const start = performance.now();
    let seen = 0;
    for await (const page of store.feed.followSession({ sessionId, after: 0, signal: controller.signal })) {
      seen += page.length;
      if (seen === REPLAYED) controller.abort();
    }
    times.push(performance.now() - start);
  }
  console.log(`${name}: replay of ${REPLAYED} events of one session: ${Math.round(median(times))} ms`);
}

async function measure(name: string, databaseUrl: string | undefined): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'claude-companion-bench-'));
  const store = await openStore({
    databaseUrl,
    dataDir,
    cacheDir: CACHE_DIR,
    logger,
    clock: systemClock,
    dataKey: Buffer.alloc(32),
  });
  try {
    await measureAppends(name, store);
    await measureReplay(name, store);
  } finally {
    await store.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

export async function run(): Promise<void> {
  await measure('PGlite', undefined);
  const binDir = findPostgres();
  if (binDir === undefined) {
    console.log('PostgreSQL is not installed: measured on the embedded engine only.');
    return;
  }
  const server = await startPostgres({ binDir, fsync: true });
  try {
    await measure('PostgreSQL', server.url());
  } finally {
    await server.stop();
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await run();
