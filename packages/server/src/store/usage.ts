/** Tokens and money, by day, person, session and model. An unknown price is unknown: a sum that has one in it is null. */
import type { Queryable } from './database.ts';

export interface UsageRecord {
  /** `2026-11-21`, in the time zone of the server. */
  day: string;
  /** Null: the session's own person. */
  personId: string | null;
  sessionId: string | null;
  source: 'gateway' | 'agent';
  provider: string;
  model: string;
  /** Without those read from or written to a cache. */
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  /** US dollars; null: nobody said what it costs. */
  costUsd: number | null;
  /** The tokens are a guess. */
  estimated: boolean;
}

export interface UsageSum {
  answers: number;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  /** US dollars; null when the price of some of it is unknown. */
  costUsd: number | null;
  /** The part whose price is known. */
  knownCostUsd: number;
  /** Some of the tokens are guesses. */
  estimated: boolean;
}

const COUNTS = [
  'answers',
  'estimated_answers',
  'unpriced_answers',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'cost_usd',
] as const;

const ADD = `insert into usage as u
    (day, person_id, session_id, source, provider, model, ${COUNTS.join(', ')})
  select $1::date, coalesce($2::uuid, s.person_id), $3::uuid, $4, $5, $6, 1, $7, $8, $9, $10, $11, $12, $13
    from (select 1) as one left join sessions s on s.id = $3::uuid
   where $2::uuid is not null or s.id is not null
  on conflict (day, person_id, session_id, source, provider, model) do update set
    ${COUNTS.map((name) => `${name} = u.${name} + excluded.${name}`).join(', ')}`;

/** A record of a session that is unknown here, and of nobody, is left out. */
export async function addUsage(db: Queryable, record: UsageRecord): Promise<void> {
  await db.query(ADD, [
    record.day,
    record.personId,
    record.sessionId,
    record.source,
    record.provider,
    record.model,
    record.estimated ? 1 : 0,
    record.costUsd === null ? 1 : 0,
    record.inputTokens,
    record.outputTokens,
    record.cacheReadTokens,
    record.cacheWriteTokens,
    record.costUsd ?? 0,
  ]);
}

export interface UsageFilter {
  /** First and last day, both included. */
  from: string | null;
  to: string | null;
  sessionId: string | null;
}

const SUMS = `coalesce(sum(u.answers), 0)::float8 as "answers", coalesce(sum(u.input_tokens), 0)::float8 as "inputTokens",
  coalesce(sum(u.output_tokens), 0)::float8 as "outputTokens", coalesce(sum(u.cache_read_tokens), 0)::float8 as "cacheReadTokens",
  coalesce(sum(u.cache_write_tokens), 0)::float8 as "cacheWriteTokens",
  case when coalesce(sum(u.unpriced_answers), 0) > 0 then null else coalesce(sum(u.cost_usd), 0) end as "costUsd",
  coalesce(sum(u.cost_usd), 0) as "knownCostUsd", coalesce(sum(u.estimated_answers), 0) > 0 as "estimated"`;
const WHERE = `($1::date is null or u.day >= $1) and ($2::date is null or u.day <= $2)
  and ($3::uuid is null or u.session_id = $3)`;

const valuesOf = ({ from, to, sessionId }: UsageFilter): (string | null)[] => [from, to, sessionId];

export async function usageTotal(db: Queryable, filter: UsageFilter): Promise<UsageSum> {
  const { rows } = await db.query<UsageSum>(`select ${SUMS} from usage u where ${WHERE}`, valuesOf(filter));
  const [sum] = rows;
  if (!sum) throw new Error('a sum without groups has one row');
  return sum;
}

export type DayUsage = UsageSum & { day: string };
export type PersonUsage = UsageSum & { personId: string; role: string; phone: string | null };
export type ModelUsage = UsageSum & { provider: string; model: string };
/** `sessionId` null: people's own clients. */
export type SessionUsage = UsageSum & { sessionId: string | null; project: string | null; lastDay: string };

