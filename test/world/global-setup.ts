/** Once per test run: its directory, a PostgreSQL server with a migrated template database, and the PGlite templates. */
import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { migrate, readMigrations } from '../../packages/server/src/store/migrate.ts';
import { openPglite } from '../../packages/server/src/store/pglite.ts';
import { ensureTemplate } from '../../packages/server/src/store/pglite-template.ts';
import { openPostgres } from '../../packages/server/src/store/postgres.ts';
import { findPostgres, type PostgresServer, startPostgres } from './postgres.ts';
import { makeRunDirectory } from './run-directory.ts';

const CACHE_DIR = fileURLToPath(new URL('../../node_modules/.cache/claude-companion', import.meta.url));
const MIGRATED_TEMPLATE = 'migrated_template';
const silent = { info() {}, warn() {}, error() {} };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const run = makeRunDirectory();
  // Before any test process is started: they inherit these.
  process.env.TMPDIR = run.path;
  process.env.NODE_COMPILE_CACHE ??= join(CACHE_DIR, '..', 'compiled');
  const template = await ensureTemplate({ cacheDir: CACHE_DIR });
  project.provide('pgliteCacheDir', CACHE_DIR);
  process.env.COMPANION_TEST_CACHE = await migratedCache(template, run.path);
  const server = await startWhereInstalled();
  project.provide(
    'postgres',
    server ? { url: server.url(), binDir: server.binDir, migratedTemplate: MIGRATED_TEMPLATE } : null,
  );
  return async () => {
    await server?.stop();
    run.remove();
  };
}

/**
 * A template under the name of the plain one, with the schema in it: a server that starts on a copy has nothing to migrate,
 * which saves 0.6 s for each. What migrates is tested on the plain one.
 */
async function migratedCache(template: string, runDirectory: string): Promise<string> {
  const cache = join(runDirectory, 'claude-companion');
  const directory = join(cache, basename(template));
  cpSync(template, directory, { recursive: true });
  const db = await openPglite({ directory, logger: silent });
  await migrate(db, await readMigrations());
  // What a copy would have to write again.
  await db.query('checkpoint');
  await db.close();
  return cache;
}

async function startWhereInstalled(): Promise<PostgresServer | undefined> {
  const binDir = findPostgres();
  if (binDir === undefined) {
    console.warn('PostgreSQL is not installed: the tests run on the embedded engine only. (apt install postgresql)');
    return undefined;
  }
  const server = await startPostgres({ binDir, fsync: false });
  try {
    const logger = { ...silent, warn: console.warn, error: console.error };
    const admin = await openPostgres({ databaseUrl: server.url(), logger });
    await admin.query(`create database ${MIGRATED_TEMPLATE}`);
    await admin.close();
    const template = await openPostgres({ databaseUrl: server.url(MIGRATED_TEMPLATE), logger });
    await migrate(template, await readMigrations());
    await template.close();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}
