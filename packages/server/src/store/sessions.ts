import type { PermissionMode, SessionKind, SessionState } from '@claude-companion/protocol';
import type { Queryable } from './database.ts';

export interface SessionRow {
  id: string;
  kind: SessionKind;
  personId: string;
  project: string | null;
  cwd: string;
  state: SessionState;
  model: string | null;
  permissionMode: PermissionMode;
  systemPrompt: string | null;
  allowedTools: string[];
  permissionTimeoutS: number | null;
  /** The prompt whose turn is in progress. */
  turnPromptId: string | null;
  turnRestarts: number;
  messageCount: number;
  totalCostUsd: number | null;
  createdAt: string;
  lastActivityAt: string;
  endedAt: string | null;
}

const COLUMNS = `id, kind, person_id as "personId", project, cwd, state, model, permission_mode as "permissionMode",
  system_prompt as "systemPrompt", allowed_tools as "allowedTools", permission_timeout_s as "permissionTimeoutS",
  turn_prompt_id as "turnPromptId", turn_restarts as "turnRestarts", message_count as "messageCount",
  total_cost_usd as "totalCostUsd", created_at as "createdAt", last_activity_at as "lastActivityAt", ended_at as "endedAt"`;

export async function insertSession(db: Queryable, session: SessionRow): Promise<void> {
  await db.query(
    `insert into sessions (id, kind, person_id, project, cwd, state, model, permission_mode, system_prompt, allowed_tools,
       permission_timeout_s, created_at, last_activity_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)`,
    [
      session.id,
      session.kind,
      session.personId,
      session.project,
      session.cwd,
      session.state,
      session.model,
      session.permissionMode,
      session.systemPrompt,
      JSON.stringify(session.allowedTools),
      session.permissionTimeoutS,
      session.createdAt,
    ],
  );
}

export async function findSession(db: Queryable, id: string): Promise<SessionRow | undefined> {
  const { rows } = await db.query<SessionRow>(`select ${COLUMNS} from sessions where id = $1`, [id]);
  return rows[0];
}

/** Reads the row and keeps it from changing until the transaction ends. */
export async function lockSession(tx: Queryable, id: string): Promise<SessionRow | undefined> {
  const { rows } = await tx.query<SessionRow>(`select ${COLUMNS} from sessions where id = $1 for update`, [id]);
  return rows[0];
}

export async function listSessions(db: Queryable, filter: { includeEnded: boolean }): Promise<SessionRow[]> {
  const { rows } = await db.query<SessionRow>(
    `select ${COLUMNS} from sessions where $1 or state <> 'ended' order by last_activity_at desc`,
    [filter.includeEnded],
  );
  return rows;
}

/** Sessions whose turn is not finished, whoever serves them. */
export async function listUnfinishedSessions(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from sessions where kind = 'hosted' and state in ('running', 'waiting', 'parked')`,
  );
  return rows.map((row) => row.id);
}

/** The columns that change in a session's life. Only what is given is written. */
export interface SessionChange {
  state?: SessionState;
  model?: string | null;
  permissionMode?: PermissionMode;
  turnPromptId?: string | null;
  turnRestarts?: number;
  addMessages?: number;
  totalCostUsd?: number;
  endedAt?: string;
  lastActivityAt: string;
}

export async function updateSession(tx: Queryable, id: string, change: SessionChange): Promise<void> {
  await tx.query(
    `update sessions set
       state = coalesce($2, state),
       model = case when $3 then $4 else model end,
       permission_mode = coalesce($5, permission_mode),
       turn_prompt_id = case when $6 then $7::uuid else turn_prompt_id end,
       turn_restarts = coalesce($8, turn_restarts),
       message_count = message_count + $9,
       total_cost_usd = coalesce($10, total_cost_usd),
       ended_at = coalesce($11, ended_at),
       last_activity_at = $12
     where id = $1`,
    [
      id,
      change.state ?? null,
      change.model !== undefined,
      change.model ?? null,
      change.permissionMode ?? null,
      change.turnPromptId !== undefined,
      change.turnPromptId ?? null,
      change.turnRestarts ?? null,
      change.addMessages ?? 0,
      change.totalCostUsd ?? null,
      change.endedAt ?? null,
      change.lastActivityAt,
    ],
  );
}

export async function countSessions(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ n: number }>(`select count(*)::int as n from sessions where state <> 'ended'`);
  return rows[0]?.n ?? 0;
}
