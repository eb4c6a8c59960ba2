/** The conversation by text over both engines: what is understood, what is refused, and that every text gets one reply. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerAsk } from '../../packages/server/src/operations/answer-ask.ts';
import { expireAsks } from '../../packages/server/src/operations/expire-asks.ts';
import { applyAnswer, claimAnswerOf } from '../../packages/server/src/operations/hand-over.ts';
import { codeIn, openConversation } from '../world/conversation.ts';
import { ENGINES, type TestDatabase } from '../world/databases.ts';

const npmTest = { kind: 'permission', tool: 'Bash', input: { command: 'npm test' } } as const;
const remove = { kind: 'permission', tool: 'Bash', input: { command: 'rm -rf build' } } as const;
const MINUTE = 60_000;

describe.each(ENGINES)('on $name', (engine) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await engine.open();
  });
  afterAll(() => database.close());

  test('the reply to an answer waits for the agent, and says that it was applied', async () => {
    await using talk = await openConversation(database.db);
    const askId = await talk.ask(npmTest);
    const code = codeIn((await talk.texts(1))[0]);
    await talk.text(`OK ${code}`);
    expect(await talk.find(askId)).toMatchObject({ state: 'answered', answeredVia: 'sms' });
    expect(talk.carrier.sent).toHaveLength(1);
    const served = await talk.serve(askId);
    expect(await claimAnswerOf(talk.context, served, await talk.find(askId))).toMatchObject({ decision: 'allow' });
    await applyAnswer(talk.context, served, askId);
    expect((await talk.texts(2))[1]).toMatch(/^Applied: npm test/);
  });

  test('when the agent does not take it in time, the reply says that the answer is kept', async () => {
    await using talk = await openConversation(database.db);
    await talk.ask(npmTest);
    await talk.text(`OK ${codeIn((await talk.texts(1))[0])}`);
    await talk.pass(11_000);
    expect((await talk.texts(2))[1]).toMatch(/^Taken:/);
  });

  test('the same text delivered three times acts once and is answered once', async () => {
    await using talk = await openConversation(database.db);
    const askId = await talk.ask(npmTest);
    const code = codeIn((await talk.texts(1))[0]);
    const results = await Promise.all([1, 2, 3].map(() => talk.text(`NO ${code}`, 'SM-the-same')));
    expect(results.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(await talk.find(askId)).toMatchObject({ state: 'answered', answer: { decision: 'deny' } });
    await talk.pass(11_000);
    await talk.texts(2);
    expect((await talk.outbox()).filter(({ purpose }) => purpose === 'reply')).toHaveLength(1);
  });

  test('a decision is handed over at most once, however often it is asked for', async () => {
    await using talk = await openConversation(database.db);
    const askId = await talk.ask(npmTest);
    await answerAsk(talk.context, { askId, answer: { decision: 'allow', applySuggestions: false }, via: 'api' });
    const ask = await talk.find(askId);
    const served = await talk.serve(askId);
    const claims = await Promise.all(Array.from({ length: 5 }, () => claimAnswerOf(talk.context, served, ask)));
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
  });

  test('what a text may not allow stays open, and can be denied by text', async () => {
    await using talk = await openConversation(database.db);
    const askId = await talk.ask(remove);
    const [told] = await talk.texts(1);
    expect(told).toContain('https://companion.example/asks/');
    await talk.text(`OK ${codeIn(told)}`);
    expect((await talk.texts(2))[1]).toMatch(/needs your screen/);
    expect((await talk.find(askId)).state).toBe('open');
    await talk.text(`NO ${codeIn(told)}`);
    expect(await talk.find(askId)).toMatchObject({ state: 'answered', answer: { decision: 'deny' } });
  });

  test('a code that no text has told is a wrong code', async () => {
    await using talk = await openConversation(database.db);
    const askId = await talk.ask({ kind: 'permission', tool: 'Bash', input: { command: `echo ${'x'.repeat(900)}` } });
    expect((await talk.texts(1))[0]).toMatch(/^\[my-app\].*Open https:/);
    const { rows } = await talk.context.store.db.query<{ code: string }>('select code from ask_codes');
    await talk.text(`OK ${rows[0]?.code}`);
    expect((await talk.texts(2))[1]).toMatch(/^No open ask has the code/);
    expect((await talk.find(askId)).state).toBe('open');
  });

  test('five wrong codes lock OK for an hour, NO still works', async () => {
    await using talk = await openConversation(database.db);
    const askId = await talk.ask(npmTest);
    const code = codeIn((await talk.texts(1))[0]);
    const wrong = ['B2C3', 'D4F7', 'G9H2', 'J3K4', 'L7M9'].map((each) => (each === code ? 'N2P3' : each));
    for (const each of wrong) await talk.text(`OK ${each}`);
    await talk.text(`OK ${code}`);
    expect((await talk.texts(7)).join('\n')).toMatch(/locked for an hour/);
    expect((await talk.find(askId)).state).toBe('open');
    await talk.pass(61 * MINUTE);
    await talk.text(`OK ${code}`);
    expect((await talk.find(askId)).state).toBe('answered');
  });

  test('carrier words do nothing and get no reply of ours', async () => {
    await using talk = await openConversation(database.db);
    const askId = await talk.ask(npmTest);
    await talk.texts(1);
    for (const word of ['STOP', 'yes', 'Help', 'CANCEL', 'end']) await talk.text(word);
    await talk.pass(11_000);
    expect(talk.carrier.sent).toHaveLength(1);
    expect((await talk.find(askId)).state).toBe('open');
  });

  test('a late answer is told so, whoever closed the ask', async () => {
    await using talk = await openConversation(database.db, { permissionTimeoutS: 60 });
    const askId = await talk.ask(npmTest);
    const code = codeIn((await talk.texts(1))[0]);
    await talk.pass(61_000);
    // The deadline counts, also before the timer has closed the ask.
    await talk.text(`OK ${code}`);
    expect((await talk.texts(2))[1]).toMatch(/^Too late/);
    expect(await expireAsks(talk.context)).toBe(1);
    expect(await talk.find(askId)).toMatchObject({ state: 'expired', answer: null });
    await talk.text(`OK ${code}`);
    expect((await talk.texts(3))[2]).toMatch(/^Too late/);
  });

  test('asks that are due together are one text, each with its code', async () => {
    await using talk = await openConversation(database.db, {
      quietHours: { from: '11:00', to: '13:00', timeZone: 'UTC' },
    });
    const first = await talk.ask(npmTest);
    await talk.pass(1);
    const asks = [first, await talk.ask({ ...npmTest, input: { command: 'npm run lint' } })];
    expect(talk.carrier.sent).toHaveLength(0);
    await talk.pass(61 * MINUTE);
    const [text] = await talk.texts(1);
    expect(text).toContain('2 need you');
    const codes = [...(text ?? '').matchAll(/\[my-app\] ([0-9A-Z]{4}) /g)].map(([, code]) => code);
    await talk.text(`OK ${codes[0]}, NO ${codes[1]}`);
    const decisions = await Promise.all(asks.map(async (askId) => (await talk.find(askId)).answer?.decision));
    expect(decisions).toEqual(['allow', 'deny']);
  });

  test('PAUSE holds texts back, but never past the deadline', async () => {
    await using talk = await openConversation(database.db, { permissionTimeoutS: 3_600 });
    await talk.text('PAUSE 2h');
    expect((await talk.texts(1))[0]).toMatch(/^Texts pause until/);
    await talk.ask(npmTest);
    await talk.pass(30 * MINUTE);
    expect(talk.carrier.sent).toHaveLength(1);
    await talk.pass(20 * MINUTE);
    expect((await talk.texts(2))[1]).toContain('npm test');
  });

  test('a carrier that fails for a moment is tried again; one that refuses is not', async () => {
    await using talk = await openConversation(database.db);
    talk.carrier.outcomes.push({ state: 'failed', retry: 'back_off', reason: 'timeout' });
    await talk.ask(npmTest);
    await talk.pass(50);
    await talk.pass(2_500);
    expect(await talk.texts(1)).toHaveLength(1);
    talk.carrier.outcomes.push({ state: 'failed', retry: 'no', reason: '21610: the phone texted STOP' });
    await talk.ask(npmTest);
    await talk.settle(async () => (await talk.outbox())[1]?.state === 'failed');
    expect((await talk.outbox())[0]?.state).toBe('sent');
    expect((await talk.outbox())[1]?.reason).toContain('21610');
  });

  test('an ask that was answered on a screen is not texted any more', async () => {
    await using talk = await openConversation(database.db, {
      quietHours: { from: '11:00', to: '13:00', timeZone: 'UTC' },
    });
    const askId = await talk.ask(npmTest);
    await answerAsk(talk.context, { askId, answer: { decision: 'deny' }, via: 'api' });
    await talk.pass(61 * MINUTE);
    await talk.settle(async () => (await talk.outbox())[0]?.state === 'skipped');
    expect(talk.carrier.sent).toHaveLength(0);
  });

  test('STATUS lists what is open with the codes that were told', async () => {
    await using talk = await openConversation(database.db);
    await talk.ask(npmTest);
    const code = codeIn((await talk.texts(1))[0]);
    await talk.text('STATUS');
    expect((await talk.texts(2))[1]).toMatch(new RegExp(`1 waiting, .*\\n${code} .*npm test`));
  });
});
