/**
 * Live processes are a cache of sessions: more sessions than processes take turns without loss. PROOF_LENGTH=full runs 200
 * sessions with 8 live processes; without it a small version runs.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import type { SessionEvent } from '@claude-companion/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import { jumpClock } from '../world/jump-clock.ts';
import { eventually, openAsk, openWorld, type World, type WorldOptions } from '../world/server.ts';
import { agentsOf } from '../world/server-process.ts';

const FULL = process.env.PROOF_LENGTH === 'full';
const SESSIONS = FULL ? 200 : 24;
const LIVE = FULL ? 8 : 3;

let world: World;
afterEach(() => world[Symbol.asyncDispose]());

async function open(settings: Record<string, string>, more: Partial<WorldOptions> = {}): Promise<void> {
  world = await openWorld({ settings: { LOG_LEVEL: 'warn', ...settings }, ...more });
}

const start = async (...steps: Parameters<typeof scripted>[0]): Promise<string> =>
  (await world.client.startSession({ project: 'my-app', message: scripted(steps) })).session_id;

/** All events up to the end of turn number `turns`. */
async function untilTurn(sessionId: string, turns: number): Promise<SessionEvent[]> {
  const events: SessionEvent[] = [];
  let ended = 0;
  for await (const item of world.client.followSession(sessionId)) {
    if (item.kind !== 'event') continue;
    events.push(item.event);
    if (item.event.kind === 'turn.ended') ended += 1;
    if (ended === turns) return events;
  }
  throw new Error('the stream ended early');
}

/** Without waiting for its turn. */
function say(sessionId: string, message: string): Promise<Response> {
  return world.request(`/sessions/${sessionId}/messages`, { method: 'POST', body: JSON.stringify({ message }) });
}

const kinds = (events: readonly SessionEvent[]): string[] => events.map(({ kind }) => kind);
const endsOf = (events: readonly SessionEvent[]) =>
  events.flatMap((event) => (event.kind === 'turn.ended' ? [event.data] : []));

/** Started by this process itself: what an agent starts looks like an agent for a moment. */
function isChild(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === process.pid;
  } catch {
    return false;
  }
}

/** The most agent processes seen at once while `work` ran. */
async function mostProcessesDuring(work: () => Promise<unknown>): Promise<number> {
  let most = 0;
  let done = false;
  const working = work().finally(() => {
    done = true;
  });
  while (!done) {
    most = Math.max(most, agentsOf(process.pid).filter(isChild).length);
    await Promise.race([working, new Promise((resolve) => setTimeout(resolve, 100))]);
  }
  await working;
  return most;
}

