/** When several sessions need the same person: a burst is one text, and nobody who answers has to wait. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownerActor } from '../../packages/server/src/operations/actor.ts';
import { changeSession } from '../../packages/server/src/operations/change-session.ts';
import { type OpenAsk, openAsk } from '../../packages/server/src/operations/open-ask.ts';
import { startSession } from '../../packages/server/src/operations/start-session.ts';
import { type Conversation, codeIn, openConversation } from '../world/conversation.ts';
import { ENGINES, type TestDatabase } from '../world/databases.ts';

const call = (command: string) => ({ kind: 'permission', tool: 'Bash', input: { command } }) as const;

/** A session at work, as far as anybody can see. */
async function running(talk: Conversation) {
  const session = await startSession(talk.context, {
    by: ownerActor(talk.context),
    project: 'my-app',
    prompt: 'Go.',
    via: 'api',
  });
  const open = (ask: OpenAsk): Promise<string> =>
    changeSession(talk.context, { sessionId: session.id }, (frame) => openAsk(talk.context, frame, ask));
  return {
    ask: (command: string) => open(call(command)),
    tell: (message: string) => open({ kind: 'done', message }),
  };
}

describe.each(ENGINES)('on $name', (engine) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await engine.open();
  });
  afterAll(() => database.close());

  test('three asks of running sessions within 20 seconds are one text', async () => {
    await using talk = await openConversation(database.db);
    const [a, b, c] = [await running(talk), await running(talk), await running(talk)];
    await running(talk);
    await a.ask('npm test');
    await talk.pass(8_000);
    await b.ask('npm run lint');
    await talk.pass(8_000);
    await c.ask('npm run build');
    expect(talk.carrier.sent).toHaveLength(0);
    await talk.pass(4_000);
    const [text] = await talk.texts(1);
    expect(text).toMatch(/^3 need you:/);
    await talk.pass(60_000);
    expect(talk.carrier.sent).toHaveLength(1);
  });

  test('the text does not wait once nothing else runs that could ask', async () => {
    await using talk = await openConversation(database.db);
    const [a, b] = [await running(talk), await running(talk)];
    await a.ask('npm test');
    await talk.pass(3_000);
    expect(talk.carrier.sent).toHaveLength(0);
    await b.ask('npm run lint');
    await talk.pass(1_000);
    await talk.pass(1_000);
    expect((await talk.texts(1))[0]).toMatch(/^2 need you:/);
  });

  test('calls that an agent makes side by side are one text', async () => {
    await using talk = await openConversation(database.db);
    const only = await running(talk);
    await only.ask('npm test');
    await only.ask('npm run lint');
    await talk.pass(1_000);
    expect((await talk.texts(1))[0]).toMatch(/^2 need you:/);
  });

  test('who answers is told of the next ask at once; who does not gets the next ones together', async () => {
    await using talk = await openConversation(database.db);
    const only = await running(talk);
    await only.ask('npm test');
    await talk.pass(1_000);
    const code = codeIn((await talk.texts(1))[0]);
    await talk.text(`NO ${code}`);
    await only.ask('npm run lint');
    await talk.pass(1_000);
    await talk.settle(async () => talk.carrier.sent.some(({ body }) => body.includes('npm run lint')));
    // Nobody answers that one.
    await only.ask('npm run build');
    await talk.pass(5_000);
    await only.ask('npm run docs');
    await talk.pass(5_000);
    expect(talk.carrier.sent.some(({ body }) => body.includes('npm run build'))).toBe(false);
    await talk.settle(async () => talk.carrier.sent.some(({ body }) => body.includes('npm run docs')));
    expect(talk.carrier.sent.filter(({ body }) => body.startsWith('2 need you:'))).toHaveLength(1);
  });

  test('a text that asks for nothing makes nobody wait', async () => {
    await using talk = await openConversation(database.db);
    const only = await running(talk);
    await only.tell('done');
    await talk.settle(async () => talk.carrier.sent.length === 1);
    await only.ask('npm test');
    await talk.pass(1_000);
    expect((await talk.texts(2))[1]).toContain('npm test');
    const [told, asked] = (
      await talk.context.store.db.query<{ at: string }>('select updated_at as at from deliveries order by created_at')
    ).rows;
    expect(Date.parse(asked?.at ?? '') - Date.parse(told?.at ?? '')).toBeLessThan(10_000);
  });

  test('an ask that was answered while its text waited is not in it', async () => {
    await using talk = await openConversation(database.db);
    const [a, b] = [await running(talk), await running(talk)];
    await running(talk);
    const first = await a.ask('npm test');
    await b.ask('npm run lint');
    await talk.context.store.db.query(`update asks set state = 'superseded' where id = $1`, [first]);
    await talk.pass(20_000);
    const [text] = await talk.texts(1);
    expect(text).toContain('npm run lint');
    expect(text).not.toContain('npm test');
  });
});
