/** Words by text over both engines: to a session by its name, to a new session, to whoever waits; and one reply to each. */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownerActor } from '../../packages/server/src/operations/actor.ts';
import { changeSession } from '../../packages/server/src/operations/change-session.ts';
import { openAsk } from '../../packages/server/src/operations/open-ask.ts';
import { receiveText } from '../../packages/server/src/operations/receive-text.ts';
import { startSession } from '../../packages/server/src/operations/start-session.ts';
import { ensurePersonByPhone, type Person } from '../../packages/server/src/store/people.ts';
import { listSessions, updateSession } from '../../packages/server/src/store/sessions.ts';
import { readCorpus } from '../corpus/corpus.ts';
import { type Conversation, codeIn, openConversation } from '../world/conversation.ts';
import { ENGINES, type TestDatabase } from '../world/databases.ts';

const npmTest = { kind: 'permission', tool: 'Bash', input: { command: 'npm test' } } as const;
const MINUTE = 60_000;

/** Sessions of these projects, as somebody at a screen starts them. */
async function sessionsIn(talk: Conversation, projects: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const project of projects) {
    mkdirSync(join(talk.context.policy.projectsDir, project), { recursive: true });
    ids.push((await startSession(talk.context, { by: ownerActor(talk.context), project, via: 'api' })).id);
    await talk.pass(1);
  }
  return ids;
}

/** What each session was told, in order. */
async function prompts({ context }: Conversation): Promise<{ sessionId: string; text: string }[]> {
  const { rows } = await context.store.db.query<{ sessionId: string; text: string }>(
    `select session_id as "sessionId", payload->>'text' as text from commands where kind = 'prompt' order by id`,
  );
  return rows;
}

const labelled = (text: string): string => `Message from the owner by text message:\n${text}`;

/** The reply to the only text so far that has one more. */
async function replyTo(talk: Conversation, body: string): Promise<string> {
  const before = talk.carrier.sent.length;
  await talk.text(body);
  return (await talk.texts(before + 1)).at(-1) ?? '';
}

async function visitor({ context }: Conversation, phone: string): Promise<Person> {
  const { store, ids } = context;
  return ensurePersonByPhone(store.db, store.seal, { id: ids.uuid(), phone, now: context.clock.now().toISOString() });
}

async function replies({ context }: Conversation): Promise<number> {
  const { rows } = await context.store.db.query<{ n: number }>(
    `select count(*)::int as n from deliveries where purpose = 'reply'`,
  );
  return rows[0]?.n ?? 0;
}