const MAX_GROUPS = 1_000;

/** The newest first. */
export async function usageByDay(db: Queryable, filter: UsageFilter): Promise<DayUsage[]> {
  const { rows } = await db.query<DayUsage>(
    `select u.day::text as day, ${SUMS} from usage u where ${WHERE} group by u.day order by u.day desc limit ${MAX_GROUPS}`,
    valuesOf(filter),
  );
  return rows;
}

/** The dearest first, as far as prices are known. */
export async function usageByPerson(db: Queryable, filter: UsageFilter): Promise<PersonUsage[]> {
  const { rows } = await db.query<PersonUsage>(
    `select p.id as "personId", p.role, p.phone_masked as phone, ${SUMS}
       from usage u join people p on p.id = u.person_id where ${WHERE}
      group by p.id, p.role, p.phone_masked order by "knownCostUsd" desc, p.id limit ${MAX_GROUPS}`,
    valuesOf(filter),
  );
  return rows;
}

export async function usageByModel(db: Queryable, filter: UsageFilter): Promise<ModelUsage[]> {
  const { rows } = await db.query<ModelUsage>(
    `select u.provider, u.model, ${SUMS} from usage u where ${WHERE}
      group by u.provider, u.model order by "knownCostUsd" desc, u.provider, u.model limit ${MAX_GROUPS}`,
    valuesOf(filter),
  );
  return rows;
}

/** The last used first. */
export async function usageBySession(db: Queryable, filter: UsageFilter): Promise<SessionUsage[]> {
  const { rows } = await db.query<SessionUsage>(
    `select u.session_id as "sessionId", s.project, max(u.day)::text as "lastDay", ${SUMS}
       from usage u left join sessions s on s.id = u.session_id where ${WHERE}
      group by u.session_id, s.project, s.last_activity_at
      order by s.last_activity_at desc nulls last limit ${MAX_GROUPS}`,
    valuesOf(filter),
  );
  return rows;
}

export interface SessionSpending {
  /** US dollars it may spend in all; null sets no limit. */
  limitUsd: number | null;
  /** By how much "go on" raises the limit: what its budget was at first. */
  stepUsd: number;
  spentUsd: number;
  /** The model that its last answers came from, by the provider's name. */
  lastModel: string | null;
}

export async function spendingOf(db: Queryable, sessionId: string): Promise<SessionSpending> {
  const { rows } = await db.query<SessionSpending>(
    `select s.max_budget_usd + case when b.base_usd = s.max_budget_usd then b.raised_usd else 0 end as "limitUsd",
       coalesce(s.max_budget_usd, 0) as "stepUsd",
       coalesce((select sum(u.cost_usd) from usage u where u.session_id = s.id), 0) as "spentUsd",
       (select u.model from usage u where u.session_id = s.id order by u.day desc, u.answers desc limit 1) as "lastModel"
       from sessions s left join session_budgets b on b.session_id = s.id where s.id = $1`,
    [sessionId],
  );
  return rows[0] ?? { limitUsd: null, stepUsd: 0, spentUsd: 0, lastModel: null };
}

/** Lets a session spend this much beyond what it has spent or was allowed so far, whichever is more. */
export async function raiseLimit(tx: Queryable, sessionId: string, byUsd: number): Promise<void> {
  const { limitUsd, stepUsd, spentUsd } = await spendingOf(tx, sessionId);
  if (limitUsd === null) return;
  const raised = Math.max(limitUsd, spentUsd) + byUsd - stepUsd;
  await tx.query(
    `insert into session_budgets (session_id, base_usd, raised_usd) values ($1, $2, $3)
     on conflict (session_id) do update set base_usd = excluded.base_usd, raised_usd = excluded.raised_usd`,
    [sessionId, stepUsd, raised],
  );
}
