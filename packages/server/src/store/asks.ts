import type { Answer, Ask, AskState, Door } from '@claude-companion/protocol';
import type { Queryable } from './database.ts';

/** An ask as stored: what every door shows, and what only the server needs. */
export interface AskRow extends Ask {
  personId: string;
  toolUseId: string | null;
  subAgentId: string | null;
  claimedAt: string | null;
}

const COLUMNS = `a.id, a.session_id as "sessionId", a.person_id as "personId", a.kind, a.state, a.title, s.project, s.cwd,
  a.tool, a.input, a.tool_use_id as "toolUseId", a.sub_agent_id as "subAgentId", a.questions, a.plan, a.message, a.suggestions,
  a.risk, a.risk_reasons as "riskReasons", a.hash, a.opened_at as "openedAt", a.deadline, a.answer,
  a.answered_via as "answeredVia", a.answered_at as "answeredAt", a.claimed_at as "claimedAt", a.closed_at as "closedAt",
  a.closed_reason as "closedReason"`;
const FROM = `from asks a join sessions s on s.id = a.session_id`;

export type NewAsk = Omit<
  AskRow,
  'state' | 'project' | 'cwd' | 'answer' | 'answeredVia' | 'answeredAt' | 'claimedAt' | 'closedAt' | 'closedReason'
>;

export async function insertAsk(tx: Queryable, ask: NewAsk): Promise<void> {
  await tx.query(
    `insert into asks (id, session_id, person_id, kind, state, title, tool, input, tool_use_id, sub_agent_id, questions, plan,
       message, suggestions, risk, risk_reasons, hash, opened_at, deadline)
     values ($1, $2, $3, $4, 'open', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
    [
      ask.id,
      ask.sessionId,
      ask.personId,
      ask.kind,
      ask.title,
      ask.tool,
      ask.input === null ? null : JSON.stringify(ask.input),
      ask.toolUseId,
      ask.subAgentId,
      JSON.stringify(ask.questions),
      ask.plan,
      ask.message,
      JSON.stringify(ask.suggestions),
      ask.risk,
      JSON.stringify(ask.riskReasons),
      ask.hash,
      ask.openedAt,
      ask.deadline,
    ],
  );
}

export async function findAsk(db: Queryable, id: string): Promise<AskRow | undefined> {
  const { rows } = await db.query<AskRow>(`select ${COLUMNS} ${FROM} where a.id = $1`, [id]);
  return rows[0];
}

/** Reads the ask and keeps it from changing until the transaction ends: of two answers one waits and then sees the other. */
export async function lockAsk(tx: Queryable, id: string): Promise<AskRow | undefined> {
  const { rows } = await tx.query<AskRow>(`select ${COLUMNS} ${FROM} where a.id = $1 for update of a`, [id]);
  return rows[0];
}

export interface AskFilter {
  states?: readonly AskState[];
  sessionId?: string;
  personId?: string;
  limit: number;
}

/** Oldest first: that is the order in which a person should see them. */
export async function listAsks(db: Queryable, filter: AskFilter): Promise<AskRow[]> {
  const { rows } = await db.query<AskRow>(
    `select ${COLUMNS} ${FROM}
      where ($1::text[] is null or a.state = any($1)) and ($2::uuid is null or a.session_id = $2)
        and ($3::uuid is null or a.person_id = $3)
      order by a.opened_at, a.id limit $4`,
    [filter.states ?? null, filter.sessionId ?? null, filter.personId ?? null, filter.limit],
  );
  return rows;
}

export async function countOpenAsks(db: Queryable, sessionId: string): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select count(*)::int as n from asks where session_id = $1 and state = 'open' and kind not in ('done', 'error')`,
    [sessionId],
  );
  return rows[0]?.n ?? 0;
}

/** Ids of open asks whose deadline has passed. */
export async function overdueAsks(db: Queryable, now: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from asks where state = 'open' and deadline <= $1 order by deadline limit 100`,
    [now],
  );
  return rows.map((row) => row.id);
}

/** When the next open ask expires. */
export async function nextDeadline(db: Queryable): Promise<string | null> {
  const { rows } = await db.query<{ at: string | null }>(`select min(deadline) as at from asks where state = 'open'`);
  return rows[0]?.at ?? null;
}

export interface RecordedAnswer {
  answer: Answer;
  via: Door;
  now: string;
}

export async function recordAnswer(tx: Queryable, id: string, recorded: RecordedAnswer): Promise<void> {
  await tx.query(
    `update asks set state = 'answered', answer = $2, answered_via = $3, answered_at = $4 where id = $1 and state = 'open'`,
    [id, JSON.stringify(recorded.answer), recorded.via, recorded.now],
  );
}

/** Ends an ask in any final state. */
export async function closeAsk(
  tx: Queryable,
  id: string,
  end: { state: AskState; reason: string | null; now: string },
): Promise<void> {
  await tx.query(`update asks set state = $2, closed_reason = $3, closed_at = $4 where id = $1`, [
    id,
    end.state,
    end.reason,
    end.now,
  ]);
}

/**
 * Takes the decision of an answered ask, at most once ever: the caller commits before the agent gets it. False when the ask
 * is not answered or was claimed before.
 */
export async function claimAnswer(db: Queryable, id: string, now: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update asks set claimed_at = $2 where id = $1 and state = 'answered' and claimed_at is null returning id`,
    [id, now],
  );
  return rowCount === 1;
}

/** Undoes nothing: removes only unanswerable notices of a session (`done`, `error`) that a newer one replaces. */
export async function openNotices(db: Queryable, sessionId: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from asks where session_id = $1 and state = 'open' and kind in ('done', 'error')`,
    [sessionId],
  );
  return rows.map((row) => row.id);
}
