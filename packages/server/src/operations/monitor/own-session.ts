/** The one session that a session token opens, or the refusal that says why not. */
import { CompanionError } from '@claude-companion/protocol';
import { expiresAt, type Liveness, livenessOf, type SignsOfLife, staleAt } from '../../sessions/monitored.ts';
import type { Queryable } from '../../store/database.ts';
import { findMonitored, type MonitoredSession } from '../../store/monitored-sessions.ts';
import type { SessionRow } from '../../store/sessions.ts';

/** A request about a monitored session, by whoever holds a session token. */
export interface SessionTokenRequest {
  sessionId: string;
  /** The session whose token was presented. */
  tokenOf: string;
}

const signsOf = ({ lastHeardAt, heartbeatIntervalMs }: MonitoredSession): SignsOfLife => ({
  lastHeardAt: Date.parse(lastHeardAt),
  heartbeatIntervalMs,
});

export const livenessNow = (session: MonitoredSession, now: string): Liveness =>
  livenessOf(signsOf(session), Date.parse(now));

export const staleAndExpiry = (session: MonitoredSession): { staleAt: string; expiresAt: string } => ({
  staleAt: new Date(staleAt(signsOf(session))).toISOString(),
  expiresAt: new Date(expiresAt(signsOf(session))).toISOString(),
});

export const sessionNotFound = (): CompanionError =>
  new CompanionError('SESSION_NOT_FOUND', 'Session not found or expired');

/**
 * @throws CompanionError SESSION_NOT_FOUND for a session that is unknown, not monitored or expired; AUTH_INVALID when the token
 * is another session's. One that was stopped is returned: its row says `ended`.
 */
export async function ownSession(
  tx: Queryable,
  session: SessionRow | undefined,
  { tokenOf, now }: { tokenOf: string; now: string },
): Promise<{ session: SessionRow; monitored: MonitoredSession }> {
  if (session?.kind !== 'monitored') throw sessionNotFound();
  if (session.id !== tokenOf) throw new CompanionError('AUTH_INVALID', 'Session token invalid');
  const [monitored] = await findMonitored(tx, [session.id]);
  if (!monitored) throw sessionNotFound();
  if (monitored.stopReason === null && livenessNow(monitored, now) === 'expired') throw sessionNotFound();
  return { session, monitored };
}
