import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ENGINES, type TestDatabase } from '../../../../test/world/databases.ts';
import { ensureOwner } from './people.ts';
import { insertSession } from './sessions.ts';
import {
  addUsage,
  raiseLimit,
  spendingOf,
  type UsageRecord,
  usageByDay,
  usageByModel,
  usageByPerson,
  usageBySession,
  usageTotal,
} from './usage.ts';

const NOW = '2026-11-21T10:00:00.000Z';
const ALL = { from: null, to: null, sessionId: null };

describe.each(ENGINES)('usage on $name', (engine) => {
  let opened: TestDatabase;
  let personId: string;
  let sessionId: string;
  const db = () => opened.db;

  beforeAll(async () => {
    opened = await engine.open();
    personId = (await ensureOwner(db(), { id: randomUUID(), now: NOW })).id;
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    await db().query('truncate usage, session_budgets');
    sessionId = randomUUID();
    await insertSession(db(), {
      ...{ id: sessionId, kind: 'hosted', personId, project: 'my-app', cwd: '/p', state: 'idle', model: null },
      ...{ permissionMode: 'default', systemPrompt: null, allowedTools: [], permissionTimeoutS: null },
      ...{ maxBudgetUsd: 1, turnPromptId: null, turnRestarts: 0, messageCount: 0, totalCostUsd: null },
      ...{ createdAt: NOW, lastActivityAt: NOW, endedAt: null },
    });
  });

  const record = (given: Partial<UsageRecord> = {}): UsageRecord => ({
    ...{ day: '2026-11-21', personId: null, sessionId, source: 'gateway', provider: 'openai', model: 'gpt-4o' },
    ...{ inputTokens: 10, outputTokens: 20, cacheReadTokens: 30, cacheWriteTokens: 40, costUsd: 0.5, estimated: false },
    ...given,
  });

  test('sums answers of the same kind into one row, and belongs to the person of the session', async () => {
    for (let index = 0; index < 3; index++) await addUsage(db(), record());
    const { rows } = await db().query('select * from usage');
    expect(rows).toHaveLength(1);
    expect(await usageTotal(db(), ALL)).toEqual({
      answers: 3,
      ...{ inputTokens: 30, outputTokens: 60, cacheReadTokens: 90, cacheWriteTokens: 120 },
      ...{ costUsd: 1.5, knownCostUsd: 1.5, estimated: false },
    });
    expect(await usageByPerson(db(), ALL)).toEqual([
      expect.objectContaining({ personId, role: 'owner', costUsd: 1.5 }),
    ]);
  });

  test('answers of people’s own clients are one row too', async () => {
    for (let index = 0; index < 2; index++) await addUsage(db(), record({ personId, sessionId: null }));
    expect(await usageBySession(db(), ALL)).toEqual([expect.objectContaining({ sessionId: null, answers: 2 })]);
  });

  test('an unknown price makes every sum that it is in unknown, and no other', async () => {
    await addUsage(db(), record());
    await addUsage(db(), record({ day: '2026-11-22', model: 'new', costUsd: null, estimated: true }));
    expect(await usageTotal(db(), ALL)).toMatchObject({ costUsd: null, knownCostUsd: 0.5, estimated: true });
    expect(await usageByDay(db(), ALL)).toMatchObject([
      { day: '2026-11-22', costUsd: null, knownCostUsd: 0 },
      { day: '2026-11-21', costUsd: 0.5 },
    ]);
    expect(await usageByModel(db(), ALL)).toMatchObject([{ model: 'gpt-4o', costUsd: 0.5 }, { model: 'new' }]);
    expect(await usageTotal(db(), { ...ALL, to: '2026-11-21' })).toMatchObject({ costUsd: 0.5 });
    expect(await usageTotal(db(), { ...ALL, from: '2026-11-23' })).toMatchObject({ answers: 0, costUsd: 0 });
  });

  test('what belongs to nobody here is left out', async () => {
    await addUsage(db(), record({ sessionId: randomUUID() }));
    expect(await usageTotal(db(), ALL)).toMatchObject({ answers: 0 });
  });

  test('a limit is raised by its step from where the session stands, and starts afresh when another is set', async () => {
    await addUsage(db(), record({ costUsd: 1.25 }));
    expect(await spendingOf(db(), sessionId)).toEqual({ limitUsd: 1, stepUsd: 1, spentUsd: 1.25, lastModel: 'gpt-4o' });
    await raiseLimit(db(), sessionId, 1);
    expect(await spendingOf(db(), sessionId)).toMatchObject({ limitUsd: 2.25, stepUsd: 1 });
    await raiseLimit(db(), sessionId, 1);
    expect(await spendingOf(db(), sessionId)).toMatchObject({ limitUsd: 3.25 });
    await db().query('update sessions set max_budget_usd = 5 where id = $1', [sessionId]);
    expect(await spendingOf(db(), sessionId)).toMatchObject({ limitUsd: 5, stepUsd: 5 });
    await db().query('update sessions set max_budget_usd = null where id = $1', [sessionId]);
    await raiseLimit(db(), sessionId, 1);
    expect(await spendingOf(db(), sessionId)).toMatchObject({ limitUsd: null });
  });
});
