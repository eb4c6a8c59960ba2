/**
 * Brings a database to the state this program knows: the files of `sql/`, `0001_….sql` onwards, each once, in order, in a
 * transaction of its own, recorded with its checksum. Safe when several servers start at once.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { Database, Transaction } from './database.ts';
import { storeUnavailable } from './store-unavailable.ts';

export interface Migration {
  version: number;
  name: string;
  sql: string;
  checksum: string;
}

const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;
/** Any constant that nobody else uses for an advisory lock in this database. */
const MIGRATION_LOCK = 4_071_650_321;

/** Reads a folder of migrations. @throws Error for a file with a wrong name or a number used twice. */
export async function readMigrations(folder: URL = new URL('./sql/', import.meta.url)): Promise<Migration[]> {
  const migrations: Migration[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const version = Number(FILE_NAME.exec(name)?.[1]);
    if (Number.isNaN(version)) throw new Error(`${name} is not named like a migration: 0001_words.sql`);
    if (migrations.at(-1)?.version === version) throw new Error(`Two migrations have the number of ${name}.`);
    // A checkout on Windows may have changed the line ends.
    const sql = (await readFile(new URL(name, folder), 'utf8')).replaceAll('\r\n', '\n');
    migrations.push({ version, name, sql, checksum: createHash('sha256').update(sql).digest('hex') });
  }
  return migrations;
}

/**
 * Applies what is missing and returns the names of what it applied.
 * @throws CompanionError STORE_UNAVAILABLE when the database is newer than this program or an applied file was changed.
 */
export async function migrate(db: Database, migrations: readonly Migration[]): Promise<string[]> {
  const applied: string[] = [];
  for (;;) {
    const name = await db.transaction((tx) => applyNext(tx, migrations));
    if (name === undefined) return applied;
    applied.push(name);
  }
}

/** One transaction under the lock: look again what is applied, apply the first that is not. */
async function applyNext(tx: Transaction, migrations: readonly Migration[]): Promise<string | undefined> {
  await tx.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  await tx.query(
    `create table if not exists migrations (version int primary key, name text not null, checksum text not null,
       applied_at timestamptz not null default now())`,
  );
  const { rows: done } = await tx.query<Migration>('select version, name, checksum from migrations order by version');
  checkApplied(done, migrations);
  const next = migrations[done.length];
  if (!next) return undefined;
  // A large table may take its time; the limit of ordinary statements is not for this.
  await tx.query('set local statement_timeout = 0');
  await tx.query(next.sql);
  await tx.query('insert into migrations (version, name, checksum) values ($1, $2, $3)', [
    next.version,
    next.name,
    next.checksum,
  ]);
  return next.name;
}

function checkApplied(
  done: readonly Pick<Migration, 'version' | 'name' | 'checksum'>[],
  migrations: readonly Migration[],
): void {
  for (const [index, { version, name, checksum }] of done.entries()) {
    const known = migrations[index];
    if (!known) {
      throw storeUnavailable(
        `The database is newer than this program: it has ${name}, which is unknown here. Start the version that made it, or a later one.`,
      );
    }
    if (known.version !== version) {
      throw storeUnavailable(
        `The database has ${name} where this program has ${known.name}. Start the version that made the database.`,
      );
    }
    if (known.checksum !== checksum) {
      throw storeUnavailable(
        `${known.name} was changed after it had been applied to this database. Restore the file and put the change into a new migration.`,
      );
    }
  }
}
