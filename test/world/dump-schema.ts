/**
 * The schema that the migrations make, as `pg_dump` of a real PostgreSQL prints it, without what differs from one release or run
 * to the next. Committed as `store/schema.sql`, so that a review sees what a migration does to the whole.
 * `node test/world/dump-schema.ts --write` writes the file.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { migrate, readMigrations } from '../../packages/server/src/store/migrate.ts';
import { openPostgres } from '../../packages/server/src/store/postgres.ts';
import { findPostgres, startPostgres } from './postgres.ts';

export const SCHEMA_FILE = fileURLToPath(new URL('../../packages/server/src/store/schema.sql', import.meta.url));

const HEADING = `-- Generated from the migrations in sql/ by "node test/world/dump-schema.ts --write"; a test compares. Not run by anything.\n`;

/** @param server the programs' directory and the address of a migrated database */
export function dumpSchema(server: { binDir: string; url: string }): string {
  const dump = spawnSync(
    join(server.binDir, 'pg_dump'),
    ['--schema-only', '--no-owner', '--no-privileges', '--dbname', server.url],
    { encoding: 'utf8' },
  );
  if (dump.status !== 0) throw new Error(`pg_dump failed: ${dump.stderr}${dump.error ?? ''}`);
  const lines = dump.stdout
    .split('\n')
    .filter((line) => !/^(--|SET |SELECT pg_catalog\.set_config|\\(un)?restrict)/.test(line));
  return `${HEADING}\n${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}

async function dumpMigrated(): Promise<string> {
  const binDir = findPostgres();
  if (binDir === undefined) throw new Error('PostgreSQL is not installed; on Debian: apt install postgresql');
  const server = await startPostgres({ binDir, fsync: false });
  try {
    const logger = { info() {}, warn: console.warn, error: console.error };
    const db = await openPostgres({ databaseUrl: server.url(), logger });
    await migrate(db, await readMigrations());
    await db.close();
    return dumpSchema({ binDir, url: server.url() });
  } finally {
    await server.stop();
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const schema = await dumpMigrated();
  if (process.argv.includes('--write')) writeFileSync(SCHEMA_FILE, schema);
  else process.stdout.write(schema);
}
