/** The real Claude Code with copies of its transcripts in a database: a session goes on where its files are not. */
import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINES, type TestDatabase } from '../../../../../test/world/databases.ts';
import { Leases } from '../../store/leases.ts';
import { ensureOwner } from '../../store/people.ts';
import { insertSession } from '../../store/sessions.ts';
import { StoredTranscripts } from '../../store/transcripts.ts';
import type { AgentRunner, AgentStart } from '../agent.ts';
import { type AgentWorld, createAgentWorld, RecordingHost, runTurn, until } from './testing/agent-world.ts';

let database: TestDatabase;
let world: AgentWorld;
beforeAll(async () => {
  const [engine] = ENGINES;
  if (!engine) throw new Error('there is always an embedded engine');
  database = await engine.open();
  world = await createAgentWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await database.close();
});

const runner = (configDir = world.configDir): AgentRunner =>
  world.runner({ configDir, stored: new StoredTranscripts(database.db) });

/** A new session, leased. */
async function newSession(): Promise<AgentStart> {
  const now = new Date().toISOString();
  const owner = await ensureOwner(database.db, { id: randomUUID(), now });
  const id = randomUUID();
  await insertSession(database.db, {
    ...{ id, kind: 'hosted', personId: owner.id, project: null, cwd: world.cwd, state: 'idle', model: null },
    ...{ permissionMode: 'default', systemPrompt: null, allowedTools: [], permissionTimeoutS: null },
    ...{ turnPromptId: null, turnRestarts: 0, messageCount: 0, totalCostUsd: null, maxBudgetUsd: null },
    ...{ createdAt: now, lastActivityAt: now, endedAt: null },
  });
  const fence = await new Leases(database.db).acquire(`session:${id}`, 'test', 600_000);
  if (!fence) throw new Error('no lease');
  return world.start({ sessionId: id, fence });
}

/** One process, one turn. @returns what the turn said, and the prompt's id */
async function speak(by: AgentRunner, start: AgentStart, text: string) {
  const host = new RecordingHost();
  const agent = await by.start(start, host);
  const { end, promptId } = await runTurn(agent, host, text);
  await until(() => agent.activity === 'idle');
  await agent.close();
  return { text: end.text, promptId };
}

const threeSteps = scripted([{ text: 'One.' }, { text: 'Two.' }, { text: 'Three.' }]);
const mainFile = async (start: AgentStart): Promise<string> => {
  const directory = join(world.configDir, 'projects', world.cwd.replace(/[^a-zA-Z0-9]/g, '-'));
  return join(directory, `${start.sessionId}.jsonl`);
};
const storedEntries = async (sessionId: string): Promise<number> => {
  const { rows } = await database.db.query<{ n: number }>(
    'select count(*)::int as n from transcript_entries where session_id = $1 and uuid is not null',
    [sessionId],
  );
  return rows[0]?.n ?? 0;
};

describe('a session whose files are not here', () => {
  it('goes on in an empty configuration directory, back and forth', async () => {
    const start = await newSession();
    const elsewhere = join(world.runtimeDir, 'elsewhere');
    const first = await speak(runner(), start, threeSteps);
    expect(first.text).toBe('One.');
    const other = runner(elsewhere);
    expect(await other.hasTranscript(start)).toBe(true);
    expect(await other.hasPrompt({ ...start, promptId: first.promptId })).toBe(true);
    expect(await other.hasPrompt({ ...start, promptId: randomUUID() })).toBe(false);
    // The script came with the first prompt: its second step shows that the model got the history.
    expect((await speak(other, { ...start, resume: true }, 'Go on.')).text).toBe('Two.');
    // Here the files are behind now.
    expect((await speak(runner(), { ...start, resume: true }, 'Go on.')).text).toBe('Three.');
  });

  it('goes on also when it began in a warm spare, whose transcript has another id', async () => {
    const start = await newSession();
    const warm = runner();
    const keys = world.liveKeys.size;
    warm.warm();
    await until(() => world.liveKeys.size > keys);
    expect((await speak(warm, start, threeSteps)).text).toBe('One.');
    const conversation = await new StoredTranscripts(database.db).conversation(start.sessionId);
    expect(conversation?.transcriptId).not.toBe(start.sessionId);
    const other = runner(join(world.runtimeDir, 'for-spare'));
    expect((await speak(other, { ...start, resume: true }, 'Go on.')).text).toBe('Two.');
  });

  it('has its sub-agents’ transcripts too', async () => {
    const start = await newSession();
    const sub = scripted([{ text: 'The sub-agent was here.' }]);
    const call = { tool: 'Agent', input: { description: 'look', prompt: sub, subagent_type: 'general-purpose' } };
    await speak(runner(), start, scripted([call, { text: 'One.' }, { text: 'Two.' }, { text: 'Three.' }]));
    const elsewhere = join(world.runtimeDir, 'for-sub-agents');
    await speak(runner(elsewhere), { ...start, resume: true }, 'Go on.');
    const names = await readdir(join(elsewhere, 'projects'), { recursive: true });
    const transcript = names.find((name) => /subagents\/agent-\w+\.jsonl$/.test(name)) ?? 'none';
    expect(await readFile(join(elsewhere, 'projects', transcript), 'utf8')).toContain('The sub-agent was here.');
    const meta = await readFile(join(elsewhere, 'projects', transcript.replace('.jsonl', '.meta.json')), 'utf8');
    expect(JSON.parse(meta)).toMatchObject({ agentType: 'general-purpose' });
  });
});

describe('files and copies that differ', () => {
  it('where the files know more, the copies get it before the session goes on', async () => {
    const start = await newSession();
    await speak(runner(), start, threeSteps);
    const before = await storedEntries(start.sessionId);
    await database.db.query(
      `delete from transcript_entries where id in
         (select id from transcript_entries where session_id = $1 and uuid is not null order by id desc limit 2)`,
      [start.sessionId],
    );
    expect((await speak(runner(), { ...start, resume: true }, 'Go on.')).text).toBe('Two.');
    expect(await storedEntries(start.sessionId)).toBeGreaterThan(before);
    // Nothing is missing in the middle: from the copies alone it goes on too.
    const other = runner(join(world.runtimeDir, 'after-loss'));
    expect((await speak(other, { ...start, resume: true }, 'Go on.')).text).toBe('Three.');
  });

  it('where the files were cut short, they are replaced', async () => {
    const start = await newSession();
    await speak(runner(), start, threeSteps);
    const file = await mainFile(start);
    await truncate(file, 2_000);
    expect((await speak(runner(), { ...start, resume: true }, 'Go on.')).text).toBe('Two.');
  });

  it('where both are gone there is nothing to go on from', async () => {
    const start = await newSession();
    await speak(runner(), start, threeSteps);
    await database.db.query('delete from transcript_entries where session_id = $1', [start.sessionId]);
    await rm(await mainFile(start));
    expect(await runner().hasTranscript(start)).toBe(false);
  });
});
