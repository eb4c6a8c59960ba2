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
  /** How often to look, in milliseconds. Default 30,000. */
  intervalMs?: number;
  /** A checkpoint is made when this much was written since the last one, in bytes. Default 32 MiB. */
  checkpointBytes?: number;
  /** At most this often dead rows are swept and statistics renewed, in milliseconds. Default 10 minutes. */
  vacuumMs?: number;
}

export class Maintenance {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #logger: StoreLogger;
  readonly #intervalMs: number;
  readonly #checkpointBytes: number;
  readonly #vacuumMs: number;
  #checkpointAt: number | undefined;
  #vacuumAt: { time: number; position: number } | undefined;
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(db: Database, options: MaintenanceOptions) {
    this.#db = db;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#intervalMs = options.intervalMs ?? 30_000;
    this.#checkpointBytes = options.checkpointBytes ?? 32 * 1024 * 1024;
    this.#vacuumMs = options.vacuumMs ?? 600_000;
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

  /** One look: does what is due, nothing when nothing was written. @returns what it did */
  async run(): Promise<{ vacuumed: boolean; checkpointed: boolean }> {
    const time = this.#clock.now().getTime();
    const position = await this.#position();
    this.#checkpointAt ??= position;
    this.#vacuumAt ??= { time, position };
    const vacuumed = time - this.#vacuumAt.time >= this.#vacuumMs && position > this.#vacuumAt.position;
    if (vacuumed) await this.#db.query('vacuum (analyze)');
    const checkpointed = vacuumed || position - this.#checkpointAt >= this.#checkpointBytes;
    if (checkpointed) await this.#db.query('checkpoint');
    const after = checkpointed ? await this.#position() : position;
    if (vacuumed) this.#vacuumAt = { time, position: after };
    if (checkpointed) this.#checkpointAt = after;
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
