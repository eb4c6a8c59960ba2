/**
 * Who may do something that only one may do at a time, across all servers of a database. Time is the database's: the servers'
 * clocks need not agree. A holder that was cut off may still believe; its token tells, see `Fence`.
 */
import type { Database } from './database.ts';
import { lockLog } from './log-lock.ts';

export interface Lease {
  name: string;
  holder: string;
  /** Larger at each acquisition of this name. */
  token: number;
}

export class Leases {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Takes the lease when it is free or expired; also when `holder` itself has it, with a new token.
   * Serialised with appends (`lockLog`): once it resolves, no append fenced with an older token can still commit.
   * @returns undefined when somebody else holds it
   */
  async acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined> {
    return await this.#db.transaction(async (tx) => {
      await lockLog(tx);
      const { rows } = await tx.query<Lease>(
        `insert into leases as l (name, holder, token, expires_at)
         values ($1, $2, 1, clock_timestamp() + $3 * interval '1 millisecond')
         on conflict (name) do update
           set holder = excluded.holder, token = l.token + 1, expires_at = excluded.expires_at
         where l.holder is null or l.holder = excluded.holder or l.expires_at <= clock_timestamp()
         returning name, holder, token`,
        [name, holder, ttlMs],
      );
      return rows[0];
    });
  }

  /** Prolongs a lease from now. An expired one that nobody took is still good. @returns false when it was lost */
  async renew(lease: Lease, ttlMs: number): Promise<boolean> {
    const { rowCount } = await this.#db.query(
      `update leases set expires_at = clock_timestamp() + $4 * interval '1 millisecond'
        where name = $1 and holder = $2 and token = $3`,
      [lease.name, lease.holder, lease.token, ttlMs],
    );
    return rowCount > 0;
  }

  /** Gives it free; nothing happens when it was lost. Later appends fenced with it are refused. */
  async release(lease: Lease): Promise<void> {
    await this.#db.transaction(async (tx) => {
      await lockLog(tx);
      await tx.query('update leases set holder = null where name = $1 and holder = $2 and token = $3', [
        lease.name,
        lease.holder,
        lease.token,
      ]);
    });
  }

  /** Frees all of them. Only for a process that knows it is alone: the embedded engine's directory lock proves it. */
  async clearAll(): Promise<void> {
    await this.#db.transaction(async (tx) => {
      await lockLog(tx);
      await tx.query('update leases set holder = null where holder is not null');
    });
  }
}
