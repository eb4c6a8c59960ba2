/**
 * The rules of a monitored session: it runs in somebody's terminal, and all the server knows is what it reports.
 *
 * | liveness | since its last sign of life | leaves by |
 * | --- | --- | --- |
 * | active | fewer than 3 heartbeats missed | silence |
 * | stale | 3 heartbeats of the interval it declared | a heartbeat or an event |
 * | expired | 24 h | nothing: it is over, and its name may be used for a new one |
 *
 * Liveness is derived from the time and never stored, so it is right also when nobody looked for a day.
 */
import type { MonitoredEventType, SessionState } from '@claude-companion/protocol';

export type Liveness = 'active' | 'stale' | 'expired';

const MISSED_HEARTBEATS = 3;
const EXPIRES_AFTER_MS = 86_400_000;
/** One text of each type in this time, for each session. */
const TEXT_WINDOW_MS = 1_800_000;

/** Milliseconds since the epoch, by the server's clock. */
export interface SignsOfLife {
  lastHeardAt: number;
  heartbeatIntervalMs: number;
}

export const staleAt = ({ lastHeardAt, heartbeatIntervalMs }: SignsOfLife): number =>
  lastHeardAt + MISSED_HEARTBEATS * heartbeatIntervalMs;

export const expiresAt = ({ lastHeardAt }: Pick<SignsOfLife, 'lastHeardAt'>): number => lastHeardAt + EXPIRES_AFTER_MS;

export function livenessOf(signs: SignsOfLife, now: number): Liveness {
  if (now >= expiresAt(signs)) return 'expired';
  return now >= staleAt(signs) ? 'stale' : 'active';
}

/** Sessions last heard of at this moment or before are expired. */
export const expiredIfHeardBefore = (now: number): number => now - EXPIRES_AFTER_MS;

/** When the next text of a type may go out after one that is due at `dueAt`. */
export const nextTextAt = (dueAt: number): number => dueAt + TEXT_WINDOW_MS;

/** What an event says about the session. A tool that failed stops no agent. */
export const STATE_AFTER_EVENT: Record<MonitoredEventType, SessionState> = {
  error: 'running',
  done: 'idle',
  waiting: 'waiting',
};

/** Activity later than what was reported last means that the session went on. Both times are by its own clock. */
export function stateAfterHeartbeat(
  state: SessionState,
  times: { lastActivity: number | null; lastReportedAt: number | null },
): SessionState {
  const { lastActivity, lastReportedAt } = times;
  const rests = state === 'waiting' || state === 'idle';
  return rests && lastActivity !== null && lastReportedAt !== null && lastActivity > lastReportedAt ? 'running' : state;
}
