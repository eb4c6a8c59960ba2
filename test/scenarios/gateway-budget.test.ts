/** A session spends its budget; its owner says by text how it goes on. The demo model has a price here. */
import { readdirSync } from 'node:fs';
import { scripted } from '@claude-companion/gateway';
import type { Ask, SessionEvent } from '@claude-companion/protocol';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GatewayConfigFile, gatewayConfigFile } from '../world/gateway-config.ts';
import { startRecordingModel } from '../world/recording-model.ts';
import { codeOnPhone, eventually, openAsk, openWorld, type World } from '../world/server.ts';

/** One request of Claude Code is some 14,000 tokens, 1.4 cents at this price. */
const CONFIG = {
  prices: { 'demo/demo': { input: 1, output: 1 } },
  aliases: { 'demo-small': 'demo' },
  cheaper: { demo: 'demo-small' },
};
/** Two requests, and the third is refused. */
const BUDGET = 0.02;

const file: GatewayConfigFile = gatewayConfigFile(CONFIG);
let world: World;
beforeEach(async () => {
  world = await openWorld({ settings: { GATEWAY_CONFIG: file.path } });
});
afterEach(() => world[Symbol.asyncDispose]());
afterAll(() => file[Symbol.dispose]());

const touch = (name: string) => ({ tool: 'Bash', input: { command: `touch ${name}` } });
const files = (): string[] => readdirSync(world.project).filter((name) => name.length === 1);

async function start(letters: string, more: object = { model: 'demo', max_budget_usd: BUDGET }): Promise<string> {
  const response = await world.request('/sessions', {
    method: 'POST',
    body: JSON.stringify({ project: 'my-app', allowed_tools: ['Bash'], ...more }),
  });
  const { session_id: id } = (await response.json()) as { session_id: string };
  // Nobody waits for the answer: the turn may stand still for a person.
  void say(id, scripted([...[...letters].map(touch), { text: 'All done.' }])).catch(() => undefined);
  return id;
}

async function say(sessionId: string, message: string): Promise<Record<string, unknown>> {
  const response = await world.request(`/sessions/${sessionId}/messages`, {
    method: 'POST',
    body: JSON.stringify({ message }),
  });
  return (await response.json()) as Record<string, unknown>;
}

/** What happened in the session up to the first event that is wanted. */
async function eventsUntil(sessionId: string, wanted: (event: SessionEvent) => boolean): Promise<SessionEvent[]> {
  const found: SessionEvent[] = [];
  for await (const item of world.client.followSession(sessionId)) {
    if (item.kind !== 'event') continue;
    found.push(item.event);
    if (wanted(item.event)) return found;
  }
  throw new Error('the stream ended early');
}

const isCompleted = (event: SessionEvent): boolean => event.kind === 'turn.ended' && event.data.outcome === 'completed';
const limits = async (sessionId: string): Promise<Ask[]> =>
  (await world.client.listAsks({ state: 'all', sessionId })).filter(({ kind }) => kind === 'limit');
const nextLimit = (sessionId: string, nth: number): Promise<Ask> =>
  eventually(async () => {
    const ask = (await limits(sessionId))[nth];
    return ask?.state === 'open' ? ask : null;
  });
const newestText = async (): Promise<number> => (await world.client.phoneTexts()).at(-1)?.id ?? 0;
const state = async (sessionId: string): Promise<string | undefined> =>
  (await world.client.listSessions()).find(({ session_id }) => session_id === sessionId)?.state;

