/**
 * The seam to PostgreSQL. Two implementations, one dialect: `pglite.ts` (embedded, in a worker thread) and `postgres.ts`
 * (`pg`, for DATABASE_URL). One test body runs over both.
 */

export interface Rows<R> {
  rows: R[];
  /** Rows returned or, for statements without RETURNING, rows affected. */
  rowCount: number;
}

/** Something that runs a prepared statement: the database itself, or a transaction. */
export interface Queryable {
  /** Values travel only as parameters (`$1`, `$2` …), never inside the text. */
  query<R = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<Rows<R>>;
}

/** A transaction in progress. It must do nothing but SQL: on the embedded engine everybody else waits for it. */
export interface Transaction extends Queryable {
  /** Runs after a successful commit, in the order registered; never after a rollback. */
  afterCommit(callback: () => void): void;
}

export interface Database extends Queryable {
  readonly engine: 'pglite' | 'postgres';
  /** Commits when `work` resolves; rolls back and rethrows when it rejects. Read committed. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Hears `pg_notify(channel, payload)` of committed transactions. Resolves once listening; the result stops it. */
  listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
