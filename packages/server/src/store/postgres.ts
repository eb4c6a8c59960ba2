/** A PostgreSQL server (15 or later, Neon included) behind a pool of connections. */
import pg from 'pg';
import type { Database, Rows, Transaction } from './database.ts';
import type { StoreLogger } from './logger.ts';
import { describeAddress, parseDatabaseUrl, sessionUrl } from './postgres-address.ts';
import { PostgresListener } from './postgres-listener.ts';
import { type ClientSession, runStatement, runTransaction, StatementNames } from './statements.ts';
import { isConnectionError, reasonOf, storeUnavailable } from './store-unavailable.ts';
import { valueParsers } from './value-parsers.ts';

export interface PostgresOptions {
  databaseUrl: string;
  logger: StoreLogger;
  /** Largest number of connections, the one for LISTEN not counted. Default 10. */
  poolSize?: number;
  /** How long one statement may take before its connection is given up, in milliseconds. Default 60,000. */
  statementTimeoutMs?: number;
  /** How long to wait for a connection, in milliseconds. Default 10,000. */
  connectTimeoutMs?: number;
  /** How long to wait before LISTEN connects again, in milliseconds. Default 1,000. */
  listenRetryMs?: number;
}

const OLDEST_VERSION = 15;
/** In a transaction the server's own limit holds, which a migration lifts; this one is for a network that went silent. */
const LONGEST_STATEMENT_MS = 15 * 60_000;

/**
 * Connects and checks the version.
 * @throws CompanionError STORE_UNAVAILABLE
 */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const database = new PostgresDatabase(options);
  try {
    await database.checkVersion();
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

class PostgresDatabase implements Database {
  readonly engine = 'postgres';
  readonly #pool: pg.Pool;
  readonly #names = new StatementNames();
  readonly #logger: StoreLogger;
  readonly #listener: PostgresListener;
  readonly #address: string;
  readonly #begin: string;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(options: PostgresOptions) {
    const { databaseUrl, logger, poolSize = 10, statementTimeoutMs = 60_000 } = options;
    const { connectTimeoutMs = 10_000, listenRetryMs = 1_000 } = options;
    const url = parseDatabaseUrl(databaseUrl);
    const connection: pg.ClientConfig = {
      application_name: 'claude-companion',
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      types: valueParsers,
    };
    this.#logger = logger;
    this.#address = describeAddress(url);
    // On our side as well as the server's: a pooler in between refuses the setting at connect, and a network that swallows
    // packets answers to nobody.
    this.#begin = `begin; set local statement_timeout = ${Math.ceil(statementTimeoutMs)}; set local idle_in_transaction_session_timeout = ${Math.ceil(statementTimeoutMs)}`;
    this.#pool = new pg.Pool({
      ...connection,
      connectionString: databaseUrl,
      max: poolSize,
      query_timeout: statementTimeoutMs,
    });
    // An idle connection that breaks; without a listener the process would end. The pool opens another.
    this.#pool.on('error', (error) =>
      logger.warn({ reason: reasonOf(error) }, 'An idle database connection was lost.'),
    );
    this.#listener = new PostgresListener({
      connect: () => new pg.Client({ ...connection, connectionString: sessionUrl(url).href }),
      retryMs: listenRetryMs,
      logger,
    });
  }

  async checkVersion(): Promise<void> {
    const { rows } = await this.query<{ version: string }>(`select current_setting('server_version_num') as version`);
    const major = Math.floor(Number(rows[0]?.version) / 10_000);
    if (!(major >= OLDEST_VERSION)) {
      throw storeUnavailable(
        `The PostgreSQL at ${this.#address} has version ${major}; this program needs ${OLDEST_VERSION} or later. Upgrade it or point DATABASE_URL to another one.`,
      );
    }
  }

  async query<R>(text: string, params?: readonly unknown[]): Promise<Rows<R>> {
    return await this.#withClient((session) => runStatement<R>(session, text, params));
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const { logger, begin } = { logger: this.#logger, begin: this.#begin };
    const statementTimeoutMs = LONGEST_STATEMENT_MS;
    return await this.#withClient((session) => runTransaction({ ...session, logger, begin, statementTimeoutMs }, work));
  }

  /** After a lost connection the channel may have missed something: `onPayload` is then called with an empty payload. */
  async listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>> {
    try {
      return await this.#listener.listen(channel, onPayload);
    } catch (error) {
      throw this.#explained(error);
    }
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    // The pool forgets those who still wait for a connection when it ends.
    await Promise.allSettled(this.#underWay);
    await Promise.all([this.#listener.close(), this.#pool.end()]);
  }

  async #withClient<T>(work: (session: ClientSession) => Promise<T>): Promise<T> {
    if (this.#closing) throw storeUnavailable('The store is closed.');
    const running = this.#lendClient(work);
    this.#underWay.add(running);
    try {
      return await running;
    } finally {
      this.#underWay.delete(running);
    }
  }

  async #lendClient<T>(work: (session: ClientSession) => Promise<T>): Promise<T> {
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      // Whatever its code: a database that takes no connections for now says 55000, which inside a session is a wrong statement.
      throw this.#unavailable(error);
    }
    let broken = false;
    // While it is lent, nobody else listens to its 'error'; the statement under way rejects.
    const onError = () => {
      broken = true;
    };
    client.on('error', onError);
    const explain = (error: unknown) => {
      broken ||= isConnectionError(error) || isStalePlan(error);
      return this.#explained(error);
    };
    try {
      return await work({ client, names: this.#names, explain });
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  #explained(error: unknown): unknown {
    return isConnectionError(error) ? this.#unavailable(error) : error;
  }

  #unavailable(error: unknown): Error {
    return storeUnavailable(
      `The PostgreSQL at ${this.#address} cannot be used: ${reasonOf(error)}. Check that it runs and that DATABASE_URL is right.`,
      error,
    );
  }
}

/** A prepared statement whose table was changed by a newer server's migration: another connection prepares it anew. */
function isStalePlan(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '0A000' && /cached plan/.test(error.message);
}
