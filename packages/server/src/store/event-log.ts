/**
 * The one durable log. Appends without effects share a transaction (group commit): while one flush is on its way, what arrives
 * waits for the next, so a batch is as large as the load makes it and a lone append waits for nobody.
 *
 * Order: the events of one call stay together and in order; calls of `append` commit in the order they were made. An
 * `appendIn` commits with its transaction: to have it after appends not yet acknowledged, await `flush()` before the transaction.
 */
import type { NewEvent, SessionEvent } from '@claude-companion/protocol';
import type { Database, Transaction } from './database.ts';
import {
  type Fence,
  FencedError,
  isOvertaken,
  type PreparedEvent,
  prepareEvent,
  staleFences,
  writeBatch,
} from './event-batch.ts';
import { storeUnavailable } from './store-unavailable.ts';

export interface AppendOptions {
  /** The lease the writer must still hold. */
  fence?: Fence;
}

/** One call of `append`, or of `flush`, waiting for its commit. */
interface Waiting {
  events: PreparedEvent[];
  fence: Fence | undefined;
  resolve: (events: SessionEvent[]) => void;
  reject: (error: unknown) => void;
}

/** A flush takes whole calls up to this many rows, or one larger call. */
const MAX_FLUSH_ROWS = 500;
const MAX_REMEMBERED_SESSIONS = 10_000;

/** The last committed seq of the sessions in use. Forgetting is harmless: the database then looks it up. */
class LastSeqs {
  readonly #bySession = new Map<string, number>();

  of(sessionId: string): number | undefined {
    return this.#bySession.get(sessionId);
  }

  remember(committed: readonly SessionEvent[]): void {
    if (this.#bySession.size > MAX_REMEMBERED_SESSIONS) this.#bySession.clear();
    for (const { sessionId, seq } of committed) {
      if (seq > (this.#bySession.get(sessionId) ?? 0)) this.#bySession.set(sessionId, seq);
    }
  }
}

export class EventLog {
  /** Names this log; cursors of another one mean nothing here. */
  readonly epoch: string;
  readonly #db: Database;
  readonly #lastSeqs = new LastSeqs();
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #closed = false;

  static async open(db: Database): Promise<EventLog> {
    const { rows } = await db.query<{ value: string }>(`select value from meta where key = 'epoch'`);
    const [epoch] = rows;
    if (!epoch)
      throw storeUnavailable('The database has no epoch: it was not made by this program. Check DATABASE_URL.');
    return new EventLog(db, epoch.value);
  }

  private constructor(db: Database, epoch: string) {
    this.#db = db;
    this.epoch = epoch;
  }

  /**
   * Resolves once the events are committed, with their places in the log.
   * @throws FencedError when the fence is stale, TypeError for an event that cannot be stored, or the error of the flush; then
   * nothing of this call was written. (After a lost connection it may have been: the commit's answer is unknown.)
   */
  async append(events: readonly NewEvent[], options: AppendOptions = {}): Promise<SessionEvent[]> {
    if (this.#closed) throw storeUnavailable('The store is closed.');
    if (events.length === 0) return [];
    const prepared = events.map(prepareEvent);
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ events: prepared, fence: options.fence, resolve, reject });
      this.#flushing ??= this.#flushAll();
    });
  }

  /**
   * Appends inside the caller's transaction, for events with effects. Takes the append lock (`lockLog`); a transaction that
   * locks other rows before must have called `lockLog` first.
   */
  async appendIn(tx: Transaction, events: readonly NewEvent[]): Promise<SessionEvent[]> {
    if (events.length === 0) return [];
    const appended = await writeBatch(tx, events.map(prepareEvent));
    tx.afterCommit(() => this.#lastSeqs.remember(appended));
    return appended;
  }

  /** Resolves when every append made so far is committed or rejected. Not to be awaited inside a transaction. */
  async flush(): Promise<void> {
    if (!this.#flushing) return;
    // A call without events: it is done when the flush it falls into is done.
    await new Promise<void>((resolve) => {
      this.#waiting.push({ events: [], fence: undefined, resolve: () => resolve(), reject: () => resolve() });
    });
  }

  /** Refuses further appends and waits for those under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
  }

  async #flushAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Everything the current round of the event loop brings belongs to one flush.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#flushOnce(this.#takeCalls());
    }
    this.#flushing = undefined;
  }

  #takeCalls(): Waiting[] {
    let rows = 0;
    let count = 0;
    for (const call of this.#waiting) {
      rows += call.events.length;
      if (count > 0 && rows > MAX_FLUSH_ROWS) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #flushOnce(calls: Waiting[]): Promise<void> {
    const fenced = calls.filter((call) => call.fence !== undefined);
    const fences = fenced.flatMap(({ fence }) => fence ?? []);
    try {
      const events = await this.#write(
        calls.flatMap((call) => call.events),
        fences,
      );
      let offset = 0;
      for (const call of calls) {
        call.resolve(events.slice(offset, offset + call.events.length));
        offset += call.events.length;
      }
    } catch (error) {
      const stale = staleFences(error);
      if (!stale) {
        for (const call of calls) call.reject(error);
        return;
      }
      const refused = new Set(stale.map((position) => fenced[position]));
      for (const call of refused) {
        if (call?.fence) call.reject(new FencedError(call.fence));
      }
      const rest = calls.filter((call) => !refused.has(call));
      if (rest.length > 0) await this.#flushOnce(rest);
    }
  }

  async #write(batch: PreparedEvent[], fences: Fence[]): Promise<SessionEvent[]> {
    if (batch.length === 0) return [];
    const lastSeqOf = (sessionId: string) => this.#lastSeqs.of(sessionId);
    const written = await writeBatch(this.#db, batch, { fences, lastSeqOf }).catch(async (error: unknown) => {
      if (!isOvertaken(error)) throw error;
      return await writeBatch(this.#db, batch, { fences });
    });
    this.#lastSeqs.remember(written);
    return written;
  }
}
