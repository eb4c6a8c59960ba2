import { stateAfterHeartbeat } from '../../sessions/monitored.ts';
import { updateMonitored } from '../../store/monitored-sessions.ts';
import { lockSession, updateSession } from '../../store/sessions.ts';
import { type Context, nowOf } from '../context.ts';
import { ownSession, type SessionTokenRequest, sessionNotFound, staleAndExpiry } from './own-session.ts';

export interface Heartbeat extends SessionTokenRequest {
  /** When something last happened in the session, by the clock of its machine. */
  lastActivity?: string | undefined;
}

const millis = (at: string | null | undefined): number | null => (at ? Date.parse(at) : null);

/**
 * A sign of life: a stale session is active again. It is no event and does not take the log's lock: of many sessions there are
 * many of these.
 */
export async function recordHeartbeat(
  context: Context,
  heartbeat: Heartbeat,
): Promise<{ staleAt: string; expiresAt: string }> {
  return context.store.db.transaction(async (tx) => {
    const row = await lockSession(tx, heartbeat.sessionId);
    const now = nowOf(context);
    const { session, monitored } = await ownSession(tx, row, { tokenOf: heartbeat.tokenOf, now });
    if (session.state === 'ended') throw sessionNotFound();
    await updateMonitored(tx, session.id, { lastHeardAt: now });
    const lastActivity = millis(heartbeat.lastActivity);
    const state = stateAfterHeartbeat(session.state, {
      lastActivity,
      lastReportedAt: millis(monitored.lastReportedAt),
    });
    // A clock that runs ahead must not put the session before all others.
    const active = Math.max(Date.parse(session.lastActivityAt), Math.min(Date.parse(now), lastActivity ?? 0));
    await updateSession(tx, session.id, { state, lastActivityAt: new Date(active).toISOString() });
    return staleAndExpiry({ ...monitored, lastHeardAt: now });
  });
}
