import type { Liveness } from '../../sessions/monitored.ts';
import { findMonitored } from '../../store/monitored-sessions.ts';
import type { Actor } from '../actor.ts';
import { type Context, nowOf } from '../context.ts';
import { activeSessions, type SessionRow } from '../look-up.ts';
import { livenessNow } from './own-session.ts';

/** What lists show of a session that runs in a terminal, besides its row. */
export interface MonitoredView {
  description: string;
  hostname: string | null;
  /** By the clock of its machine. */
  startedAt: string;
  lastHeardAt: string;
  liveness: Exclude<Liveness, 'expired'>;
}

export interface ListedSession {
  session: SessionRow;
  /** Null for a hosted session. */
  monitored: MonitoredView | null;
}

/** Sessions of either kind that have not ended, the most recently used first. One that has expired is left out at once. */
export async function listedSessions(context: Context, actor: Actor): Promise<ListedSession[]> {
  const sessions = await activeSessions(context, actor);
  const ids = sessions.filter(({ kind }) => kind === 'monitored').map(({ id }) => id);
  const rows = ids.length === 0 ? [] : await findMonitored(context.store.db, ids);
  const byId = new Map(rows.map((row) => [row.sessionId, row]));
  const now = nowOf(context);
  return sessions.flatMap((session): ListedSession[] => {
    const row = byId.get(session.id);
    if (!row) return [{ session, monitored: null }];
    const liveness = livenessNow(row, now);
    if (liveness === 'expired') return [];
    const { description, hostname, startedAt, lastHeardAt } = row;
    return [{ session, monitored: { description, hostname, startedAt, lastHeardAt, liveness } }];
  });
}
