/** The SQL that the plugin's document gives for a dashboard of one's own, on both engines. */

import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Queryable } from '../../packages/server/src/store/database.ts';
import { addDelivery, type DeliveryState } from '../../packages/server/src/store/deliveries.ts';
import { insertMonitoredEvent } from '../../packages/server/src/store/monitored-events.ts';
import { insertMonitored, updateMonitored } from '../../packages/server/src/store/monitored-sessions.ts';
import { ensurePersonByPhone } from '../../packages/server/src/store/people.ts';
import { createSeal } from '../../packages/server/src/store/seal.ts';
import { insertSession, updateSession } from '../../packages/server/src/store/sessions.ts';
import { verifies } from '../verifies.ts';
import { ENGINES, type TestDatabase } from '../world/databases.ts';

/** As the document writes them. */
const SESSIONS = `SELECT * FROM sessions WHERE user_phone = '+1234567890';`;
const HISTORY = 'SELECT * FROM sms_events WHERE session_id = 123;';
const STATS = `SELECT 
  COUNT(*) as total_sessions,
  SUM(sms_sent_count) as total_sms,
  AVG(EXTRACT(EPOCH FROM (ended_at - started_at))) as avg_duration
FROM sessions 
WHERE user_phone = '+1234567890';`;

const PHONE = '+1234567890';
const MASKED = '+123***7890';
const started = '2026-03-01T12:00:00.000Z';
const key = randomBytes(32);
const seal = createSeal(key);

interface Sample {
  personId: string;
  /** Seconds; null while it goes on. */
  lasted: number | null;
  texts: DeliveryState[];
}

async function addSession(db: Queryable, { personId, lasted, texts }: Sample): Promise<void> {
  const sessionId = randomUUID();
  await insertSession(db, {
    id: sessionId,
    kind: 'monitored',
    personId,
    project: null,
    cwd: '',
    state: 'running',
    model: null,
    permissionMode: 'default',
    systemPrompt: null,
    allowedTools: [],
    permissionTimeoutS: null,
    maxBudgetUsd: null,
    turnPromptId: null,
    turnRestarts: 0,
    messageCount: 0,
    totalCostUsd: null,
    createdAt: started,
    lastActivityAt: started,
    endedAt: null,
  });
  await insertMonitored(db, {
    sessionId,
    personId,
    claudeSessionId: 'session_1',
    description: 'Fixing Docker build',
    hostname: 'build-machine',
    startedAt: started,
    heartbeatIntervalMs: 30_000,
    lastHeardAt: started,
  });
  for (const state of texts) {
    const id = randomUUID();
    await addDelivery(db, seal, {
      id,
      key: id,
      personId,
      channel: 'sms',
      purpose: 'notice',
      body: 'x',
      dueAt: started,
      now: started,
    });
    await db.query('update deliveries set state = $2 where id = $1', [id, state]);
    const event = { eventType: 'error' as const, noText: null, nextAllowedAt: null, clientId: null, now: started };
    await insertMonitoredEvent(db, { ...event, sessionId, deliveryId: id });
  }
  if (lasted === null) return;
  const endedAt = new Date(Date.parse(started) + lasted * 1000).toISOString();
  await updateMonitored(db, sessionId, { endedAt, stopReason: 'completed', finalState: 'success' });
  await updateSession(db, sessionId, { state: 'ended', endedAt: started, lastActivityAt: started });
}

