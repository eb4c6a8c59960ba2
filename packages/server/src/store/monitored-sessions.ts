/** Sessions in somebody's terminal, beside their rows in `sessions`; and the tokens that open them. */
import type { FinalState, StopReason } from '@claude-companion/protocol';
import type { Queryable } from './database.ts';

export interface MonitoredSession {
  sessionId: string;
  /** The place of the session in the dashboard's views. */
  number: number;
  claudeSessionId: string;
  description: string;
  hostname: string | null;
  /** `startedAt`, `lastReportedAt` and `endedAt` are by the clock of its machine. */
  startedAt: string;
  heartbeatIntervalMs: number;
  lastHeardAt: string;
  lastReportedAt: string | null;
  endedAt: string | null;
  stopReason: StopReason | null;
  finalState: FinalState | null;
}

const COLUMNS = `m.session_id as "sessionId", s.number, m.claude_session_id as "claudeSessionId", m.description, m.hostname,
  m.started_at as "startedAt", m.heartbeat_interval_ms as "heartbeatIntervalMs", m.last_heard_at as "lastHeardAt",
  m.last_reported_at as "lastReportedAt", m.ended_at as "endedAt", m.stop_reason as "stopReason", m.final_state as "finalState"`;
const FROM = 'from monitored_sessions m join sessions s on s.id = m.session_id';

export async function findMonitored(db: Queryable, ids: readonly string[]): Promise<MonitoredSession[]> {
  const { rows } = await db.query<MonitoredSession>(`select ${COLUMNS} ${FROM} where m.session_id = any($1::uuid[])`, [
    ids,
  ]);
  return rows;
}

/** The session that this person's machine calls so and that has not ended, the newest if there were several. */
export async function findMonitoredByName(
  db: Queryable,
  { personId, claudeSessionId }: { personId: string; claudeSessionId: string },
): Promise<MonitoredSession | undefined> {
  const { rows } = await db.query<MonitoredSession>(
    `select ${COLUMNS} ${FROM} where m.person_id = $1 and m.claude_session_id = $2 and s.state <> 'ended'
      order by s.number desc limit 1`,
    [personId, claudeSessionId],
  );
  return rows[0];
}

export type NewMonitored = Pick<
  MonitoredSession,
  'sessionId' | 'claudeSessionId' | 'description' | 'hostname' | 'startedAt' | 'heartbeatIntervalMs' | 'lastHeardAt'
> & { personId: string };

export async function insertMonitored(tx: Queryable, session: NewMonitored): Promise<void> {
  await tx.query(
    `insert into monitored_sessions (session_id, person_id, claude_session_id, description, hostname, started_at,
       heartbeat_interval_ms, last_heard_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      session.sessionId,
      session.personId,
      session.claudeSessionId,
      session.description,
      session.hostname,
      session.startedAt,
      session.heartbeatIntervalMs,
      session.lastHeardAt,
    ],
  );
}

export interface MonitoredChange {
  description?: string;
  hostname?: string | null;
  heartbeatIntervalMs?: number;
  lastHeardAt?: string;
  lastReportedAt?: string;
  endedAt?: string;
  stopReason?: StopReason;
  finalState?: FinalState;
}

/** Only what is given is written. A sign of life is never moved back: requests overtake each other. */
export async function updateMonitored(tx: Queryable, sessionId: string, change: MonitoredChange): Promise<void> {
  await tx.query(
    `update monitored_sessions set
       description = coalesce($2, description),
       hostname = coalesce($3, hostname),
       heartbeat_interval_ms = coalesce($4, heartbeat_interval_ms),
       last_heard_at = greatest(last_heard_at, coalesce($5, last_heard_at)),
       last_reported_at = coalesce($6, last_reported_at),
       ended_at = coalesce($7, ended_at),
       stop_reason = coalesce($8, stop_reason),
       final_state = coalesce($9, final_state)
     where session_id = $1`,
    [
      sessionId,
      change.description ?? null,
      change.hostname ?? null,
      change.heartbeatIntervalMs ?? null,
      change.lastHeardAt ?? null,
      change.lastReportedAt ?? null,
      change.endedAt ?? null,
      change.stopReason ?? null,
      change.finalState ?? null,
    ],
  );
}

/** Those that have not ended and were last heard of at this moment or before. */
export async function monitoredHeardBefore(db: Queryable, before: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select m.session_id as id ${FROM} where s.state <> 'ended' and m.last_heard_at <= $1 order by s.number limit 500`,
    [before],
  );
  return rows.map(({ id }) => id);
}

/** A session started again gets one more token; of many only the newest `keep` go on working. */
export async function addSessionToken(
  tx: Queryable,
  token: { hash: string; sessionId: string; now: string; keep: number },
): Promise<void> {
  const { hash, sessionId, now, keep } = token;
  await tx.query(
    `delete from session_tokens where session_id = $1 and hash not in
       (select hash from session_tokens where session_id = $1 order by created_at desc, hash limit $2)`,
    [sessionId, keep - 1],
  );
  await tx.query(`insert into session_tokens (hash, session_id, created_at) values ($1, $2, $3)`, [
    hash,
    sessionId,
    now,
  ]);
}

export async function findTokenSession(
  db: Queryable,
  hash: string,
): Promise<{ sessionId: string; personId: string } | undefined> {
  const { rows } = await db.query<{ sessionId: string; personId: string }>(
    `select t.session_id as "sessionId", s.person_id as "personId"
       from session_tokens t join sessions s on s.id = t.session_id where t.hash = $1`,
    [hash],
  );
  return rows[0];
}

/** Forgets what opens sessions that ended before this moment. */
export async function deleteTokensOfEnded(db: Queryable, before: string): Promise<void> {
  await db.query(
    `delete from session_tokens t using sessions s where s.id = t.session_id and s.state = 'ended' and s.ended_at < $1`,
    [before],
  );
}
