/** A conversation outlives its files: the database has a copy, and a session goes on from it. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import { afterEach, expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import { openAsk, openWorld, type World } from '../world/server.ts';

let world: World;
afterEach(() => world[Symbol.asyncDispose]());

const start = async (...steps: Parameters<typeof scripted>[0]): Promise<string> =>
  (await world.client.startSession({ project: 'my-app', message: scripted(steps) })).session_id;

async function untilTurnEnds(sessionId: string): Promise<void> {
  for await (const item of world.client.followSession(sessionId)) {
    if (item.kind === 'event' && item.event.kind === 'turn.ended') return;
  }
}

async function say(sessionId: string, message: string): Promise<string> {
  const response = await world.request(`/sessions/${sessionId}/messages`, {
    method: 'POST',
    body: JSON.stringify({ message }),
  });
  return response.text();
}

/** Another machine, as far as the agents can tell. */
async function restartWithoutFiles(): Promise<void> {
  await world.server.close();
  rmSync(join(world.dataDir, 'claude'), { recursive: true });
  await world.restart();
}

verifies(['agent-api/features-session-restoration'], 'a session remembers after its files are gone', async () => {
  world = await openWorld();
  await rememberWithoutFiles();
});

test('also when it began in a warm process, whose transcript has another name', async () => {
  world = await openWorld({ settings: { WARM_AGENTS: 'true' } });
  await rememberWithoutFiles();
});

async function rememberWithoutFiles(): Promise<void> {
  const id = await start({ text: 'One.' }, { text: 'Two.' }, { text: 'Three.' });
  await untilTurnEnds(id);
  await restartWithoutFiles();
  expect(await say(id, 'Go on.')).toContain('Two.');
  await restartWithoutFiles();
  expect(await say(id, 'Go on.')).toContain('Three.');
}

test('an ask that was open meanwhile is answered once, and exactly the call that was shown runs', async () => {
  world = await openWorld();
  const id = await start({ tool: 'Bash', input: { command: 'echo once >> notes.txt' } }, { text: 'Done.' });
  const ask = await openAsk(world.client, id);
  await restartWithoutFiles();
  expect(await openAsk(world.client, id)).toEqual(ask);
  await world.client.answerAsk(ask.id, { decision: 'allow', applySuggestions: false });
  await untilTurnEnds(id);
  expect(existsSync(join(world.project, 'notes.txt'))).toBe(true);
  const asks = await world.client.listAsks({ state: 'all', sessionId: id });
  expect(asks).toMatchObject([{ id: ask.id, state: 'applied' }]);
});
