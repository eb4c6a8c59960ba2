/** Opens the store: which engine, its schema, its upkeep. Starts in the order of the code and stops in the reverse one. */
import { access, constants, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Database } from './database.ts';
import { lockDirectory } from './directory-lock.ts';
import { EventFeed } from './event-feed.ts';
import { EventLog } from './event-log.ts';
import { Idempotency } from './idempotency.ts';
import { Leases } from './leases.ts';
import type { StoreLogger } from './logger.ts';
import { Maintenance } from './maintenance.ts';
import { migrate, readMigrations } from './migrate.ts';
import { openPglite } from './pglite.ts';
import { ensureDatabaseDirectory } from './pglite-template.ts';
import { openPostgres } from './postgres.ts';
import { createSeal, type Seal } from './seal.ts';
import { storeUnavailable } from './store-unavailable.ts';

export interface StoreOptions {
  /** A PostgreSQL server. Unset: the embedded engine below `dataDir`. */
  databaseUrl?: string | undefined;
  /** Made when missing. Not touched with `databaseUrl`. */
  dataDir: string;
  /** Where the template of new data directories is kept. Default `<dataDir>/cache`. */
  cacheDir?: string | undefined;
  /** Seals phone numbers and short texts; kept outside the database. At least 32 bytes. */
  dataKey: Uint8Array;
  logger: StoreLogger;
  clock: Clock;
}

export interface Store {
  db: Database;
  log: EventLog;
  feed: EventFeed;
  leases: Leases;
  idempotency: Idempotency;
  seal: Seal;
  /** False when a power cut may lose acknowledged commits (embedded engine, failed self-test). A server is taken at its word. */
  durable: boolean;
  /** Ends followers, writes what was queued, closes the engine. Idempotent. */
  close(): Promise<void>;
}

/** @throws CompanionError STORE_UNAVAILABLE with one line that says what to do */
export async function openStore(options: StoreOptions): Promise<Store> {
  const closers = new Closers();
  try {
    const { db, durable } = await openEngine(options, closers);
    const migrations = await migrate(db, await readMigrations());
    if (migrations.length > 0) options.logger.info({ migrations }, 'The database was migrated.');
    const seal = createSeal(options.dataKey);
    await refuseForeignKey(db, seal);
    const leases = new Leases(db);
    if (db.engine === 'pglite') {
      await leases.clearAll();
      const maintenance = new Maintenance(db, options);
      closers.add(() => maintenance.close());
      maintenance.start();
    }
    const log = await EventLog.open(db);
    closers.add(() => log.close());
    const feed = await EventFeed.open(db, { clock: options.clock });
    closers.add(() => feed.close());
    const idempotency = new Idempotency(options.clock);
    return { db, log, feed, leases, idempotency, seal, durable, close: () => closers.closeAll() };
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

/** Kept in the database, so that a server with another key is told apart. */
export const sealMark = (seal: Seal): string => seal.index('the key of this database');

/** Texts and numbers sealed with another key could not be read any more, and people not be found by their number. */
async function refuseForeignKey(db: Database, seal: Seal): Promise<void> {
  const mark = sealMark(seal);
  await db.query(`insert into meta (key, value) values ('seal', $1) on conflict (key) do nothing`, [mark]);
  const { rows } = await db.query<{ value: string }>(`select value from meta where key = 'seal'`);
  if (rows[0]?.value === mark) return;
  throw storeUnavailable(
    'The phone numbers in this database were sealed with another DATA_KEY. Set DATA_KEY to that one, or put back the file DATA_DIR/data-key it was made with.',
  );
}

/** What was opened, to be closed in the reverse order. All are tried; the first failure is reported. */
class Closers {
  readonly #stack: (() => Promise<void>)[] = [];
  #closed: Promise<void> | undefined;

  add(close: () => Promise<void>): void {
    this.#stack.push(close);
  }

  closeAll(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#stack.toReversed()) await close().catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}

async function openEngine(
  { databaseUrl, cacheDir, logger, ...options }: StoreOptions,
  closers: Closers,
): Promise<{ db: Database; durable: boolean }> {
  if (databaseUrl !== undefined) {
    const db = await openPostgres({ databaseUrl, logger });
    closers.add(() => db.close());
    return { db, durable: true };
  }
  const dataDir = resolve(options.dataDir);
  await makeWritable(dataDir);
  const lock = await lockDirectory(dataDir);
  closers.add(() => lock.release());
  const template = await usableCacheDir(cacheDir ?? join(dataDir, 'cache'), dataDir);
  const db = await openPglite({ directory: await ensureDatabaseDirectory(dataDir, { cacheDir: template }), logger });
  closers.add(() => db.close());
  return { db, durable: db.durable };
}

async function makeWritable(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw storeUnavailable(
      `The data directory ${dataDir} cannot be written (${code ?? 'unknown reason'}). Give this user write permission or set DATA_DIR to another directory.`,
      error,
    );
  }
}

/** A program installed for all users cannot write beside itself; the template then lies with the data. */
async function usableCacheDir(cacheDir: string, dataDir: string): Promise<string> {
  try {
    await mkdir(cacheDir, { recursive: true });
    await access(cacheDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return cacheDir;
  } catch {
    return join(dataDir, 'cache');
  }
}
