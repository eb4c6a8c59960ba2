/** The main job from outside: the real server, the real Claude Code, the demo model, the simulated phone. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import type { SessionEvent } from '@claude-companion/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOnPhone, eventually, openAsk, openWorld, type World } from '../world/server.ts';

let world: World;
beforeAll(async () => {
  // Each ask is a text of its own here.
  world = await openWorld({ settings: { FOLD_SECONDS: '0' } });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const write = (path: string, content = 'hello\n') => ({ tool: 'Write', input: { file_path: path, content } });
const inProject = (name: string): string => join(world.project, name);

async function start(...steps: Parameters<typeof scripted>[0]): Promise<string> {
  const { session_id } = await world.client.startSession({ project: 'my-app', message: scripted(steps) });
  return session_id;
}

async function untilTurnEnds(sessionId: string): Promise<SessionEvent[]> {
  const events: SessionEvent[] = [];
  for await (const item of world.client.followSession(sessionId)) {
    if (item.kind !== 'event') continue;
    events.push(item.event);
    if (item.event.kind === 'turn.ended') return events;
  }
  throw new Error('the stream ended early');
}

const newestText = async (): Promise<number> => (await world.client.phoneTexts()).at(-1)?.id ?? 0;

describe('an ask goes out as a text and its answer comes back into the agent', () => {
  test('OK with the code allows exactly that call, and the one reply says so', async () => {
    const before = await newestText();
    const sessionId = await start(write(inProject('by-text.md')), { text: 'Written.' });
    const { code, body } = await codeOnPhone(world.client, before);
    expect(body).toContain('[my-app]');
    expect(existsSync(inProject('by-text.md'))).toBe(false);

    await world.client.typeOnPhone(`OK ${code}`);
    const events = await untilTurnEnds(sessionId);
    expect(readFileSync(inProject('by-text.md'), 'utf8')).toBe('hello\n');
    expect(events.filter(({ kind }) => kind === 'ask.applied')).toHaveLength(1);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));

    const [ask] = await world.client.listAsks({ state: 'all', sessionId });
    expect(ask).toMatchObject({ state: 'applied', answeredVia: 'sms', answer: { decision: 'allow' } });
    const reply = await eventually(async () =>
      (await world.client.phoneTexts(before)).find(
        (text) => text.direction === 'to_phone' && !text.body.includes(code),
      ),
    );
    expect(reply.body).not.toBe('');
  });

  test('NO with the code denies it, and the reason reaches the agent', async () => {
    const before = await newestText();
    const sessionId = await start(write(inProject('denied.md')), { text: 'The tool said: {{result}}' });
    const { code } = await codeOnPhone(world.client, before);
    await world.client.typeOnPhone(`NO ${code} wrong folder`);
    const events = await untilTurnEnds(sessionId);
    expect(existsSync(inProject('denied.md'))).toBe(false);
    const said = events.flatMap((event) => (event.kind === 'message.assistant' ? [event.data.text] : []));
    expect(said.join('\n')).toContain('wrong folder');
  });

  test('a wrong code changes nothing and is answered', async () => {
    const before = await newestText();
    const sessionId = await start(write(inProject('still-closed.md')), { text: 'ok' });
    const { code } = await codeOnPhone(world.client, before);
    const wrong = code.startsWith('B') ? `C${code.slice(1)}` : `B${code.slice(1)}`;
    const sent = await newestText();
    await world.client.typeOnPhone(`OK ${wrong}`);
    await eventually(async () => (await world.client.phoneTexts(sent)).find((text) => text.direction === 'to_phone'));
    expect(await openAsk(world.client, sessionId)).toMatchObject({ state: 'open' });
    await world.client.closeSession(sessionId);
  });

  test('a question is answered by number, and the agent hears the label', async () => {
    const before = await newestText();
    const sessionId = await start(
      {
        tool: 'AskUserQuestion',
        input: {
          questions: [
            {
              question: 'Which package manager?',
              header: 'Tool',
              multiSelect: false,
              options: [
                { label: 'npm', description: 'as now' },
                { label: 'pnpm', description: 'faster' },
              ],
            },
          ],
        },
      },
      { text: 'You chose: {{result}}' },
    );
    const { code } = await codeOnPhone(world.client, before);
    await world.client.typeOnPhone(`${code} 2`);
    const events = await untilTurnEnds(sessionId);
    const said = events.flatMap((event) => (event.kind === 'message.assistant' ? [event.data.text] : []));
    expect(said.join('\n')).toContain('pnpm');
  });

  test('what deletes cannot be allowed by text, but can be denied by text and allowed on a screen', async () => {
    const before = await newestText();
    const sessionId = await start({ tool: 'Bash', input: { command: 'rm -rf build' } }, { text: 'done' });
    const { code, body } = await codeOnPhone(world.client, before);
    expect(body).not.toContain(`OK ${code}`);
    await world.client.typeOnPhone(`OK ${code}`);
    await eventually(
      async () => (await world.client.phoneTexts(before)).filter((text) => text.direction === 'to_phone')[1],
    );
    const ask = await openAsk(world.client, sessionId);
    expect(ask).toMatchObject({ state: 'open', risk: 'high' });
    expect(await world.client.answerAsk(ask.id, { decision: 'allow', applySuggestions: false })).toMatchObject({
      outcome: 'answered',
    });
    await untilTurnEnds(sessionId);
  });
});

describe('several doors, one answer', () => {
  test('of ten answers at once one wins, and the others are told', async () => {
    const sessionId = await start(write(inProject('raced.md')), { text: 'ok' });
    const ask = await openAsk(world.client, sessionId);
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        world.client.answerAsk(
          ask.id,
          index % 2 === 0 ? { decision: 'allow', applySuggestions: false } : { decision: 'deny' },
        ),
      ),
    );
    expect(results.filter(({ outcome }) => outcome === 'answered')).toHaveLength(1);
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['answered', 'already_answered']));
    const winner = results.findIndex(({ outcome }) => outcome === 'answered');
    await untilTurnEnds(sessionId);
    expect(existsSync(inProject('raced.md'))).toBe(winner % 2 === 0);
  });

  test('several open asks of different sessions are listed and answered in one text', async () => {
    const before = await newestText();
    const first = await start(write(inProject('one.md')), { text: 'ok' });
    const one = await codeOnPhone(world.client, before);
    const second = await start(write(inProject('two.md')), { text: 'ok' });
    const two = await eventually(async () => {
      const found = await codeOnPhone(world.client, before);
      return found.code === one.code ? null : found;
    });
    const open = (await world.client.listAsks()).filter(({ kind }) => kind === 'permission');
    expect(open.map((ask) => ask.sessionId)).toEqual([first, second]);
    await world.client.typeOnPhone(`OK ${one.code}, NO ${two.code}`);
    await Promise.all([untilTurnEnds(first), untilTurnEnds(second)]);
    expect([existsSync(inProject('one.md')), existsSync(inProject('two.md'))]).toEqual([true, false]);
  });
});

describe('the end of an ask without an answer', () => {
  test('the deadline denies', async () => {
    const response = await world.request('/sessions', {
      method: 'POST',
      body: JSON.stringify({
        project: 'my-app',
        permission_timeout_s: 1,
        message: scripted([write(inProject('too-late.md')), { text: 'The tool said: {{result}}' }]),
      }),
    });
    const { session_id: sessionId } = (await response.json()) as { session_id: string };
    await untilTurnEnds(sessionId);
    expect(existsSync(inProject('too-late.md'))).toBe(false);
    const [ask] = await world.client.listAsks({ state: 'all', sessionId });
    expect(ask?.state).toBe('expired');
    expect(await world.client.answerAsk(ask?.id ?? '', { decision: 'allow', applySuggestions: false })).toMatchObject({
      outcome: 'expired',
    });
  });

  test('an interrupt withdraws it and the session can go on', async () => {
    const sessionId = await start(write(inProject('interrupted.md')), { text: 'ok' });
    await openAsk(world.client, sessionId);
    await world.client.interrupt(sessionId);
    await untilTurnEnds(sessionId);
    const [ask] = await world.client.listAsks({ state: 'all', sessionId });
    expect(ask?.state).toBe('withdrawn');
    const response = await world.request(`/sessions/${sessionId}/messages`, {
      method: 'POST',
      body: JSON.stringify({ message: scripted([{ text: 'Still here.' }]) }),
    });
    expect(JSON.stringify(await response.json())).toContain('Still here.');
  });
});
