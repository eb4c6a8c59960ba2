/** Runs one statement, or one transaction, on one `pg` client: the part both engines share. */
import type { ClientBase, QueryResult } from 'pg';
import type { Queryable, Rows, Transaction } from './database.ts';
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

/** Without parameters the text may hold several statements; the result is then the last one's. */
export async function runStatement<R>(
  session: { client: ClientBase; names: StatementNames },
  text: string,
  params: readonly unknown[] = [],
): Promise<Rows<R>> {
  const result: unknown =
    params.length === 0
      ? await session.client.query(text)
      : await session.client.query({ name: session.names.nameOf(text), text, values: [...params] });
  const last = (Array.isArray(result) ? result.at(-1) : result) as QueryResult;
  return { rows: last.rows as R[], rowCount: last.rowCount ?? 0 };
}

export interface TransactionHost {
  client: ClientBase;
  names: StatementNames;
  logger: StoreLogger;
  /** Runs first, in one message; starts with `begin`. */
  begin: string;
}

/** @throws whatever `work` throws, after a rollback; or the error of the commit, after which nothing was changed. */
export async function runTransaction<T>(host: TransactionHost, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const callbacks: (() => void)[] = [];
  let open = true;
  const query: Queryable['query'] = async (text, params) => {
    if (!open) throw new Error('This transaction is over; use its handle only inside the work function.');
    return await runStatement(host, text, params);
  };
  await host.client.query(host.begin);
  let result: T;
  try {
    result = await work({ query, afterCommit: (callback) => callbacks.push(callback) });
    open = false;
    await commit(host.client);
  } catch (error) {
    open = false;
    // A rollback that fails means the connection is gone, and the transaction with it.
    await host.client.query('rollback').catch(() => {});
    throw error;
  }
  for (const callback of callbacks) {
    try {
      callback();
    } catch (error) {
      host.logger.error({ err: error }, 'A callback after a committed transaction failed.');
    }
  }
  return result;
}

async function commit(client: ClientBase): Promise<void> {
  const { command } = await client.query('commit');
  // PostgreSQL answers COMMIT of a failed transaction with a silent rollback.
  if (command !== 'COMMIT') {
    throw new Error('The transaction was rolled back: one of its statements failed and the error was swallowed.');
  }
}
