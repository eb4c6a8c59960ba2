/** Runs one statement, or one transaction, on one `pg` client: the part both engines share. */
import type { ClientBase, QueryConfig, QueryResult } from 'pg';
import type { Rows, Transaction } from './database.ts';
import type { StoreLogger } from './logger.ts';

/**
 * Statements with parameters are prepared once per connection under a name. The texts of a program are few and constant;
 * beyond this many they are no longer named, so that generated ones cannot fill the memory of every connection.
 */
const MAX_NAMED_STATEMENTS = 1000;

export class StatementNames {
  readonly #names = new Map<string, string>();

  nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size >= MAX_NAMED_STATEMENTS) return known;
    const name = `s${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }
}

export interface ClientSession {
  client: ClientBase;
  names: StatementNames;
  /** Sees each error of the database first; what it returns is thrown instead. Errors of callers' own code never pass here. */
  explain: (error: unknown) => unknown;
}

export interface TransactionSession extends ClientSession {
  logger: StoreLogger;
  /** Runs first, in one message; starts with `begin`. */
  begin: string;
  /** When a statement inside the transaction is given up on our side, in milliseconds. Default: as outside. */
  statementTimeoutMs?: number;
}

/** Without parameters the text may hold several statements; the result is then the last one's. */
export async function runStatement<R>(
  session: ClientSession,
  text: string,
  params: readonly unknown[] = [],
): Promise<Rows<R>> {
  const { rows, rowCount } = await send<R>(session, statement(session, text, params));
  return { rows, rowCount };
}

function statement(session: ClientSession, text: string, params: readonly unknown[]): QueryConfig {
  return params.length === 0 ? { text } : { name: session.names.nameOf(text), text, values: [...params] };
}

async function send<R>(session: ClientSession, config: QueryConfig): Promise<Rows<R> & { command: string }> {
  let result: unknown;
  try {
    result = await session.client.query(config);
  } catch (error) {
    throw session.explain(error);
  }
  const last = (Array.isArray(result) ? result.at(-1) : result) as QueryResult;
  return { rows: last.rows as R[], rowCount: last.rowCount ?? 0, command: last.command };
}

/** @throws whatever `work` throws, after a rollback; or the error of the commit, after which nothing was changed. */
export async function runTransaction<T>(
  session: TransactionSession,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const callbacks: (() => void)[] = [];
  let open = true;
  const query = async <R>(text: string, params: readonly unknown[] = []): Promise<Rows<R>> => {
    if (!open) throw new Error('This transaction is over; use its handle only inside the work function.');
    const timeout = session.statementTimeoutMs === undefined ? {} : { query_timeout: session.statementTimeoutMs };
    const { rows, rowCount } = await send<R>(session, { ...statement(session, text, params), ...timeout });
    return { rows, rowCount };
  };
  await send(session, { text: session.begin });
  let result: T;
  try {
    result = await work({ query, afterCommit: (callback) => callbacks.push(callback) });
    open = false;
    await commit(session);
  } catch (error) {
    open = false;
    // A rollback that fails means the connection is gone, and the transaction with it.
    await send(session, { text: 'rollback' }).catch(() => {});
    throw error;
  }
  for (const callback of callbacks) {
    try {
      callback();
    } catch (error) {
      session.logger.error({ err: error }, 'A callback after a committed transaction failed.');
    }
  }
  return result;
}

async function commit(session: ClientSession): Promise<void> {
  const { command } = await send(session, { text: 'commit' });
  // PostgreSQL answers COMMIT of a failed transaction with a silent rollback.
  if (command !== 'COMMIT') {
    throw new Error('The transaction was rolled back: one of its statements failed and the error was swallowed.');
  }
}