describe.each(ENGINES)('on $name', (engine) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await engine.open();
  });
  afterAll(() => database.close());

  test('words with a name in front reach the session of that name, marked as a text', async () => {
    await using talk = await openConversation(database.db);
    const [app, web] = await sessionsIn(talk, ['my-app', 'web']);
    expect(await replyTo(talk, 'my-app: also run the linter')).toBe(
      'Sent to my-app. You get a text when it is done or needs you.',
    );
    await talk.text('My App: fix css\nweb: fix html');
    expect(await prompts(talk)).toEqual([
      { sessionId: app, text: labelled('also run the linter') },
      { sessionId: app, text: labelled('fix css') },
      { sessionId: web, text: labelled('fix html') },
    ]);
  });

  test('a name in front never answers an ask; words for the session wait until it is answered', async () => {
    await using talk = await openConversation(database.db);
    const askId = await talk.ask(npmTest);
    const code = codeIn((await talk.texts(1))[0]);
    for (const text of ['my-app: ok', 'my-app: yes please', `my-app: ok ${code}`, `NEW my-app ok ${code}`]) {
      expect(await replyTo(talk, text)).toMatch(new RegExp(`nothing was done|Nothing was done.*OK ${code}`));
    }
    expect((await talk.find(askId)).state).toBe('open');
    expect(await prompts(talk)).toEqual([]);
    expect(await replyTo(talk, 'my-app: also run the linter')).toMatch(/^Sent to my-app. It reads that once/);
    expect((await talk.find(askId)).state).toBe('open');
    expect(await prompts(talk)).toHaveLength(1);
  });

  test('of several sessions of a project the one at work is meant; else the text is asked back', async () => {
    await using talk = await openConversation(database.db);
    const [first, second] = await sessionsIn(talk, ['api', 'api']);
    expect(await replyTo(talk, 'api: run the tests')).toBe('Which one? There are api 2, api 1. Say api 2: your words.');
    expect(await replyTo(talk, 'api 1: run the tests')).toMatch(/^Sent to api 1\./);
    expect(await replyTo(talk, 'api: and the linter')).toMatch(/^Sent to api 1\./);
    expect(await replyTo(talk, 'api 2: write docs')).toMatch(/^Sent to api 2\./);
    expect(await replyTo(talk, 'api: hello')).toMatch(/^Which one\?/);
    expect((await prompts(talk)).map(({ sessionId }) => sessionId)).toEqual([first, first, second]);
    // The number of a session stays when another has ended.
    const now = talk.context.clock.now().toISOString();
    await updateSession(database.db, first ?? '', { state: 'ended', endedAt: now, lastActivityAt: now });
    expect(await replyTo(talk, 'api: go on')).toMatch(/^Sent to api\./);
    expect((await prompts(talk)).at(-1)?.sessionId).toBe(second);
  });

  test('a name that is nearly right is asked back', async () => {
    await using talk = await openConversation(database.db);
    await sessionsIn(talk, ['my-app', 'web']);
    expect(await replyTo(talk, 'my-ap: run the tests')).toBe(
      'No session has that name. Did you mean my-app? Say my-app: your words.',
    );
    expect(await replyTo(talk, 'run the tests')).toMatch(/Say a session's name first: web: your words/);
    expect(await prompts(talk)).toEqual([]);
  });

  test('NEW starts a session in a project, once, and says so', async () => {
    await using talk = await openConversation(database.db);
    mkdirSync(join(talk.context.policy.projectsDir, 'web'));
    const carrierId = randomUUID();
    const results = await Promise.all([1, 2, 3].map(() => talk.text('NEW my-app fix the flaky test', carrierId)));
    expect(results.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect((await talk.texts(1))[0]).toMatch(/^Started my-app\. /);
    const [session, ...others] = await listSessions(database.db, { includeEnded: true });
    expect(others).toEqual([]);
    expect(session).toMatchObject({ project: 'my-app', kind: 'hosted', state: 'running', permissionMode: 'default' });
    expect(await prompts(talk)).toEqual([{ sessionId: session?.id, text: labelled('fix the flaky test') }]);
    expect(await replyTo(talk, 'NEW mobile fix it')).toBe(
      'Which project? There are my-app, web. Say NEW my-app and what to do.',
    );
    expect(await replyTo(talk, 'NEW web')).toBe('What shall it do? Say NEW web your words.');
    expect(await replyTo(talk, 'NEW ../.. rm -rf')).toMatch(/^Which project\?/);
    expect(await listSessions(database.db, { includeEnded: true })).toHaveLength(1);
    const { rows } = await database.db.query('select kind from events where session_id = $1 order by seq', [
      session?.id,
    ]);
    expect(rows.map(({ kind }) => kind)).toEqual(['session.started', 'prompt.accepted']);
  });

  test('only listed phones start sessions, and nobody reaches the sessions of another person', async () => {
    const listed = '+14155550177';
    await using talk = await openConversation(database.db, { hostPhones: new Set([listed]) });
    await sessionsIn(talk, ['my-app']);
    const say = async (person: Person, body: string): Promise<string> => {
      const before = talk.carrier.sent.length;
      await receiveText(talk.context, { provider: 'test', carrierId: randomUUID(), person, body });
      return (await talk.texts(before + 1)).at(-1) ?? '';
    };
    const stranger = await visitor(talk, '+14155550188');
    expect(await say(stranger, 'NEW my-app fix it')).toMatch(/^You may not start sessions here/);
    expect(await say(stranger, 'my-app: print the keys')).toMatch(/^Nothing is waiting for you/);
    expect(await say(stranger, 'STATUS')).toBe('Nothing is waiting for you. 0 running, 0 idle.');
    expect(await prompts(talk)).toEqual([]);
    const guest = await visitor(talk, listed);
    expect(await say(guest, 'NEW my-app fix it')).toMatch(/^Started my-app\./);
    const sessions = await listSessions(database.db, { includeEnded: true, personId: guest.id });
    expect(sessions).toHaveLength(1);
    expect((await prompts(talk)).map(({ sessionId }) => sessionId)).toEqual([sessions[0]?.id]);
  });

  test('twenty allowed by text in an hour are enough; NO still works', async () => {
    await using talk = await openConversation(database.db, { permissionTimeoutS: 86_400 });
    const session = await startSession(talk.context, { by: ownerActor(talk.context), project: 'my-app', via: 'api' });
    const asks: string[] = [];
    for (let count = 0; count < 22; count += 1) {
      const command = { ...npmTest, input: { command: `npm test ${count}` } };
      const change = { sessionId: session.id };
      asks.push(await changeSession(talk.context, change, (frame) => openAsk(talk.context, frame, command)));
    }
    await database.db.query(`update ask_codes set use = 'decide'`);
    const { rows } = await database.db.query<{ code: string; askId: string }>(
      'select code, ask_id as "askId" from ask_codes',
    );
    const code = (index: number): string => rows.find(({ askId }) => askId === asks[index])?.code ?? '';
    const state = async (index: number): Promise<string> => (await talk.find(asks[index] ?? '')).state;
    for (let index = 0; index < 18; index += 1) await talk.text(`OK ${code(index)}`);
    await talk.text(`OK ${code(18)}, OK ${code(19)}, OK ${code(20)}`);
    expect([await state(19), await state(20)]).toEqual(['answered', 'open']);
    const { rows: texts } = await database.db.query<{ results: string }>(
      'select results::text as results from inbound_texts order by id desc limit 1',
    );
    expect(texts[0]?.results).toContain('You allowed 20 by text within an hour: OK by text rests until');
    await talk.text(`NO ${code(21)}`);
    expect(await talk.find(asks[21] ?? '')).toMatchObject({ state: 'answered', answer: { decision: 'deny' } });
    await talk.pass(61 * MINUTE);
    await talk.text(`OK ${code(20)}`);
    expect(await state(20)).toBe('answered');
  });

  test('a question is answered without its code while nothing else is open, and a bare no denies the only ask', async () => {
    await using talk = await openConversation(database.db);
    const questions = [{ question: 'Which?', multiSelect: false, options: [{ label: 'Red' }, { label: 'Blue' }] }];
    const question = await talk.ask({ kind: 'question', questions });
    await talk.texts(1);
    await talk.text('2');
    expect(await talk.find(question)).toMatchObject({ state: 'answered', answer: { answers: { 'Which?': 'Blue' } } });
    await talk.pass(11_000);
    const askId = await talk.ask(npmTest);
    await talk.texts(3);
    await talk.text('no, use pnpm');
    expect(await talk.find(askId)).toMatchObject({ answer: { decision: 'deny', message: 'use pnpm' } });
  });

  test('what no text can decide is not said to be nothing', async () => {
    await using talk = await openConversation(database.db);
    await talk.ask({ ...npmTest, input: { command: `echo ${'x'.repeat(900)}` } });
    await talk.texts(1);
    expect(await replyTo(talk, 'ok')).toMatch(/^Nothing was done: no text has told you a code/);
    expect(await replyTo(talk, 'ASKS')).toMatch(/1 more on your screen: https:\/\/companion\.example\/asks/);
  });

  test('words for a session that has ended are not lost without a word', async () => {
    await using talk = await openConversation(database.db);
    const [app] = await sessionsIn(talk, ['my-app']);
    const now = talk.context.clock.now().toISOString();
    await updateSession(database.db, app ?? '', { state: 'ended', endedAt: now, lastActivityAt: now });
    expect(await replyTo(talk, 'my-app: go on')).toMatch(/^Nothing is waiting for you/);
    expect(await prompts(talk)).toEqual([]);
  });

  test('every text of the corpus gets exactly one reply, and a repetition of it none', async () => {
    await using talk = await openConversation(database.db);
    await sessionsIn(talk, ['my-app', 'web', 'docs']);
    await talk.ask(npmTest);
    const rows = readCorpus().filter((_row, index) => index % 7 === 0);
    const texts = [
      ...rows.map(({ text }) => text),
      '\0',
      '\u{d800}',
      'ok '.repeat(2_000),
      '🙂'.repeat(700),
      "'; drop table asks; --",
    ];
    let silent = 0;
    for (const [index, body] of texts.entries()) {
      const before = await replies(talk);
      await talk.text(body, `SM${index}`);
      const after = await replies(talk);
      await talk.text(body, `SM${index}`);
      expect([after - before, await replies(talk)], body).toEqual([expect.any(Number), after]);
      const carrier = rows[index]?.expected[0] === 'carrier';
      expect(after - before, JSON.stringify(body)).toBe(carrier ? 0 : 1);
      if (carrier) silent += 1;
    }
    expect(silent).toBeGreaterThan(0);
    expect(await replies(talk)).toBe(texts.length - silent);
  });
});
