/**
 * What a PostgreSQL server does in the background and PGlite, being one process, never does by itself: vacuum, statistics,
 * checkpoints. Without it a table of 1,000 rows updated 60,000 times grew to 12 MB, and the write-ahead log without bound.
 */
import type { Clock } from '../clock.ts';
import type { Database } from './database.ts';
import type { StoreLogger } from './logger.ts';

export interface MaintenanceOptions {
  clock: Clock;
  logger: StoreLogger;
  /** How often to look, in milliseconds. Default 60,000. */
  intervalMs?: number;
  /** A checkpoint is made when this much was written since the last one, in bytes. Default 32 MiB. */
  checkpointBytes?: number;
}

/** The thresholds of PostgreSQL's own autovacuum. Vacuuming all tables took 300 ms, in which nobody else is served; one, 12. */
const TABLES_DUE = `
  select format('%I.%I', schemaname, relname) as name from pg_stat_all_tables
   where n_dead_tup > 50 + 0.2 * n_live_tup
      or n_ins_since_vacuum > 1000 + 0.2 * n_live_tup
      or n_mod_since_analyze > 50 + 0.1 * n_live_tup`;

export class Maintenance {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #logger: StoreLogger;
  readonly #intervalMs: number;
  readonly #checkpointBytes: number;
  #checkpointAt: number | undefined;
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(db: Database, options: MaintenanceOptions) {
    this.#db = db;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#intervalMs = options.intervalMs ?? 60_000;
    this.#checkpointBytes = options.checkpointBytes ?? 32 * 1024 * 1024;
  }

  start(): void {
    if (this.#closed) return;
    this.#cancel = this.#clock.after(this.#intervalMs, () => {
      this.#running = this.run()
        .then(() => {})
        .catch((error) =>
          this.#logger.warn({ err: error }, 'The upkeep of the embedded database failed; it is tried again.'),
        )
        .finally(() => {
          this.#running = undefined;
          this.start();
        });
    });
  }

  /** One look: does what is due. @returns what it did */
  async run(): Promise<{ vacuumed: string[]; checkpointed: boolean }> {
    // The counts are otherwise handed over only when a session has been idle.
    await this.#db.query('select pg_stat_force_next_flush()');
    const { rows } = await this.#db.query<{ name: string }>(TABLES_DUE);
    const vacuumed = rows.map(({ name }) => name);
    // One statement each: others are served in between. The name comes quoted from the catalogue.
    for (const name of vacuumed) await this.#db.query(`vacuum (analyze) ${name}`);
    const position = await this.#position();
    this.#checkpointAt ??= position;
    const checkpointed = position - this.#checkpointAt >= this.#checkpointBytes;
    if (checkpointed) {
      await this.#db.query('checkpoint');
      this.#checkpointAt = await this.#position();
    }
    return { vacuumed, checkpointed };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#running;
  }

  /** Bytes ever written to the write-ahead log. */
  async #position(): Promise<number> {
    const { rows } = await this.#db.query<{ bytes: string }>(`select pg_current_wal_insert_lsn() - '0/0' as bytes`);
    return Number(rows[0]?.bytes ?? 0);
  }
}
