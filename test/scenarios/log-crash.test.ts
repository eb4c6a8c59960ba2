/**
 * `kill -9` at any moment loses nothing that was acknowledged. CRASH_KILLS sets the number of kills (1000 in the full proof),
 * CRASH_SEED repeats the moments of an earlier run.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { systemClock } from '../../packages/server/src/clock.ts';
import { openStore, type Store } from '../../packages/server/src/store/open.ts';
import { silentLogger } from '../world/databases.ts';

const KILLS = Number(process.env.CRASH_KILLS ?? 20);
const SEED = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 2 ** 31));
const WRITER = fileURLToPath(new URL('./log-crash-writer.ts', import.meta.url));
const SESSIONS: string[] = Array.from({ length: 5 }, () => crypto.randomUUID());

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

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'claude-companion-crash-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return directory;
}

/** Collects whole lines; a line cut off by the kill was not acknowledged to anybody. */
function startWriter(dataDir: string, cacheDir: string) {
  const child: ChildProcess = spawn(process.execPath, [WRITER, dataDir, cacheDir, SESSIONS.join(',')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let complaint = '';
  const opened = Promise.withResolvers<void>();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    opened.resolve();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const closed = once(child, 'close');
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    /** Resolves when it has opened the store, or is gone. */
    opened: Promise.race([opened.promise, closed.then(() => {})]),
    async kill(): Promise<string[]> {
      const diedByItself = child.exitCode !== null;
      child.kill('SIGKILL');
      await closed;
      if (diedByItself) throw new Error(`the writer ended by itself: ${complaint}`);
      return output.split('\n').slice(0, -1);
    },
  };
}

async function reopen(dataDir: string, cacheDir: string): Promise<Store> {
  return await openStore({ dataDir, cacheDir, logger: silentLogger, clock: systemClock, dataKey: Buffer.alloc(32) });
}

async function storedSeqs(store: Store): Promise<Map<string, number[]>> {
  const { rows } = await store.db.query<{ sessionId: string; seqs: number[] }>(
    'select session_id as "sessionId", array_agg(seq order by id) as seqs from events group by 1',
  );
  return new Map(rows.map(({ sessionId, seqs }) => [sessionId, seqs]));
}

describe('kill -9', () => {
  it(
    `while it appends loses nothing acknowledged (${KILLS} kills, CRASH_SEED=${SEED})`,
    async () => {
      const random = randomFrom(SEED);
      const dataDir = temporaryDirectory();
      const cacheDir = inject('pgliteCacheDir');
      const acknowledged = new Map(SESSIONS.map((sessionId) => [sessionId, 0]));
      let head = 0;
      for (let kill = 1; kill <= KILLS; kill++) {
        const writer = startWriter(dataDir, cacheDir);
        // One in five dies while it opens, recovers or migrates; the others while they append.
        if (random() < 0.2) await sleep(random() * 1_500);
        else {
          await writer.opened;
          await sleep(random() * 400);
        }
        for (const line of await writer.kill()) {
          const [sessionId = '', seq] = line.split(' ');
          if (seq !== undefined) acknowledged.set(sessionId, Math.max(acknowledged.get(sessionId) ?? 0, Number(seq)));
        }

        const store = await reopen(dataDir, cacheDir);
        const stored = await storedSeqs(store);
        const total = [...stored.values()].flat().length;
        for (const [sessionId, seqs] of stored) {
          expect(seqs, `kill ${kill}: gap-free`).toEqual(seqs.map((_, index) => index + 1));
          expect(seqs.length, `kill ${kill}: acknowledged of ${sessionId}`).toBeGreaterThanOrEqual(
            acknowledged.get(sessionId) ?? 0,
          );
        }
        for (const [sessionId, seq] of acknowledged) if (seq > 0) expect(stored.has(sessionId)).toBe(true);
        expect(await store.feed.head(), `kill ${kill}: ids without gaps`).toBe(total);
        expect(total).toBeGreaterThanOrEqual(head);
        head = total;
        await store.close();
      }
      expect(Math.max(...acknowledged.values()), 'the writers got to write').toBeGreaterThan(0);
    },
    60_000 + KILLS * 10_000,
  );

  it(
    'during the very first start leaves what the next start repairs',
    async () => {
      const random = randomFrom(SEED + 1);
      // With a template: the copy and the migrations are hit. Without: initdb, with its own cache directory.
      const cases = [
        ...Array.from({ length: Math.ceil(KILLS / 15) }, () => ({ cacheDir: inject('pgliteCacheDir'), within: 1_500 })),
        { cacheDir: join(temporaryDirectory(), 'cache'), within: 4_000 },
      ];
      for (const { cacheDir, within } of cases) {
        const dataDir = temporaryDirectory();
        for (let attempt = 0; attempt < 2; attempt++) {
          const writer = startWriter(dataDir, cacheDir);
          await sleep(random() * within);
          await writer.kill();
        }
        const store = await reopen(dataDir, cacheDir);
        for (const seqs of (await storedSeqs(store)).values()) expect(seqs).toEqual(seqs.map((_, index) => index + 1));
        const [event] = await store.log.append([
          {
            sessionId: crypto.randomUUID(),
            kind: 'turn.started',
            data: { promptId: 'p' },
            at: '2026-01-31T12:00:00.000Z',
          },
        ]);
        expect(event?.seq).toBe(1);
        await store.close();
      }
    },
    60_000 + KILLS * 10_000,
  );
});
