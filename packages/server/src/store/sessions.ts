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
  /** The most, in US dollars, that one process of the session may spend. */
  maxBudgetUsd: number | null;
  /** The prompt whose turn is in progress. */
  turnPromptId: string | null;
  turnRestarts: number;
  messageCount: number;
  totalCostUsd: number | null;
  createdAt: string;
  lastActivityAt: string;
  endedAt: string | null;
}

export type NewSession = SessionRow & {
  /** See `ModelSetup`. @defaultValue false */
  enableProxy?: boolean;
};

/** How the processes of a session reach a model. Settled when it is made, and the same for each of them. */
export interface ModelSetup {
  /** Through this server's own gateway, also where the operator has credentials. */
  enableProxy: boolean;
  /** The model the session was made with: a later change of model does not change the environment of its processes. */
  initialModel: string | null;
}

const COLUMNS = `id, kind, person_id as "personId", project, cwd, state, model, permission_mode as "permissionMode",
  system_prompt as "systemPrompt", allowed_tools as "allowedTools", permission_timeout_s as "permissionTimeoutS",
  max_budget_usd as "maxBudgetUsd", turn_prompt_id as "turnPromptId", turn_restarts as "turnRestarts", message_count as "messageCount",
  total_cost_usd as "totalCostUsd", created_at as "createdAt", last_activity_at as "lastActivityAt", ended_at as "endedAt"`;

export async function insertSession(db: Queryable, session: NewSession): Promise<void> {
  await db.query(
    `insert into sessions (id, kind, person_id, project, cwd, state, model, permission_mode, system_prompt, allowed_tools,
       permission_timeout_s, created_at, last_activity_at, enable_proxy, initial_model, max_budget_usd)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $7, $14)`,
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
      session.enableProxy ?? false,
      session.maxBudgetUsd,
    ],
  );
}

export async function findSession(db: Queryable, id: string): Promise<SessionRow | undefined> {
  const { rows } = await db.query<SessionRow>(`select ${COLUMNS} from sessions where id = $1`, [id]);
  return rows[0];
}

export async function modelSetupOf(db: Queryable, id: string): Promise<ModelSetup> {
  const { rows } = await db.query<ModelSetup>(
    `select enable_proxy as "enableProxy", initial_model as "initialModel" from sessions where id = $1`,
    [id],
  );
  return rows[0] ?? { enableProxy: false, initialModel: null };
}

/** Reads the row and keeps it from changing until the transaction ends. */
export async function lockSession(tx: Queryable, id: string): Promise<SessionRow | undefined> {
  const { rows } = await tx.query<SessionRow>(`select ${COLUMNS} from sessions where id = $1 for update`, [id]);
  return rows[0];
}

export async function listSessions(
  db: Queryable,
  filter: { includeEnded: boolean; personId?: string | undefined },
): Promise<SessionRow[]> {
  const { rows } = await db.query<SessionRow>(
    `select ${COLUMNS} from sessions
      where ($1 or state <> 'ended') and ($2::uuid is null or person_id = $2) order by last_activity_at desc`,
    [filter.includeEnded, filter.personId ?? null],
  );
  return rows;
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

/** What a person may change when they take up a session again. Only what is given is written. */
export interface SessionOptions {
  model?: string | null | undefined;
  systemPrompt?: string | undefined;
  permissionMode?: PermissionMode | undefined;
  allowedTools?: readonly string[] | undefined;
  permissionTimeoutS?: number | undefined;
  maxBudgetUsd?: number | undefined;
  enableProxy?: boolean | undefined;
}

/** Makes a session usable again, also one that has ended. */
export async function reopenSession(
  tx: Queryable,
  id: string,
  change: SessionOptions & { state: SessionState; now: string },
): Promise<void> {
  await tx.query(
    `update sessions set
       state = $2,
       ended_at = null,
       model = case when $3 then $4 else model end,
       system_prompt = coalesce($5, system_prompt),
       permission_mode = coalesce($6, permission_mode),
       allowed_tools = coalesce($7, allowed_tools),
       permission_timeout_s = coalesce($8, permission_timeout_s),
       max_budget_usd = coalesce($9, max_budget_usd),
       enable_proxy = coalesce($10, enable_proxy),
       last_activity_at = $11
     where id = $1`,
    [
      id,
      change.state,
      change.model !== undefined,
      change.model ?? null,
      change.systemPrompt ?? null,
      change.permissionMode ?? null,
      change.allowedTools === undefined ? null : JSON.stringify(change.allowedTools),
      change.permissionTimeoutS ?? null,
      change.maxBudgetUsd ?? null,
      change.enableProxy ?? null,
      change.now,
    ],
  );
}

/** A session that can be taken up again, as a list shows it. */
export interface ResumableRow {
  id: string;
  modified: string;
  /** The first thing a person said in it; empty while nobody said anything. */
  preview: string;
  project: string | null;
}

/** Hosted sessions (of one person), the last used first, without those that ended before anything was said. */
export async function listResumable(
  db: Queryable,
  { limit, personId }: { limit: number; personId?: string | undefined },
): Promise<ResumableRow[]> {
  const { rows } = await db.query<ResumableRow>(
    `select s.id, s.last_activity_at as modified, s.project,
       coalesce((select left(e.data->>'text', 1000) from events e
         where e.session_id = s.id and e.kind = 'prompt.accepted' and e.data->>'source' = 'person'
         order by e.seq limit 1), '') as preview
       from sessions s
      where s.kind = 'hosted' and (s.state <> 'ended' or s.message_count > 0) and ($2::uuid is null or s.person_id = $2)
      order by s.last_activity_at desc limit $1`,
    [limit, personId ?? null],
  );
  return rows;
}

/** Which of these ids are sessions, in any state. */
export async function knownSessions(db: Queryable, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>(`select id from sessions where id = any($1::uuid[])`, [ids]);
  return new Set(rows.map(({ id }) => id));
}

/** Another hosted session of this person is at work. */
export async function othersRun(db: Queryable, person: { personId: string; besides: string }): Promise<boolean> {
  const { rows } = await db.query<{ run: boolean }>(
    `select exists (select 1 from sessions where person_id = $1 and id <> $2 and kind = 'hosted' and state = 'running') as run`,
    [person.personId, person.besides],
  );
  return rows[0]?.run ?? false;
}
