/** Looks at what a start would find, and changes nothing: no file is made, nothing is migrated, nobody is called. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createGateway } from '@claude-companion/gateway';
import { findExecutable } from '../agents/claude/executable.ts';
import type { Config } from '../config/config.ts';
import { type CarrierState, describeCarrier } from '../operations/describe-carrier.ts';
import type { Database } from '../store/database.ts';
import { lockDirectory } from '../store/directory-lock.ts';
import type { StoreLogger } from '../store/logger.ts';
import { readMigrations } from '../store/migrate.ts';
import { sealMark } from '../store/open.ts';
import { openPglite } from '../store/pglite.ts';
import { openPostgres } from '../store/postgres.ts';
import { createSeal } from '../store/seal.ts';
import { carrierSettings } from './carrier.ts';
import { directCredentials } from './model-access.ts';

/** `ready`: can be used. `new`: is made at the first start. `old`: is migrated at the next start. */
export type DatabaseState = { state: 'ready' | 'new' | 'old' } | { state: 'problem'; reason: string };

export interface Installation {
  executable: { path: string } | { problem: string };
  /** Who pays for models: an account at Anthropic, other providers, or nobody. */
  model: { kind: 'direct' | 'gateway' | 'demo'; names: string[] };
}

export interface StoredState {
  database: DatabaseState;
  /** Null: the database could not be asked. */
  carrier: CarrierState | null;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export async function inspectInstallation(
  config: Pick<Config, 'CLAUDE_EXECUTABLE'>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Installation> {
  const executable = await findExecutable(config.CLAUDE_EXECUTABLE).then(
    (path) => ({ path }),
    (error: unknown) => ({ problem: messageOf(error) }),
  );
  return { executable, model: await modelOf(environment) };
}

async function modelOf(environment: Readonly<Record<string, string | undefined>>): Promise<Installation['model']> {
  const direct = directCredentials(environment);
  if (direct) return { kind: 'direct', names: direct.names };
  const gateway = createGateway({ environment, authorize: async () => false });
  try {
    const names = gateway.configured().filter((name) => name !== 'openai-responses');
    return { kind: names.length > 0 ? 'gateway' : 'demo', names: [...names] };
  } finally {
    await gateway.close();
  }
}

/** For a server that does not run: an embedded database has one user at a time. */
export async function inspectStore(config: Config, now: Date): Promise<StoredState> {
  const dataDir = resolve(config.DATA_DIR);
  const directory = join(dataDir, 'pg');
  if (config.DATABASE_URL === undefined && !existsSync(directory)) return { database: { state: 'new' }, carrier: null };
  const undo: (() => Promise<void>)[] = [];
  try {
    let db: Database;
    if (config.DATABASE_URL === undefined) {
      const lock = await lockDirectory(dataDir);
      undo.push(() => lock.release());
      db = await openPglite({ directory, logger: silent });
    } else {
      db = await openPostgres({ databaseUrl: config.DATABASE_URL, logger: silent });
    }
    undo.push(() => db.close());
    return await look(db, { config, dataDir, now });
  } catch (error) {
    return { database: { state: 'problem', reason: messageOf(error) }, carrier: null };
  } finally {
    for (const step of undo.reverse()) await step().catch(() => undefined);
  }
}

const silent: StoreLogger = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function look(db: Database, where: { config: Config; dataDir: string; now: Date }): Promise<StoredState> {
  const { config, dataDir, now } = where;
  const done = await db
    .query<{ count: number }>('select count(*)::int as count from migrations')
    .catch(() => ({ rows: [{ count: 0 }] }));
  const count = done.rows[0]?.count ?? 0;
  if (count === 0) return { database: { state: 'new' }, carrier: null };
  if (count < (await readMigrations()).length) return { database: { state: 'old' }, carrier: null };
  const key = config.DATA_KEY ?? (await readFile(join(dataDir, 'data-key'), 'utf8').catch(() => '')).trim();
  if (key === '') {
    const reason = `The key of this database is missing: put back ${join(dataDir, 'data-key')}, or set DATA_KEY to what it was.`;
    return { database: { state: 'problem', reason }, carrier: null };
  }
  const seal = createSeal(Buffer.from(key, 'base64'));
  const { rows } = await db.query<{ id: string; mark: string }>(
    `select (select id from people where role = 'owner') as id, (select value from meta where key = 'seal') as mark`,
  );
  const [found] = rows;
  if (found && found.mark !== null && found.mark !== sealMark(seal)) {
    const reason = 'The phone numbers in the database were sealed with another DATA_KEY. Set DATA_KEY to that one.';
    return { database: { state: 'problem', reason }, carrier: null };
  }
  const settings = carrierSettings(config);
  const carrier = await describeCarrier({ db, seal }, { settings, ownerId: found?.id ?? null, now });
  return { database: { state: 'ready' }, carrier };
}
