import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINES, type TestDatabase } from '../../../../test/world/databases.ts';
import { FencedError } from './event-batch.ts';
import { Leases } from './leases.ts';
import { ensureOwner } from './people.ts';
import { insertSession } from './sessions.ts';
import { StoredTranscripts, type TranscriptEntry, type TranscriptPart } from './transcripts.ts';

describe.each(ENGINES)('transcripts on $name', (engine) => {
  let test: TestDatabase;
  let stored: StoredTranscripts;
  let leases: Leases;
  beforeAll(async () => {
    test = await engine.open();
    stored = new StoredTranscripts(test.db);
    leases = new Leases(test.db);
  });
  afterAll(() => test.close());

  /** A session with a lease on it. */
  async function served() {
    const now = new Date().toISOString();
    const owner = await ensureOwner(test.db, { id: randomUUID(), now });
    const sessionId = randomUUID();
    await insertSession(test.db, {
      ...{ id: sessionId, kind: 'hosted', personId: owner.id, project: null, cwd: '/tmp', state: 'idle', model: null },
      ...{ permissionMode: 'default', systemPrompt: null, allowedTools: [], permissionTimeoutS: null },
      ...{ turnPromptId: null, turnRestarts: 0, messageCount: 0, totalCostUsd: null, maxBudgetUsd: null },
      ...{ createdAt: now, lastActivityAt: now, endedAt: null },
    });
    const fence = await leases.acquire(`session:${sessionId}`, 'me', 60_000);
    if (!fence) throw new Error('no lease');
    const part: TranscriptPart = { sessionId, projectKey: '-tmp', transcriptId: randomUUID(), subpath: '' };
    return { part, fence, sessionId };
  }

  const said = (text: string, uuid: string = randomUUID()): TranscriptEntry => ({ type: 'user', uuid, text });

  it('come back as they were and in order, whatever the text', async () => {
    const { part, fence } = await served();
    const entries: TranscriptEntry[] = [
      { type: 'mode', mode: 'normal' },
      said('NUL \0, lone \ud800 surrogate, "quotes", \\ and {braces},\n線'),
      { type: 'assistant', uuid: randomUUID(), deep: { list: [1, null, { a: '' }], zero: 0, key: { '\0': true } } },
    ];
    await stored.append(part, entries.slice(0, 1), fence);
    await stored.append(part, entries.slice(1), fence);
    expect(await stored.load(part)).toEqual(entries);
    expect(await stored.load({ ...part, subpath: 'subagents/agent-1' })).toEqual([]);
  });

  it('keep an entry with a uuid once, also when it is sent again with others', async () => {
    const { part, fence } = await served();
    const [one, two] = [said('one'), said('two')];
    await stored.append(part, [one], fence);
    await stored.append(part, [one, two, two], fence);
    expect(await stored.load(part)).toEqual([one, two]);
    expect(await stored.uuids(part)).toEqual([one.uuid, two.uuid]);
  });

  it('take nothing from a server that lost the session', async () => {
    const { part, fence, sessionId } = await served();
    await stored.append(part, [said('mine')], fence);
    await leases.release(fence);
    await leases.acquire(`session:${sessionId}`, 'somebody else', 60_000);
    await expect(stored.append(part, [said('too late')], fence)).rejects.toThrow(FencedError);
    expect(await stored.load(part)).toHaveLength(1);
  });

  it('name the conversation to go on with: the newest in which somebody spoke', async () => {
    const { part, fence, sessionId } = await served();
    expect(await stored.conversation(sessionId)).toBeNull();
    await stored.append(part, [{ type: 'queue-operation' }], fence);
    expect(await stored.conversation(sessionId)).toBeNull();
    await stored.append(part, [said('hello')], fence);
    const newer = { ...part, transcriptId: randomUUID() };
    await stored.append(newer, [{ type: 'queue-operation' }], fence);
    expect((await stored.conversation(sessionId))?.transcriptId).toBe(part.transcriptId);
    await stored.append(newer, [said('hello again')], fence);
    await stored.append({ ...newer, subpath: 'subagents/agent-1' }, [said('sub')], fence);
    expect((await stored.conversation(sessionId))?.transcriptId).toBe(newer.transcriptId);
    expect(await stored.parts(newer)).toEqual(['', 'subagents/agent-1']);
  });

  it('are searched as JSON, the main ones only', async () => {
    const { part, fence, sessionId } = await served();
    const uuid = randomUUID();
    await stored.append(part, [said('hello', uuid), said(`mentions "uuid":"${randomUUID()}"`)], fence);
    await stored.append({ ...part, subpath: 'subagents/agent-1' }, [said('sub')], fence);
    expect(await stored.holds(sessionId, [`"source_uuid":"${uuid}"`, `"uuid":"${uuid}"`])).toBe(true);
    expect(await stored.holds(sessionId, ['"uuid":"nobody"'])).toBe(false);
    expect(await stored.holds(sessionId, ['sub'])).toBe(false);
    expect(await stored.holds(randomUUID(), [`"uuid":"${uuid}"`])).toBe(false);
  });
});
