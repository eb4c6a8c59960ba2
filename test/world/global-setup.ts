/** Once per test run: a PostgreSQL server with a migrated template database, and the PGlite template. */
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { migrate, readMigrations } from '../../packages/server/src/store/migrate.ts';
import { ensureTemplate } from '../../packages/server/src/store/pglite-template.ts';
import { openPostgres } from '../../packages/server/src/store/postgres.ts';
import { findPostgres, type PostgresServer, startPostgres } from './postgres.ts';

const CACHE_DIR = fileURLToPath(new URL('../../node_modules/.cache/claude-companion', import.meta.url));
const MIGRATED_TEMPLATE = 'migrated_template';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await ensureTemplate({ cacheDir: CACHE_DIR });
  project.provide('pgliteCacheDir', CACHE_DIR);
  const server = await startWhereInstalled();
  project.provide(
    'postgres',
    server ? { url: server.url(), binDir: server.binDir, migratedTemplate: MIGRATED_TEMPLATE } : null,
  );
  return async () => {
    await server?.stop();
  };
}

async function startWhereInstalled(): Promise<PostgresServer | undefined> {
  const binDir = findPostgres();
  if (binDir === undefined) {
    console.warn('PostgreSQL is not installed: the tests run on the embedded engine only. (apt install postgresql)');
    return undefined;
  }
  const server = await startPostgres({ binDir, fsync: false });
  try {
    const logger = { info() {}, warn: console.warn, error: console.error };
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
