/** SIGTERM: running turns may finish within SHUTDOWN_GRACE_S, the rest is parked and goes on at the next start. */
import { readFileSync } from 'node:fs';
import { scripted } from '@claude-companion/gateway';
import type { SessionEvent } from '@claude-companion/protocol';
import { describe, expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import { eventually, openAsk, TOKEN } from '../world/server.ts';
import { agentsOf, makeHome, type ServerProcess, startProcess } from '../world/server-process.ts';

const LONG = { timeout: 60_000 };

async function start(server: ServerProcess, ...steps: Parameters<typeof scripted>[0]): Promise<string> {
  return (await server.client.startSession({ project: 'my-app', message: scripted(steps) })).session_id;
}

async function untilTurnEnds(server: ServerProcess, sessionId: string, turns = 1): Promise<SessionEvent[]> {
  const events: SessionEvent[] = [];
  for await (const item of server.client.followSession(sessionId)) {
    if (item.kind !== 'event') continue;
    events.push(item.event);
    if (events.filter(({ kind }) => kind === 'turn.ended').length === turns) return events;
  }
  throw new Error('the stream ended early');
}

const said = (events: readonly SessionEvent[]): string[] =>
  events.flatMap((event) => (event.kind === 'message.assistant' ? [event.data.text] : []));

async function untilTurnStarts(server: ServerProcess, sessionId: string): Promise<void> {
  for await (const item of server.client.followSession(sessionId)) {
    if (item.kind === 'event' && item.event.kind === 'turn.started') return;
  }
}

function isGone(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

describe('SIGTERM', () => {
  verifies(
    ['agent-api/features-graceful-shutdown', 'agent-api/cleanup-on-shutdown'],
    'lets a turn finish that needs less than the grace, ends every agent, and exits 0',
    LONG,
    async () => {
      using home = makeHome();
      const first = await startProcess(home, { SHUTDOWN_GRACE_S: '30' });
      const id = await start(first, { delayMs: 1_500, text: 'Finished.' }, { text: 'Next.' });
      await untilTurnStarts(first, id);
      const agents = agentsOf(first.pid);
      expect(agents).toHaveLength(1);
      expect(await first.stop()).toBe(0);
      expect(agents.every(isGone)).toBe(true);
      const second = await startProcess(home);
      try {
        const events = await untilTurnEnds(second, id);
        expect(said(events)).toEqual(['Finished.']);
        // It was over before the stop: nothing goes on by itself.
        expect(events.filter(({ kind }) => kind === 'agent.started')).toHaveLength(1);
      } finally {
        await second.kill();
      }
    },
  );

  test(
    'parks a turn that needs longer, and a prompt sent meanwhile is carried after the next start',
    LONG,
    async () => {
      using home = makeHome();
      const first = await startProcess(home, { SHUTDOWN_GRACE_S: '1' });
      const id = await start(first, { delayMs: 8_000, text: 'Finished late.' });
      const waiting = await start(first, { tool: 'Bash', input: { command: 'touch asked.txt' } }, { text: 'Done.' });
      const ask = await openAsk(first.client, waiting);
      await untilTurnStarts(first, id);
      const stopped = first.stop();
      const idle = await eventually(async () => {
        const response = await fetch(`${first.url}/sessions`, {
          method: 'POST',
          headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
          body: JSON.stringify({ project: 'my-app', message: scripted([{ text: 'Not forgotten.' }]) }),
        }).catch(() => null);
        return ((await response?.json()) as { session_id: string } | undefined)?.session_id;
      });
      expect(await stopped).toBe(0);
      const second = await startProcess(home);
      try {
        expect(said(await untilTurnEnds(second, idle))).toEqual(['Not forgotten.']);
        expect(await openAsk(second.client, waiting)).toMatchObject({ id: ask.id, state: 'open' });
        await second.client.answerAsk(ask.id, { decision: 'allow', applySuggestions: false });
        expect(said(await untilTurnEnds(second, waiting))).toContain('Done.');
        const events = await untilTurnEnds(second, id);
        expect(said(events)).toEqual(['Finished late.']);
        expect(events.filter(({ kind }) => kind === 'agent.started')).toHaveLength(2);
        expect(events.at(-1)?.data).toMatchObject({ outcome: 'completed' });
      } finally {
        await second.kill();
      }
    },
  );

  test('twice ends at once, whatever the grace; nothing is lost', LONG, async () => {
    using home = makeHome();
    const first = await startProcess(home, { SHUTDOWN_GRACE_S: '600' });
    const id = await start(first, { delayMs: 3_000, text: 'After all.' });
    await untilTurnStarts(first, id);
    const agents = agentsOf(first.pid);
    const stopped = first.stop();
    // The first signal was heard when new connections are still answered but the process says that it stops; a second one
    // that comes before it would count as the first.
    await new Promise((resolve) => setTimeout(resolve, 500));
    process.kill(first.pid, 'SIGTERM');
    expect(await stopped).toBe(130);
    await eventually(async () => agents.every(isGone));
    const second = await startProcess(home);
    try {
      expect(said(await untilTurnEnds(second, id))).toEqual(['After all.']);
    } finally {
      await second.kill();
    }
  });
});