describe('a budget that is spent', () => {
  test('asks by text, goes on when told to, and asks again when that is spent too', { timeout: 60_000 }, async () => {
    const sessionId = await start('abcdef');
    const first = await codeOnPhone(world.client);
    expect(first.body).toMatch(/^\[my-app\] Limit: \$0\.0\d+ of \$0\.02\d* are spent, the work is not finished\./);
    expect(first.body).toContain(
      '1 Continue with $0.020 more\n2 Cheaper model demo-small, $0.020 more\n3 Leave it here',
    );
    expect(files()).toEqual(['a', 'b']);
    expect(await state(sessionId)).toBe('waiting');

    const before = await newestText();
    await world.client.typeOnPhone(`OK ${first.code}`);
    const again = await nextLimit(sessionId, 1);
    expect(files().length).toBeGreaterThan(2);
    expect((await limits(sessionId))[0]).toMatchObject({ state: 'applied', answeredVia: 'sms' });
    const second = await codeOnPhone(world.client, before);
    expect(second.code).not.toBe(first.code);

    const reply = (await world.client.phoneTexts(before)).find(({ body }) => body.includes('goes on'));
    expect(reply?.body).toBe('Applied: the session goes on.');
    await world.client.answerAsk(again.id, { decision: 'allow', applySuggestions: false });
    await eventually(async () => files().length === 6);
    expect(files()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  test('goes on with the cheaper model when its number is texted', { timeout: 60_000 }, async () => {
    const sessionId = await start('abc');
    const { code } = await codeOnPhone(world.client);
    await world.client.typeOnPhone(`${code} 2`);
    await eventually(async () => files().length === 3);
    await eventually(async () => (await state(sessionId)) === 'idle');
    const told = await eventsUntil(sessionId, isCompleted);
    expect(told.filter(({ kind }) => kind === 'session.configured').map(({ data }) => data)).toEqual([
      { model: 'demo-small', via: 'sms' },
    ]);
    const reply = (await world.client.phoneTexts()).at(-1)?.body;
    expect(reply).toContain('the session goes on with the cheaper model');
  });

  test('stays where it is when denied; the next message asks again before anything is spent', {
    timeout: 60_000,
  }, async () => {
    const sessionId = await start('abc');
    const { code } = await codeOnPhone(world.client);
    await world.client.typeOnPhone(`NO ${code}`);
    await eventually(async () => (await limits(sessionId))[0]?.state === 'applied');
    expect(await state(sessionId)).toBe('idle');
    const told = await eventsUntil(sessionId, ({ kind }) => kind === 'ask.applied');
    const ended = told.filter(({ kind }) => kind === 'turn.ended');
    expect(ended).toHaveLength(1);
    expect(ended[0]?.data).toMatchObject({ outcome: 'failed', error: { code: 'BUDGET_REACHED' } });
    expect(files()).toEqual(['a', 'b']);

    const answer = say(sessionId, 'Go on, please.');
    const ask = await nextLimit(sessionId, 1);
    expect(ask.input).toMatchObject({ turnCut: false });
    await world.client.answerAsk(ask.id, { decision: 'deny' });
    expect(await answer).toMatchObject({ is_error: true });
    expect(JSON.stringify(await answer)).toMatch(/budget.*You chose to leave it/);
    expect(files()).toEqual(['a', 'b']);

    const held = say(sessionId, 'Go on after all.');
    const third = await nextLimit(sessionId, 2);
    await world.client.answerAsk(third.id, { decision: 'allow', applySuggestions: false });
    expect(await held).toMatchObject({ is_error: false });
    expect(files()).toEqual(['a', 'b', 'c']);
  });

  test('outlives a restart with the question open', { timeout: 60_000 }, async () => {
    const sessionId = await start('abc');
    const { code } = await codeOnPhone(world.client);
    await world.restart();
    expect(await nextLimit(sessionId, 0)).toMatchObject({ state: 'open', message: expect.stringContaining('spent') });
    await world.client.typeOnPhone(`OK ${code}`);
    await eventually(async () => files().length === 3);
    expect((await limits(sessionId))[0]).toMatchObject({ state: 'applied' });
  });

  test('words that are no option decide nothing; an interrupt takes the question back', {
    timeout: 60_000,
  }, async () => {
    const sessionId = await start('abc');
    const { code } = await codeOnPhone(world.client);
    await world.client.typeOnPhone(`${code} whatever you think`);
    const reply = await eventually(async () =>
      (await world.client.phoneTexts()).find(({ body }) => body.startsWith('Not taken')),
    );
    expect(reply.body).toBe('Not taken: answer with OK, NO or the number of an option.');
    const ask = await nextLimit(sessionId, 0);
    for (const answer of [
      { decision: 'reply', message: 'perhaps' },
      { decision: 'reply', message: '9' },
    ] as const) {
      expect(await world.client.answerAsk(ask.id, answer)).toMatchObject({ outcome: 'refused' });
    }
    await world.client.interrupt(sessionId);
    await eventually(async () => (await limits(sessionId))[0]?.state === 'withdrawn');
    expect(await state(sessionId)).toBe('idle');
  });

  test('is refused where nobody said what the model costs', async () => {
    file.write({ providers: { lab: { baseUrl: 'http://127.0.0.1:9' } } });
    try {
      await world.restart();
      const response = await world.request('/sessions', {
        method: 'POST',
        body: JSON.stringify({ project: 'my-app', model: 'lab/some-model', max_budget_usd: 1 }),
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        detail: expect.stringMatching(/max_budget_usd cannot be kept: nobody said what lab\/some-model costs/),
      });
    } finally {
      file.write(CONFIG);
    }
  });
});

test('an agent that speaks to its provider itself stops at its own count, and goes on in the same way', {
  timeout: 60_000,
}, async () => {
  await world[Symbol.asyncDispose]();
  await using model = await startRecordingModel();
  world = await openWorld({ environment: model.environment });
  // Some 20,000 tokens a request, two cents: the second answer is over. Claude Code may or may not have begun its call by then.
  const sessionId = await start('abc', { model: 'claude-haiku-4-5', max_budget_usd: 0.025 });
  const ask = await nextLimit(sessionId, 0);
  expect(files()).not.toContain('c');
  expect(ask.input).toMatchObject({ turnCut: true, moreUsd: 0.025, cheaperModel: null });
  expect(Number(ask.input?.spentUsd)).toBeGreaterThan(0.025);
  await world.client.answerAsk(ask.id, { decision: 'allow', applySuggestions: false });
  await eventsUntil(sessionId, isCompleted);
  expect(files()).toContain('c');
  const { total } = await world.client.usage({ sessionId });
  expect(total.costUsd).toBeGreaterThan(Number(ask.input?.spentUsd));
});

test('an open question about a budget is an ask like any other', async () => {
  const sessionId = await start('abc');
  expect(await openAsk(world.client, sessionId)).toMatchObject({
    kind: 'limit',
    risk: 'low',
    questions: [{ options: [{}, { label: 'Cheaper model demo-small, $0.020 more' }, {}] }],
  });
});
