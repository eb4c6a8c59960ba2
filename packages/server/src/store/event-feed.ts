/**
 * Readers of the log are cursors: a place in it, nothing else. A reader is woken by the channel `log` and, should a notification
 * be lost, by a slow poll; it then reads pages from where it stands. Nothing is kept for a slow one.
 */
import type { SessionEvent } from '@claude-companion/protocol';
import type { Clock } from '../clock.ts';
import type { Database } from './database.ts';
import { LOG_CHANNEL, sessionsOf } from './log-notice.ts';
import { Wakeups } from './wakeups.ts';

/** The cursor is beyond the end of the log: it was taken from another database. The reader must start over. */
export class CursorAheadError extends Error {
  override readonly name = 'CursorAheadError';
  readonly after: number;
  readonly head: number;

  constructor(place: { after: number; head: number }) {
    super(`The cursor ${place.after} is beyond the end of the log (${place.head}); start over from 0.`);
    this.after = place.after;
    this.head = place.head;
  }
}

export interface EventFeedOptions {
  clock: Clock;
  /** How often followers look without being woken, in milliseconds. Default 5,000. */
  pollMs?: number;
  /** Most events a follower is handed at once. Default 500. */
  pageSize?: number;
}

const COLUMNS = 'id, session_id as "sessionId", seq, kind, data, at';

export class EventFeed {
  readonly #db: Database;
  readonly #wakeups: Wakeups;
  readonly #pageSize: number;
  readonly #stopListening: () => Promise<void>;

  static async open(db: Database, options: EventFeedOptions): Promise<EventFeed> {
    const wakeups = new Wakeups({ clock: options.clock, pollMs: options.pollMs ?? 5_000 });
    const stop = await db.listen(LOG_CHANNEL, (notice) => wakeups.wake(sessionsOf(notice)));
    return new EventFeed({ db, wakeups, stop, pageSize: options.pageSize ?? 500 });
  }

  private constructor(parts: { db: Database; wakeups: Wakeups; stop: () => Promise<void>; pageSize: number }) {
    this.#db = parts.db;
    this.#wakeups = parts.wakeups;
    this.#stopListening = parts.stop;
    this.#pageSize = parts.pageSize;
  }

  /** The id of the last event; 0 while there is none. */
  async head(): Promise<number> {
    const { rows } = await this.#db.query<{ last: number }>('select last_id as last from log_head');
    return rows[0]?.last ?? 0;
  }

  /** The seq of a session's last event; 0 while it has none. */
  async sessionHead(sessionId: string): Promise<number> {
    const { rows } = await this.#db.query<{ last: number | null }>(
      'select max(seq) as last from events where session_id = $1',
      [sessionId],
    );
    return rows[0]?.last ?? 0;
  }

  /** Events with an id beyond `after`, in order. @throws CursorAheadError */
  async read({ after, limit }: { after: number; limit: number }): Promise<SessionEvent[]> {
    const events = await this.#page(after, limit);
    if (events.length === 0 && after > 0) refuseAhead(after, await this.head());
    return events;
  }

  /** Events of one session with a seq beyond `after`, in order. @throws CursorAheadError */
  async readSession(from: { sessionId: string; after: number; limit: number }): Promise<SessionEvent[]> {
    const events = await this.#sessionPage(from);
    if (events.length === 0 && from.after > 0) refuseAhead(from.after, await this.sessionHead(from.sessionId));
    return events;
  }

  /**
   * Every event beyond `after` (an id), then each new one, in pages, until the signal aborts.
   * @throws CursorAheadError at the first page; the database's error, after which a new `follow` goes on from the last page.
   */
  async *follow({ after, signal }: { after: number; signal: AbortSignal }): AsyncGenerator<SessionEvent[], void> {
    refuseAhead(after, await this.head());
    let cursor = after;
    yield* this.#followPages(signal, undefined, async () => {
      const page = await this.#page(cursor, this.#pageSize);
      cursor = page.at(-1)?.id ?? cursor;
      return page;
    });
  }

  /** As `follow`, for one session; `after` is a seq. */
  async *followSession(from: {
    sessionId: string;
    after: number;
    signal: AbortSignal;
  }): AsyncGenerator<SessionEvent[], void> {
    const { sessionId, signal } = from;
    refuseAhead(from.after, await this.sessionHead(sessionId));
    let cursor = from.after;
    yield* this.#followPages(signal, sessionId, async () => {
      const page = await this.#sessionPage({ sessionId, after: cursor, limit: this.#pageSize });
      cursor = page.at(-1)?.seq ?? cursor;
      return page;
    });
  }

  /** Ends all followers. */
  async close(): Promise<void> {
    this.#wakeups.close();
    await this.#stopListening();
  }

  async *#followPages(
    signal: AbortSignal,
    sessionId: string | undefined,
    nextPage: () => Promise<SessionEvent[]>,
  ): AsyncGenerator<SessionEvent[], void> {
    // Subscribed before the first read: what commits between a read and the wait has already set the wake-up.
    const wakeup = this.#wakeups.subscribe(sessionId, signal);
    try {
      while (!wakeup.ended) {
        wakeup.reset();
        const page = await nextPage();
        if (wakeup.ended) return;
        if (page.length > 0) yield page;
        if (page.length < this.#pageSize) await wakeup.wait();
      }
    } finally {
      wakeup.unsubscribe();
    }
  }

  async #page(after: number, limit: number): Promise<SessionEvent[]> {
    const { rows } = await this.#db.query<SessionEvent>(
      `select ${COLUMNS} from events where id > $1 order by id limit $2`,
      [after, limit],
    );
    return rows;
  }

  async #sessionPage(from: { sessionId: string; after: number; limit: number }): Promise<SessionEvent[]> {
    const { rows } = await this.#db.query<SessionEvent>(
      `select ${COLUMNS} from events where session_id = $1 and seq > $2 order by seq limit $3`,
      [from.sessionId, from.after, from.limit],
    );
    return rows;
  }
}

function refuseAhead(after: number, head: number): void {
  if (after > head) throw new CursorAheadError({ after, head });
}