describe.each(ENGINES)('on $name', (engine) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await engine.open();
    const { db } = database;
    await db.query('alter table sessions alter column number restart with 122');
    const now = started;
    const { id: personId } = await ensurePersonByPhone(db, seal, { id: randomUUID(), phone: PHONE, now });
    const other = await ensurePersonByPhone(db, seal, { id: randomUUID(), phone: '+1234567891', now });
    await addSession(db, { personId: other.id, lasted: 1_000, texts: ['sent', 'sent'] });
    await addSession(db, { personId, lasted: 60, texts: ['sent', 'delivered', 'failed'] });
    await addSession(db, { personId, lasted: 120, texts: ['sent'] });
    await addSession(db, { personId, lasted: null, texts: ['queued'] });
  });
  afterAll(() => database.close());

  /** As somebody who looks, in a connection of their own: nothing of it stays behind. */
  const look = (query: string, key?: string): Promise<Record<string, unknown>[]> =>
    database.db.transaction(async (tx) => {
      await tx.query('set local search_path = dashboard');
      if (key !== undefined) await tx.query(`set local companion.phone_key = '${key}'`);
      return (await tx.query(query)).rows;
    });

  /** pgcrypto comes with PostgreSQL, and not with the embedded engine: there the number stays masked. */
  const opens = engine.name === 'postgres';
  const asShown = (query: string): string => (opens ? query : query.replaceAll(PHONE, MASKED));

  verifies(['sms-plugin/dashboard-sessions'], 'the sessions of one number are listed', async () => {
    const rows = await look(asShown(SESSIONS), seal.cipherKey);
    expect(rows.map(({ id }) => id).sort()).toEqual([123, 124, 125]);
    expect(rows.find(({ id }) => id === 123)).toMatchObject({
      user_phone: opens ? PHONE : MASKED,
      description: 'Fixing Docker build',
      hostname: 'build-machine',
      started_at: started,
      ended_at: '2026-03-01T12:01:00.000Z',
      stop_reason: 'completed',
      sms_sent_count: 2,
    });
    expect(rows.find(({ id }) => id === 125)).toMatchObject({ ended_at: null, sms_sent_count: 0 });
  });

  verifies(['sms-plugin/dashboard-sms-history'], 'the texts of one session are listed', async () => {
    const rows = await look(HISTORY, seal.cipherKey);
    expect(rows.map(({ state }) => state).sort()).toEqual(['delivered', 'failed', 'sent']);
    expect(rows.every((row) => row.session_id === 123 && row.event_type === 'error')).toBe(true);
    expect(rows.filter(({ sent_at: at }) => at !== null)).toHaveLength(2);
  });

  verifies(['sms-plugin/dashboard-stats'], 'the numbers of one number are added up', async () => {
    const [row] = await look(asShown(STATS), seal.cipherKey);
    expect(Number(row?.total_sessions)).toBe(3);
    expect(Number(row?.total_sms)).toBe(3);
    expect(Number(row?.avg_duration)).toBe(90);
  });

  test.each([undefined, '', 'not hex', '00', randomBytes(32).toString('hex')])(
    'with %j for a key the number stays masked, and nothing fails',
    async (key) => {
      expect(await look(SESSIONS, key)).toEqual([]);
      const rows = await look('select user_phone from sessions order by id', key);
      expect(rows.map((row) => row.user_phone)).toEqual(['+123***7891', MASKED, MASKED, MASKED]);
    },
  );

  test('no session ends before it began', async () => {
    await database.db.query(
      `update monitored_sessions set ended_at = started_at - interval '1 hour' where ended_at is not null`,
    );
    const rows = await look(
      "select ended_at - started_at = interval '0' as at_once from sessions where ended_at is not null",
    );
    expect(rows).toEqual([{ at_once: true }, { at_once: true }, { at_once: true }]);
  });
});

describe('docs/dashboard-sql.md', () => {
  const page = readFileSync(new URL('../../docs/dashboard-sql.md', import.meta.url), 'utf8');

  test('shows these statements', () => {
    const plain = (text: string): string => text.replace(/\s+/g, ' ');
    for (const statement of [SESSIONS, HISTORY, STATS]) expect(plain(page)).toContain(plain(statement));
  });

  test('tells how to get the key', () => {
    const command = /```bash\n(.*?)```/s.exec(page)?.[1] ?? '';
    const directory = mkdtempSync(join(tmpdir(), 'companion-data-key-'));
    try {
      writeFileSync(join(directory, 'data-key'), `${key.toString('base64url')}\n`);
      const env = { PATH: process.env.PATH, DATA_DIR: directory };
      expect(execFileSync('sh', ['-c', command], { env, encoding: 'utf8' }).trim()).toBe(seal.cipherKey);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
