/** Until when an ask may be answered, and what happens then: it is denied. Silence is never an allow. */
import type { Answer } from '@claude-companion/protocol';

/** When no channel reaches the owner: only somebody who happens to look can answer. */
export const UNREACHABLE_TIMEOUT_S = 300;
export const REACHABLE_TIMEOUT_S = 86_400;
/** Bounds of a session's own `permissionTimeoutS`: time to read one text, and a week. */
export const TIMEOUT_BOUNDS_S = { min: 1, max: 604_800 } as const;

export interface DeadlineRequest {
  /** Milliseconds since the epoch. */
  openedAt: number;
  /** Some channel can reach the owner. */
  reachable: boolean;
  /** The session's own limit in seconds; wins over both defaults. */
  permissionTimeoutS: number | null;
}

/** Milliseconds since the epoch. A limit out of bounds is moved to the nearest bound. */
export function deadlineOf({ openedAt, reachable, permissionTimeoutS }: DeadlineRequest): number {
  const fallback = reachable ? REACHABLE_TIMEOUT_S : UNREACHABLE_TIMEOUT_S;
  const wanted = permissionTimeoutS === null || Number.isNaN(permissionTimeoutS) ? fallback : permissionTimeoutS;
  const seconds = Math.min(Math.max(wanted, TIMEOUT_BOUNDS_S.min), TIMEOUT_BOUNDS_S.max);
  return openedAt + Math.round(seconds * 1_000);
}

/** The moment of the deadline is already too late. */
export function isPastDeadline(deadline: number, now: number): boolean {
  return now >= deadline;
}

/** What the agent is told when nobody answered in time. */
export const DEADLINE_ANSWER: Extract<Answer, { decision: 'deny' }> = {
  decision: 'deny',
  message:
    'Nobody answered in time, so this was not allowed. Do not try another way to do the same; say what is needed.',
};
