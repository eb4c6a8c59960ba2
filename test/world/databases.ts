/** Fresh databases of both engines. Tests of anything that speaks SQL run once per engine: `describe.each(ENGINES)`. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import type { Database } from '../../packages/server/src/store/database.ts';
import type { StoreLogger } from '../../packages/server/src/store/logger.ts';
import { openPglite } from '../../packages/server/src/store/pglite.ts';
import { ensureTemplate } from '../../packages/server/src/store/pglite-template.ts';
import { openPostgres } from '../../packages/server/src/store/postgres.ts';
import { CACHE_DIR } from './cache-dir.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The test run's PostgreSQL server; null when none is installed. */
    postgres: { url: string; binDir: string; migratedTemplate: string } | null;
    pgliteCacheDir: string;
  }
}

export interface TestDatabase {
  db: Database;
  /** Closes it and removes what it stored. */
  close(): Promise<void>;
}

export interface TestEngine {
  name: Database['engine'];
  /** A database of its own, with the schema unless `empty`. */
  open(options?: { empty?: boolean }): Promise<TestDatabase>;
}

/** Says nothing. Tests that expect a message pass their own. */
export const silentLogger: StoreLogger = { info() {}, warn() {}, error() {} };

const pglite: TestEngine = {
  name: 'pglite',
  async open({ empty = false } = {}) {
    const directory = mkdtempSync(join(tmpdir(), 'claude-companion-pglite-'));
    const cacheDir = empty ? inject('pgliteCacheDir') : CACHE_DIR;
    cpSync(await ensureTemplate({ cacheDir }), directory, { recursive: true });
    const db = await openPglite({ directory, logger: silentLogger });
    return {
      db,
      async close() {
        await db.close();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  },
};

const postgres: TestEngine = {
  name: 'postgres',
  async open({ empty = false } = {}) {
    const database = await createPostgresDatabase({ empty });
    const db = await openPostgres({ databaseUrl: database.url, logger: silentLogger, listenRetryMs: 50 });
    return {
      db,
      async close() {
        await db.close();
        await database.drop();
      },
    };
  },
};

/** The engines this machine has. PGlite always; PostgreSQL where it is installed, which `npm test` sees to on Debian. */
export const ENGINES: readonly TestEngine[] = inject('postgres') ? [pglite, postgres] : [pglite];

/** A database on the test run's PostgreSQL server, for what opens it by its address. */
export async function createPostgresDatabase(options: {
  empty: boolean;
}): Promise<{ url: string; drop(): Promise<void> }> {
  const server = inject('postgres');
  if (!server)
    throw new Error('PostgreSQL is not installed here; guard the test with describe.each(ENGINES) or skipIf.');
  const name = `test_${crypto.randomUUID().replaceAll('-', '')}`;
  const identifier = pg.escapeIdentifier(name);
  const template = pg.escapeIdentifier(options.empty ? 'template1' : server.migratedTemplate);
  await asSuperuser(server.url, `create database ${identifier} template ${template}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => asSuperuser(server.url, `drop database ${identifier} with (force)`) };
}

async function asSuperuser(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
