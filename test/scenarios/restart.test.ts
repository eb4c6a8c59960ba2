/** What is acknowledged survives `kill -9` of the server and its agents; an approved call runs once. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import type { SessionEvent } from '@claude-companion/protocol';
import { describe, expect, test } from 'vitest';
import { codeOnPhone, eventually, openAsk } from '../world/server.ts';
import { agentsOf, type Home, makeHome, type ServerProcess, startProcess } from '../world/server-process.ts';

/** Appends a line, so that running twice shows. */
const appendLine = { tool: 'Bash', input: { command: 'echo once >> notes.txt' } };

const lines = (home: Home): string[] => {
  const file = join(home.project, 'notes.txt');
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
};

async function turnEnd(server: ServerProcess, sessionId: string): Promise<SessionEvent[]> {
  const events: SessionEvent[] = [];
  for await (const item of server.client.followSession(sessionId)) {
    if (item.kind !== 'event') continue;
    events.push(item.event);
    if (item.event.kind === 'turn.ended') return events;
  }
  return events;
}

async function startAsking(server: ServerProcess): Promise<string> {
  const message = scripted([appendLine, { text: 'All done.' }]);
  return (await server.client.startSession({ project: 'my-app', message })).session_id;
}

describe('kill -9 of server and agent while an ask is open', () => {
  test('the ask is still open after the start, the text answer is applied once, the line is written once', async () => {
    using home = makeHome();
    const first = await startProcess(home);
    const sessionId = await startAsking(first);
    const before = await openAsk(first.client, sessionId);
    const { code } = await codeOnPhone(first.client);
    await first.kill();
    expect(lines(home)).toEqual([]);

    const second = await startProcess(home);
    try {
      expect(await openAsk(second.client, sessionId)).toEqual(before);
      await second.client.typeOnPhone(`OK ${code}`);
      const events = await turnEnd(second, sessionId);
      expect(lines(home)).toEqual(['once']);
      expect(events.filter(({ kind }) => kind === 'ask.applied')).toHaveLength(1);
      expect(events.filter(({ kind }) => kind === 'ask.opened')).toHaveLength(1);
      const asks = (await second.client.listAsks({ state: 'all', sessionId })).filter(
        ({ kind }) => kind === 'permission',
      );
      expect(asks).toMatchObject([{ id: before.id, state: 'applied', answeredVia: 'sms' }]);
      // The other text is about the end of the turn.
      await eventually(async () => (await second.client.phoneTexts()).some(({ body }) => /done/i.test(body)));
    } finally {
      await second.kill();
    }
  });

  test('a denial given after the start reaches the agent, and nothing is written', async () => {
    using home = makeHome();
    const first = await startProcess(home);
    const sessionId = await startAsking(first);
    const ask = await openAsk(first.client, sessionId);
    await first.kill();
    const second = await startProcess(home);
    try {
      await second.client.answerAsk(ask.id, { decision: 'deny', message: 'not now' });
      await turnEnd(second, sessionId);
      expect(lines(home)).toEqual([]);
      expect(await second.client.listAsks({ state: 'all', sessionId })).toMatchObject([{ state: 'applied' }]);
    } finally {
      await second.kill();
    }
  });

  test('killed again after the answer, before the agent could act on it: still once', async () => {
    using home = makeHome();
    const first = await startProcess(home);
    const sessionId = await startAsking(first);
    const ask = await openAsk(first.client, sessionId);
    await first.kill();
    const second = await startProcess(home);
    expect(await second.client.answerAsk(ask.id, { decision: 'allow', applySuggestions: false })).toMatchObject({
      outcome: 'answered',
    });
    await second.kill();
    const third = await startProcess(home);
    try {
      await turnEnd(third, sessionId);
      expect(lines(home)).toEqual(['once']);
    } finally {
      await third.kill();
    }
  });

  test('only the agent is killed: the ask stays open and its answer is applied once', async () => {
    using home = makeHome();
    const server = await startProcess(home);
    try {
      const sessionId = await startAsking(server);
      const ask = await openAsk(server.client, sessionId);
      const agents = agentsOf(server.pid);
      expect(agents).toHaveLength(1);
      for (const pid of agents) process.kill(pid, 'SIGKILL');
      await eventually(async () => agentsOf(server.pid).length === 0);
      expect(await openAsk(server.client, sessionId)).toMatchObject({ id: ask.id, state: 'open' });
      await server.client.answerAsk(ask.id, { decision: 'allow', applySuggestions: false });
      await turnEnd(server, sessionId);
      expect(lines(home)).toEqual(['once']);
    } finally {
      await server.kill();
    }
  });
});

describe('an orderly stop', () => {
  test('with an ask open ends with 0, and the ask is answered after the next start', async () => {
    using home = makeHome();
    const first = await startProcess(home);
    const sessionId = await startAsking(first);
    const ask = await openAsk(first.client, sessionId);
    expect(await first.stop()).toBe(0);
    const second = await startProcess(home);
    try {
      await second.client.answerAsk(ask.id, { decision: 'allow', applySuggestions: false });
      await turnEnd(second, sessionId);
      expect(lines(home)).toEqual(['once']);
    } finally {
      await second.kill();
    }
  });
});
