/** Turns events into the parameters of `append_events`, and its answer back into events. */
import { EVENT_DATA, type NewEvent, type SessionEvent } from '@claude-companion/protocol';
import pg from 'pg';
import type { Queryable } from './database.ts';
import { toJson } from './json-text.ts';
import { noticeOf } from './log-notice.ts';

/** A lease by which an append proves that its writer is still the one. */
export interface Fence {
  name: string;
  token: number;
}

/** The lease was lost or released; nothing of the call was written. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
  readonly fence: Fence;

  constructor(fence: Fence) {
    super(`The lease "${fence.name}" with token ${fence.token} is no longer held; the events were not written.`);
    this.fence = fence;
  }
}

/** A checked event: `data` is what a reader will get, `json` its text. */
export interface PreparedEvent {
  event: NewEvent;
  json: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Checks what the database would refuse, so that one caller's mistake cannot fail a batch it shares with others.
 * @throws TypeError
 */
export function prepareEvent(event: NewEvent): PreparedEvent {
  if (!UUID.test(event.sessionId)) throw new TypeError(`not a lower-case uuid: ${event.sessionId}`);
  if (!Object.hasOwn(EVENT_DATA, event.kind)) throw new TypeError(`not a kind of event: ${event.kind}`);
  const time = Date.parse(event.at);
  if (Number.isNaN(time)) throw new TypeError(`not an ISO 8601 time: ${event.at}`);
  const { text, value } = toJson(event.data);
  return { event: { ...event, at: new Date(time).toISOString(), data: value } as NewEvent, json: text };
}

/** The positions, from 0, of the fences that made the database refuse a batch; undefined for any other error. */
export function staleFences(error: unknown): number[] | undefined {
  if (!(error instanceof pg.DatabaseError) || error.code !== 'CCF01' || error.detail === undefined) return undefined;
  return (JSON.parse(error.detail) as number[]).map((position) => position - 1);
}

/** True when a seq given to `writeBatch` was overtaken by somebody else's append. */
export function isOvertaken(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '23505' && error.constraint === 'events_in_session';
}

/** An array parameter of values without any special character, which `prepareEvent` saw to: quoting each costs time. */
function arrayText(plain: readonly (string | number)[]): string {
  return `{${plain.join(',')}}`;
}

export interface BatchOptions {
  fences?: readonly Fence[];
  /** The last committed seq of a session, where it is remembered. Never one beyond the truth: that would leave a gap. */
  lastSeqOf?: (sessionId: string) => number | undefined;
}

interface Appended {
  firstId: number;
  /** Null when all were known. */
  lastSeqs: number[] | null;
}

/**
 * Writes a batch in one round trip and tells the readers (at commit, with one notification).
 * @throws the database's error; see `staleFences`, `isOvertaken`
 */
export async function writeBatch(
  db: Queryable,
  batch: readonly PreparedEvent[],
  { fences = [], lastSeqOf }: BatchOptions = {},
): Promise<SessionEvent[]> {
  const sessions: string[] = [];
  const counts: number[] = [];
  const places = new Map<string, number>();
  const eventSession: number[] = [];
  const eventNth: number[] = [];
  for (const { event } of batch) {
    let place = places.get(event.sessionId);
    if (place === undefined) {
      place = sessions.push(event.sessionId);
      places.set(event.sessionId, place);
    }
    const nth = (counts[place - 1] ?? 0) + 1;
    counts[place - 1] = nth;
    eventSession.push(place);
    eventNth.push(nth);
  }
  const known = sessions.map((sessionId) => lastSeqOf?.(sessionId) ?? null);
  const { rows } = await db.query<Appended>(
    `select first_id as "firstId", last_seqs as "lastSeqs"
       from append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      arrayText(sessions),
      arrayText(known.map((seq) => seq ?? 'null')),
      arrayText(eventSession),
      arrayText(eventNth),
      arrayText(batch.map(({ event }) => event.kind)),
      batch.map(({ json }) => json).join('\n'),
      arrayText(batch.map(({ event }) => event.at)),
      fences.map(({ name }) => name),
      fences.map(({ token }) => token),
      noticeOf(sessions),
    ],
  );
  const [appended] = rows;
  if (!appended) throw new Error('append_events returned nothing');
  const lastSeqs = appended.lastSeqs ?? known;
  return batch.map(({ event }, index) => {
    const seq = (lastSeqs[(eventSession[index] ?? 0) - 1] ?? 0) + (eventNth[index] ?? 0);
    return { id: appended.firstId + index, seq, ...event } as SessionEvent;
  });
}
