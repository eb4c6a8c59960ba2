/** What models were asked for and what it cost: in all, and by session, person, day and model. */
import { CompanionError } from '@claude-companion/protocol';
import {
  type DayUsage,
  type ModelUsage,
  type PersonUsage,
  type SessionUsage,
  type UsageSum,
  usageByDay,
  usageByModel,
  usageByPerson,
  usageBySession,
  usageTotal,
} from '../../store/usage.ts';
import type { Context } from '../context.ts';

export interface UsageQuery {
  /** Days, `2026-11-21`, both included. */
  from?: string | undefined;
  to?: string | undefined;
  sessionId?: string | undefined;
}

export interface UsageReport {
  currency: 'USD';
  timeZone: string;
  from: string | null;
  to: string | null;
  total: UsageSum;
  sessions: SessionUsage[];
  people: PersonUsage[];
  days: DayUsage[];
  models: ModelUsage[];
}

export async function reportUsage(context: Context, query: UsageQuery): Promise<UsageReport> {
  const { store, policy, usage } = context;
  const { from = null, to = null, sessionId = null } = query;
  if (from !== null && to !== null && from > to) {
    throw new CompanionError('INVALID_PARAMETERS', '"from" is after "to".');
  }
  await usage.settled();
  const filter = { from, to, sessionId };
  const [total, sessions, people, days, models] = await Promise.all([
    usageTotal(store.db, filter),
    usageBySession(store.db, filter),
    usageByPerson(store.db, filter),
    usageByDay(store.db, filter),
    usageByModel(store.db, filter),
  ]);
  return { currency: 'USD', timeZone: policy.timeZone, from, to, total, sessions, people, days, models };
}
