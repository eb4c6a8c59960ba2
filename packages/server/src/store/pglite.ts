/**
 * The embedded engine: PGlite in a worker thread, spoken to by the same `pg` client as a PostgreSQL server.
 * It has one session, so transactions run one after another, and plain statements wait for the transaction in progress.
 */
import { Worker } from 'node:worker_threads';
import pg from 'pg';
import type { Database, Rows, Transaction } from './database.ts';
import type { StoreLogger } from './logger.ts';
import { Mutex } from './mutex.ts';
import { PgliteSocket } from './pglite-socket.ts';
import type { PgliteReport, PgliteRequest, PgliteWorkerData } from './pglite-worker.ts';
import { runStatement, runTransaction, StatementNames, type TransactionSession } from './statements.ts';
import { isConnectionError, storeUnavailable } from './store-unavailable.ts';
import { valueParsers } from './value-parsers.ts';

export interface PgliteDatabase extends Database {
  readonly engine: 'pglite';
  /** True when the self-test at the start saw a commit forced to disk. False: a power cut may lose the last commits. */
  readonly durable: boolean;
}

/**
 * Opens a directory made by `ensureDatabaseDirectory`, whose lock the caller holds.
 * @throws CompanionError STORE_UNAVAILABLE
 */
export async function openPglite(options: { directory: string; logger: StoreLogger }): Promise<PgliteDatabase> {
  const session = await EngineSession.open(options);
  try {
    const durable = await session.forcesCommitsToDisk();
    if (!durable) {
      options.logger.warn(
        { directory: options.directory },
        'The embedded database does not force commits to disk: they survive a crash of the server, not a power cut. Set DATABASE_URL to a PostgreSQL to be safe.',
      );
    }
    return new EmbeddedDatabase(session, { durable, logger: options.logger });
  } catch (error) {
    await session.terminate();
    throw error;
  }
}

/** The worker thread and the one `pg` client that talks to it. */
class EngineSession {
  readonly client: pg.Client;
  readonly #worker: Worker;
  readonly #reports = new Map<PgliteReport['report'], (report: PgliteReport) => void>();
  readonly #exited: Promise<void>;
  #lost: Error | undefined;
  #closing = false;

  static async open({ directory, logger }: { directory: string; logger: StoreLogger }): Promise<EngineSession> {
    const workerData: PgliteWorkerData = { directory };
    const file = import.meta.url.endsWith('.ts') ? './pglite-worker.ts' : './pglite-worker.js';
    // The messages of a busy server are garbage at once; more room for it only makes the process larger.
    const resourceLimits = { maxYoungGenerationSizeMb: 16 };
    const worker = new Worker(new URL(file, import.meta.url), { workerData, resourceLimits });
    const session = new EngineSession(worker, logger);
    await session.#report('ready');
    await session.client.connect();
    return session;
  }

  private constructor(worker: Worker, logger: StoreLogger) {
    this.#worker = worker;
    const socket = new PgliteSocket(worker);
    // Everything explicit: `pg` would fill in the PG… variables of the environment, which are about other servers.
    this.client = new pg.Client({
      stream: () => socket,
      ssl: false,
      host: 'localhost',
      user: 'postgres',
      database: 'postgres',
      password: '',
      types: valueParsers,
    });
    const lose = (reason: string, cause?: unknown) => {
      if (this.#lost) return;
      this.#lost = storeUnavailable(`The embedded database stopped (${reason}). Start the server again.`, cause);
      if (!this.#closing) logger.error({ reason }, 'The embedded database stopped. Start the server again.');
      socket.lost(this.#lost);
      for (const resolve of this.#reports.values()) resolve({ report: 'fatal', reason });
    };
    worker.on('message', (message: Uint8Array | PgliteReport) => {
      if (message instanceof Uint8Array) socket.receive(message);
      else if (message.report === 'fatal') lose(message.reason);
      else this.#reports.get(message.report)?.(message);
    });
    worker.on('error', (error) => lose(error.message, error));
    this.#exited = new Promise((resolve) => {
      worker.on('exit', () => {
        lose('its thread ended');
        resolve();
      });
    });
    // Without a listener an 'error' event would end the process; the statements themselves reject, and the loss is logged above.
    this.client.on('error', () => {});
  }

  get lost(): Error | undefined {
    return this.#lost;
  }

  async forcesCommitsToDisk(): Promise<boolean> {
    const before = await this.#syncs();
    await this.client.query(
      `select pg_logical_emit_message(true, 'claude-companion', 'does a commit reach the disk?')`,
    );
    return (await this.#syncs()) > before;
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (this.#lost) return await this.terminate();
    await this.client.end();
    this.#post('close');
    await this.#report('closed').catch(() => {});
    await this.#exited;
  }

  async terminate(): Promise<void> {
    this.#closing = true;
    await this.#worker.terminate();
  }

  async #syncs(): Promise<number> {
    this.#post('count-syncs');
    const report = await this.#report('syncs');
    return report.report === 'syncs' ? report.count : 0;
  }

  #post(request: PgliteRequest): void {
    this.#worker.postMessage(request);
  }

  #report(kind: PgliteReport['report']): Promise<PgliteReport> {
    return new Promise((resolve, reject) => {
      if (this.#lost) reject(this.#lost);
      this.#reports.set(kind, (report) => {
        this.#reports.delete(kind);
        if (report.report === 'fatal') reject(this.#lost ?? storeUnavailable(report.reason));
        else resolve(report);
      });
    });
  }
}

class EmbeddedDatabase implements PgliteDatabase {
  readonly engine = 'pglite';
  readonly durable: boolean;
  readonly #session: EngineSession;
  readonly #clientSession: TransactionSession;
  readonly #mutex = new Mutex();
  readonly #listeners = new Map<string, Set<(payload: string) => void>>();
  #closing: Promise<void> | undefined;

  constructor(session: EngineSession, options: { durable: boolean; logger: StoreLogger }) {
    this.#session = session;
    this.durable = options.durable;
    this.#clientSession = {
      client: session.client,
      names: new StatementNames(),
      explain: (error) => (session.lost && isConnectionError(error) ? session.lost : error),
      logger: options.logger,
      begin: 'begin',
    };
    session.client.on('notification', ({ channel, payload }) => {
      for (const onPayload of this.#listeners.get(channel) ?? []) onPayload(payload ?? '');
    });
  }

  async query<R>(text: string, params?: readonly unknown[]): Promise<Rows<R>> {
    return await this.#exclusive(() => runStatement<R>(this.#clientSession, text, params));
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return await this.#exclusive(() => runTransaction(this.#clientSession, work));
  }

  async listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>> {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners);
    const own = (payload: string) => onPayload(payload);
    listeners.add(own);
    const stop = async () => {
      listeners.delete(own);
      if (listeners.size > 0 || this.#listeners.get(channel) !== listeners) return;
      this.#listeners.delete(channel);
      if (!this.#closing && !this.#session.lost) await this.query(`unlisten ${pg.escapeIdentifier(channel)}`);
    };
    try {
      await this.query(`listen ${pg.escapeIdentifier(channel)}`);
      return stop;
    } catch (error) {
      listeners.delete(own);
      throw error;
    }
  }

  /** Waits for what was asked before. */
  async close(): Promise<void> {
    this.#closing ??= this.#mutex.run(() => this.#session.close());
    await this.#closing;
  }

  async #exclusive<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing) throw storeUnavailable('The store is closed.');
    return await this.#mutex.run(work);
  }
}