describe('more sessions than processes', () => {
  verifies(
    ['agent-api/features-stateful-conversation', 'agent-api/features-unique-session-ids'],
    `${SESSIONS} sessions with ${LIVE} live processes work through two rounds of prompts, and each remembers its own`,
    { timeout: FULL ? 1_800_000 : 180_000 },
    async () => {
      await open({ MAX_LIVE_AGENTS: String(LIVE) });
      const began = performance.now();
      const ids: string[] = [];
      const firstRound = async (): Promise<void> => {
        const numbers = Array.from({ length: SESSIONS }, (_, n) => n);
        ids.push(...(await Promise.all(numbers.map((n) => start({ text: `One ${n}.` }, { text: `Two ${n}.` })))));
        await Promise.all(ids.map((id) => untilTurn(id, 1)));
      };
      const secondRound = async (): Promise<void> => {
        await Promise.all(
          ids.map(async (id) => {
            const answer = await say(id, 'Go on.');
            expect(answer.status).toBe(200);
          }),
        );
      };
      const most = await mostProcessesDuring(async () => {
        await firstRound();
        const afterFirst = performance.now();
        await secondRound();
        if (FULL) {
          const seconds = [afterFirst - began, performance.now() - afterFirst].map((ms) => Math.round(ms / 1000));
          console.log(`${SESSIONS} sessions, ${LIVE} live: rounds of ${seconds.join(' and ')} s`);
        }
      });
      expect(most).toBeLessThanOrEqual(LIVE);
      expect(new Set(ids).size).toBe(SESSIONS);
      let queued = 0;
      for (const [n, id] of ids.entries()) {
        const events = await untilTurn(id, 2);
        expect(endsOf(events)).toMatchObject([
          { outcome: 'completed', text: `One ${n}.` },
          { outcome: 'completed', text: `Two ${n}.` },
        ]);
        expect(kinds(events).filter((kind) => kind === 'turn.started')).toHaveLength(2);
        expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
        if (kinds(events).includes('agent.queued')) queued += 1;
      }
      expect(queued).toBeGreaterThanOrEqual(SESSIONS - LIVE);
    },
  );

  test('a process that has long waited for a person makes room; its ask stays open and is applied later', async () => {
    await open({ MAX_LIVE_AGENTS: '1', AGENT_PARK_MINUTES: '0' });
    const file = join(world.project, 'parked.md');
    const asking = await start({ tool: 'Write', input: { file_path: file, content: 'x' } }, { text: 'Written.' });
    const ask = await openAsk(world.client, asking);
    const other = await start({ text: 'Meanwhile.' });
    expect(endsOf(await untilTurn(other, 1))).toMatchObject([{ text: 'Meanwhile.' }]);
    expect(await openAsk(world.client, asking)).toMatchObject({ id: ask.id, state: 'open' });
    await world.client.answerAsk(ask.id, { decision: 'allow', applySuggestions: false });
    const events = await untilTurn(asking, 1);
    expect(endsOf(events)).toMatchObject([{ outcome: 'completed', text: 'Written.' }]);
    expect(kinds(events).filter((kind) => kind === 'ask.applied')).toHaveLength(1);
    expect(kinds(events).filter((kind) => kind === 'ask.opened')).toHaveLength(1);
  });

  test('one that waits in line says so, and can be interrupted and closed there', async () => {
    await open({ MAX_LIVE_AGENTS: '1', AGENT_PARK_MINUTES: '60' });
    const command = { tool: 'Bash', input: { command: 'touch kept.txt' } };
    const asking = await start(command, { text: 'Done.' });
    const ask = await openAsk(world.client, asking);
    const [interrupted, closed, patient] = [
      await start({ text: 'Never said.' }, { text: 'Said later.' }),
      await start({ text: 'Never said.' }),
      await start({ text: 'Patience.' }),
    ];
    await eventually(async () => {
      const events = await world.client.listSessions();
      return events.length === 4;
    });
    await world.client.interrupt(interrupted);
    expect(endsOf(await untilTurn(interrupted, 1))).toMatchObject([{ outcome: 'interrupted' }]);
    await world.client.closeSession(closed);
    await world.client.answerAsk(ask.id, { decision: 'allow', applySuggestions: false });
    const events = await untilTurn(patient, 1);
    expect(endsOf(events)).toMatchObject([{ text: 'Patience.' }]);
    const queued = events.find(({ kind }) => kind === 'agent.queued');
    expect(queued?.data).toMatchObject({ position: expect.any(Number) });
    // The interrupted prompt is not worked on afterwards; the session takes the next one.
    const answer = await say(interrupted, scripted([{ text: 'Here.' }]));
    expect(JSON.stringify(await answer.json())).toContain('Here.');
    expect(JSON.stringify(await untilTurn(interrupted, 2))).not.toContain('"text":"Never said."');
  });
});

/** The models that wrote the agent's answers, in order. */
function modelsOf(sessionId: string): string[] {
  const directory = join(world.dataDir, 'claude', 'projects', world.project.replace(/[^a-zA-Z0-9]/g, '-'));
  const lines = readFileSync(join(directory, `${sessionId}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n');
  const entries = lines.map((line) => JSON.parse(line) as { type: string; message?: { model?: string } });
  return entries.flatMap(({ type, message }) => (type === 'assistant' && message?.model ? [message.model] : []));
}

describe('a session without work', () => {
  verifies(
    ['agent-api/model-at-runtime'],
    'gives its process up after AGENT_IDLE_MINUTES and comes back with history, model and mode',
    async () => {
      const clock = jumpClock();
      await open({ AGENT_IDLE_MINUTES: '10' }, { clock });
      const write = { tool: 'Write', input: { file_path: join(world.project, 'by-mode.md'), content: 'x' } };
      const id = await start({ text: 'One.' }, { text: 'Two.' }, write, { text: 'Three.' });
      await untilTurn(id, 1);
      const settings = { model: { model: 'claude-haiku-4-5' }, permission_mode: { mode: 'acceptEdits' } };
      for (const [path, body] of Object.entries(settings)) {
        const answer = await world.request(`/sessions/${id}/${path}`, { method: 'POST', body: JSON.stringify(body) });
        expect(answer.status).toBe(200);
      }
      await say(id, 'Go on.');
      clock.jump(9 * 60_000);
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(agentsOf(process.pid)).toHaveLength(1);
      clock.jump(2 * 60_000);
      await eventually(async () => agentsOf(process.pid).length === 0);
      // Edits are accepted without an ask: the mode came back. The script's next step: the history came back.
      const events = await (await say(id, 'Go on.')).json();
      expect(JSON.stringify(events)).toContain('Three.');
      const all = await untilTurn(id, 3);
      expect(kinds(all)).not.toContain('ask.opened');
      expect(all.filter(({ kind }) => kind === 'agent.started').map(({ data }) => data)).toEqual([
        { resumed: false },
        { resumed: true },
      ]);
      expect(all.find(({ kind }) => kind === 'agent.stopped')?.data).toEqual({ reason: 'idle' });
      expect(modelsOf(id).slice(1)).toEqual(['claude-haiku-4-5', 'claude-haiku-4-5', 'claude-haiku-4-5']);
    },
  );
});
