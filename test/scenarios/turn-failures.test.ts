/** Turns that cannot end well: each ends with a documented code, the session is idle then and takes the next prompt. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import type { SessionEvent } from '@claude-companion/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import { openPglite } from '../../packages/server/src/store/pglite.ts';
import { silentLogger } from '../world/databases.ts';
import { openWorld, type World } from '../world/server.ts';
import { agentsOf } from '../world/server-process.ts';

let world: World;
afterEach(() => world[Symbol.asyncDispose]());

const start = async (...steps: Parameters<typeof scripted>[0]): Promise<string> =>
  (await world.client.startSession({ project: 'my-app', message: scripted(steps) })).session_id;

async function untilTurn(sessionId: string, turns: number): Promise<SessionEvent[]> {
  const events: SessionEvent[] = [];
  for await (const item of world.client.followSession(sessionId)) {
    if (item.kind !== 'event') continue;
    events.push(item.event);
    if (events.filter(({ kind }) => kind === 'turn.ended').length === turns) return events;
  }
  throw new Error('the stream ended early');
}

async function endOf(sessionId: string, turn: number) {
  const end = (await untilTurn(sessionId, turn)).at(-1);
  if (end?.kind !== 'turn.ended') throw new Error('not the end of a turn');
  return end.data;
}

/** The answer to a message, which comes when its turn is over. */
async function say(sessionId: string, message: string): Promise<string> {
  const response = await world.request(`/sessions/${sessionId}/messages`, {
    method: 'POST',
    body: JSON.stringify({ message }),
  });
  return response.text();
}

const stateOf = async (sessionId: string): Promise<string | undefined> =>
  (await world.client.listSessions()).find((session) => session.session_id === sessionId)?.state;

describe('a turn that cannot go on', () => {
  test('because its process is killed again and again: lost, AICLI_CRASH', async () => {
    world = await openWorld();
    const id = await start({ text: 'One.', delayMs: 60_000 }, { text: 'Two.' });
    let killed = 0;
    let end: SessionEvent | null = null;
    for await (const item of world.client.followSession(id)) {
      if (item.kind !== 'event') continue;
      if (item.event.kind === 'turn.started') {
        killed += 1;
        for (const pid of agentsOf(process.pid)) process.kill(pid, 'SIGKILL');
      }
      end = item.event;
      if (end.kind === 'turn.ended') break;
    }
    expect(end?.data).toMatchObject({ outcome: 'lost', error: { code: 'AICLI_CRASH' } });
    // The first process and three more that went on.
    expect(killed).toBe(4);
    expect(await stateOf(id)).toBe('idle');
    expect(await say(id, scripted([{ text: 'Alive.' }]))).toContain('Alive.');
  }, 60_000);

  test('because the model refuses: failed, api_error_400', async () => {
    world = await openWorld();
    const id = await start({ status: 400, message: 'scripted refusal' });
    expect(await endOf(id, 1)).toMatchObject({ outcome: 'failed', error: { code: 'api_error_400' } });
    expect(await stateOf(id)).toBe('idle');
    expect(await say(id, scripted([{ text: 'Better.' }]))).toContain('Better.');
  });

  test('because its directory is gone: failed, WORKING_DIRECTORY_MISSING; it goes on once that is back', async () => {
    world = await openWorld();
    const id = await start({ text: 'One.' }, { text: 'Two.' });
    await untilTurn(id, 1);
    await world.restart();
    rmSync(world.project, { recursive: true });
    await say(id, 'Go on.');
    expect(await endOf(id, 2)).toMatchObject({ outcome: 'failed', error: { code: 'WORKING_DIRECTORY_MISSING' } });
    expect(await stateOf(id)).toBe('idle');
    mkdirSync(world.project);
    expect(await say(id, 'Go on.')).toContain('Two.');
  });

  test('because its conversation is nowhere: failed, TRANSCRIPT_MISSING; the next prompt begins a new one', async () => {
    world = await openWorld();
    const id = await start({ text: 'One.' }, { text: 'Two.' });
    await untilTurn(id, 1);
    await world.server.close();
    rmSync(join(world.dataDir, 'claude', 'projects'), { recursive: true });
    const db = await openPglite({ directory: join(world.dataDir, 'pg'), logger: silentLogger });
    await db.query('delete from transcript_entries');
    await db.close();
    await world.restart();
    await say(id, 'Go on.');
    expect(await endOf(id, 2)).toMatchObject({ outcome: 'failed', error: { code: 'TRANSCRIPT_MISSING' } });
    expect(await stateOf(id)).toBe('idle');
    expect(await say(id, scripted([{ text: 'Anew.' }]))).toContain('Anew.');
  });

  test('because no process can be started: failed, AICLI_UNAVAILABLE; it goes on once one can', async () => {
    world = await openWorld();
    const id = await start({ text: 'One.' }, { text: 'Two.' });
    await untilTurn(id, 1);
    await world.restart();
    // A file stands where the agents' sockets should be.
    const needed = join(world.dataDir, 'run');
    rmSync(needed, { recursive: true, force: true });
    writeFileSync(needed, '');
    await say(id, 'Go on.');
    expect(await endOf(id, 2)).toMatchObject({ outcome: 'failed', error: { code: 'AICLI_UNAVAILABLE' } });
    expect(await stateOf(id)).toBe('idle');
    rmSync(needed);
    expect(await say(id, 'Go on.')).toContain('Two.');
  });
});
