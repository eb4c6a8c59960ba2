/** The outbox with a carrier that fails, forgets and reports in any order; over both engines, the clock moved by hand. */
import { randomUUID } from 'node:crypto';
import { assert, asyncProperty, constantFrom, shuffledSubarray } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FoundText, SendOutcome, UnansweredText } from '../../packages/server/src/notify/channels/sms/provider.ts';
import { carrierReport } from '../../packages/server/src/operations/carrier-report.ts';
import { type CarrierText, receiveCarrierText } from '../../packages/server/src/operations/receive-carrier-text.ts';
import { receiveStatus } from '../../packages/server/src/operations/receive-status.ts';
import { listUnknownSenders } from '../../packages/server/src/store/channel-settings.ts';
import { addDelivery, type NewDelivery } from '../../packages/server/src/store/deliveries.ts';
import { findPerson } from '../../packages/server/src/store/people.ts';
import { type Conversation, openConversation } from '../world/conversation.ts';
import { ENGINES, type TestDatabase } from '../world/databases.ts';

const npmTest = { kind: 'permission', tool: 'Bash', input: { command: 'npm test' } } as const;
const OWNER = '+14155550123';
const MINUTE = 60_000;

interface Row {
  id: string;
  textId: string | null;
  purpose: string;
  state: string;
  reason: string | null;
  providerId: string | null;
  sealed: number;
}

async function rows(talk: Conversation): Promise<Row[]> {
  const found = await talk.context.store.db.query<Row>(
    `select id, text_id as "textId", purpose, state, reason, provider_id as "providerId",
       num_nonnulls(body_sealed, to_sealed, handed_body_sealed, handed_to_sealed) as sealed
     from deliveries order by created_at, retries, id`,
  );
  return found.rows;
}

/** Lets time pass until a row, the oldest unless told otherwise, is in this state. */
async function until(talk: Conversation, state: string, { nth = 0, stepMs = 1_000 } = {}): Promise<Row> {
  let row: Row | undefined;
  await talk.settle(async () => {
    row = (await rows(talk))[nth];
    return row?.state === state;
  }, stepMs);
  if (!row) throw new Error('there is no such row');
  return row;
}

async function tell(talk: Conversation, delivery: Partial<NewDelivery>): Promise<void> {
  const { context } = talk;
  const now = context.clock.now().toISOString();
  await addDelivery(context.store.db, context.store.seal, {
    id: randomUUID(),
    key: randomUUID(),
    personId: context.owner.id,
    channel: 'sms',
    purpose: 'notice',
    body: 'Your agent is done.',
    dueAt: now,
    now,
    ...delivery,
  });
}

const report = (talk: Conversation, textId: string, words: Parameters<typeof carrierReport>[0]) => {
  const said = carrierReport(words);
  if (!said) throw new Error('not a report about a text of ours');
  return receiveStatus(talk.context, { textId, report: said });
};

const lost = { errorCode: 'UNDELIVERABLE', operator: 'The phone is off.', person: '' } as const;

const comesIn = (talk: Conversation, text: Partial<CarrierText> & { body: string }) =>
  receiveCarrierText(talk.context, { provider: 'twilio', carrierId: randomUUID(), from: OWNER, ...text });

/** A carrier that remembers as told, and what it was asked. */
function remembers(talk: Conversation, ...answers: FoundText[]): UnansweredText[] {
  const asked: UnansweredText[] = [];
  talk.carrier.memory = {
    find: async (text) => {
      asked.push(text);
      return answers.shift() ?? { outcome: 'not_sent' };
    },
    report: async () => null,
  };
  return asked;
}

describe.each(ENGINES)('on $name', (engine) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await engine.open();
  });
  afterAll(() => database.close());

  test('a delivery only moves forward, whatever order and number the reports come in', async () => {
    await assert(
      asyncProperty(
        shuffledSubarray(['queued', 'sent', 'sent', 'delivered', 'delivered'] as const, { minLength: 1 }),
        constantFrom('delivered', 'undelivered'),
        async (order, end) => {
          await using talk = await openConversation(database.db);
          await tell(talk, {});
          const { textId } = await until(talk, 'sent');
          for (const each of order) {
            const status = each === 'delivered' ? end : each;
            await report(talk, textId ?? '', {
              status,
              providerId: 'SM0',
              code: '30003',
              advice: { ...lost, retry: 'no' },
            });
          }
          const [row] = await rows(talk);
          const ended = order.includes('delivered');
          expect(row?.state).toBe(ended ? (end === 'delivered' ? 'delivered' : 'failed') : 'sent');
          expect(row?.reason).toBe(row?.state === 'failed' ? '30003: The phone is off.' : null);
          if (ended) expect(row?.sealed).toBe(0);
        },
      ),
      { numRuns: 15 },
    );
  });

  test('the events of a session say what became of its text, each state once', async () => {
    await using talk = await openConversation(database.db);
    await talk.ask(npmTest);
    const { textId } = await until(talk, 'sent');
    for (const status of ['delivered', 'sent', 'delivered'] as const) {
      await report(talk, textId ?? '', { status, providerId: 'SM0' });
    }
    const { rows: events } = await database.db.query<{ state: string }>(
      `select data->>'state' as state from events where kind = 'delivery.updated' order by seq`,
    );
    expect(events.map(({ state }) => state)).toEqual(['sent', 'delivered']);
  });

  test('a report that comes before the carrier has answered is not undone by the answer', async () => {
    await using talk = await openConversation(database.db);
    const send = talk.carrier.send.bind(talk.carrier);
    talk.carrier.send = async (text) => {
      await report(talk, text.deliveryId, { status: 'delivered', providerId: 'SM0' });
      return send(text);
    };
    await tell(talk, {});
    await talk.texts(1);
    await talk.pass(1_000);
    expect(await rows(talk)).toMatchObject([{ state: 'delivered', providerId: 'SM0' }]);
  });

  test('a sending without an answer is looked up; what the carrier has is not sent again', async () => {
    await using talk = await openConversation(database.db);
    talk.carrier.outcomes.push({ state: 'unknown', reason: 'timeout' });
    const asked = remembers(
      talk,
      { outcome: 'unknown', reason: 'the list is down' },
      { outcome: 'sent', providerId: 'SM7' },
    );
    await tell(talk, {});
    expect(await until(talk, 'sent')).toMatchObject({ providerId: 'SM7' });
    expect(asked).toHaveLength(2);
    expect(asked[0]).toMatchObject({ to: OWNER, body: 'Your agent is done.' });
    expect(talk.carrier.sent).toHaveLength(0);
  });

  test('what the carrier does not have is sent, in the words that are true by then', async () => {
    await using talk = await openConversation(database.db);
    talk.carrier.outcomes.push({ state: 'unknown', reason: 'timeout' });
    remembers(talk, { outcome: 'not_sent' });
    await tell(talk, {});
    await until(talk, 'sent');
    expect(talk.carrier.sent.map(({ body }) => body)).toEqual(['Your agent is done.']);
  });

  test('a crash between the call and the answer leaves a row that is looked up, not sent', async () => {
    await using talk = await openConversation(database.db);
    const cut = Promise.withResolvers<SendOutcome>();
    talk.carrier.send = () => cut.promise;
    remembers(talk, { outcome: 'sent', providerId: 'SM9' });
    await tell(talk, {});
    expect(await until(talk, 'sent', { stepMs: 5_000 })).toMatchObject({ providerId: 'SM9' });
    cut.resolve({ state: 'failed', retry: 'back_off', reason: 'too late to say so' });
    await talk.pass(10 * MINUTE);
    expect(await rows(talk)).toMatchObject([{ state: 'sent', providerId: 'SM9' }]);
  });

  test('what was found too late, after the claim had run out, does not count', async () => {
    await using talk = await openConversation(database.db);
    talk.carrier.outcomes.push({ state: 'unknown', reason: 'timeout' });
    const slow = Promise.withResolvers<FoundText>();
    const answers = [slow.promise, Promise.resolve<FoundText>({ outcome: 'sent', providerId: 'SM-its-own' })];
    talk.carrier.memory = { find: () => answers.shift() ?? slow.promise, report: async () => null };
    await tell(talk, {});
    expect(await until(talk, 'sent', { stepMs: 5_000 })).toMatchObject({ providerId: 'SM-its-own' });
    slow.resolve({ outcome: 'sent', providerId: 'SM-of-another-text' });
    await talk.pass(1_000);
    expect(await rows(talk)).toMatchObject([{ state: 'sent', providerId: 'SM-its-own' }]);
  });

  test('when the carrier cannot be asked for ten minutes the delivery fails and says so', async () => {
    await using talk = await openConversation(database.db);
    talk.carrier.outcomes.push({ state: 'unknown', reason: 'timeout' });
    talk.carrier.memory = {
      find: async () => ({ outcome: 'unknown', reason: 'The list is down.' }),
      report: async () => null,
    };
    await tell(talk, {});
    expect(await until(talk, 'failed', { stepMs: 30_000 })).toMatchObject({
      reason: 'Nobody can tell whether it was sent. The list is down.',
      sealed: 0,
    });
  });

  test('while a text to a person is unsettled, no other text to them is sent', async () => {
    await using talk = await openConversation(database.db);
    talk.carrier.outcomes.push({ state: 'unknown', reason: 'timeout' });
    const held = Promise.withResolvers<FoundText>();
    talk.carrier.memory = { find: () => held.promise, report: async () => null };
    await tell(talk, {});
    await until(talk, 'sending');
    await tell(talk, { body: 'The second.' });
    await talk.pass(5_000);
    expect(talk.carrier.sent).toHaveLength(0);
    held.resolve({ outcome: 'sent', providerId: 'SM1' });
    expect(await talk.texts(1)).toEqual(['The second.']);
  });

  test('a carrier that says nothing is asked, less and less often, and in the end the row says so', async () => {
    await using talk = await openConversation(database.db);
    let asked = 0;
    talk.carrier.memory = {
      find: async () => ({ outcome: 'not_sent' }),
      report: async () => {
        asked += 1;
        return null;
      },
    };
    await tell(talk, {});
    await until(talk, 'sent');
    await talk.settle(async () => {
      await talk.pass(30 * MINUTE);
      return (await rows(talk))[0]?.reason !== null;
    });
    expect(await rows(talk)).toMatchObject([
      { state: 'sent', reason: 'the carrier took it and never said whether it arrived', sealed: 0 },
    ]);
    expect(asked).toBe(5);
  });

  test('what the carrier answers when it is asked ends the delivery', async () => {
    await using talk = await openConversation(database.db);
    talk.carrier.memory = {
      find: async () => ({ outcome: 'not_sent' }),
      report: async ({ providerId }) => carrierReport({ status: 'delivered', providerId }),
    };
    await tell(talk, {});
    await until(talk, 'delivered');
  });

  test('an ask that is lost behind the carrier goes out again as often as it can help, each time as a new row', async () => {
    await using talk = await openConversation(database.db);
    await talk.ask(npmTest);
    for (let sent = 1; sent <= 3; sent += 1) {
      const row = await until(talk, 'sent', { nth: sent - 1, stepMs: 30_000 });
      await report(talk, row.textId ?? '', {
        status: 'undelivered',
        providerId: row.providerId ?? '',
        code: '30003',
        advice: { ...lost, retry: 'twice' },
      });
    }
    await talk.pass(60 * MINUTE);
    expect((await rows(talk)).map(({ state, reason }) => [state, reason])).toEqual(
      Array.from({ length: 3 }, () => ['failed', '30003: The phone is off.']),
    );
  });

  test('a refusal for good is the end; one that passes is tried until the text is of no use', async () => {
    await using talk = await openConversation(database.db);
    talk.carrier.outcomes.push({ state: 'failed', retry: 'no', reason: '21211: no such number' });
    await tell(talk, {});
    expect(await until(talk, 'failed')).toMatchObject({ reason: '21211: no such number', sealed: 0 });
    const tried: string[] = [];
    talk.carrier.send = async () => {
      tried.push(talk.clock.now().toISOString());
      return { state: 'failed', retry: 'back_off', reason: '20429: too fast' };
    };
    const expiresAt = new Date(talk.clock.now().getTime() + 20 * MINUTE).toISOString();
    await tell(talk, { expiresAt });
    expect(await until(talk, 'failed', { nth: 1, stepMs: 30_000 })).toMatchObject({
      reason: '20429: too fast',
      sealed: 0,
    });
    expect(tried.length).toBeGreaterThan(3);
    expect(tried.filter((at) => at >= expiresAt)).toEqual([]);
  });

  test('a text that was refused until its time ran out says why', async () => {
    await using talk = await openConversation(database.db);
    talk.carrier.outcomes.push({ state: 'failed', retry: 'back_off', reason: '20429: too fast' });
    await tell(talk, { expiresAt: new Date(talk.clock.now().getTime() + 20 * MINUTE).toISOString() });
    await talk.settle(async () => (await rows(talk))[0]?.reason !== null, 100);
    talk.clock.advance(30 * MINUTE);
    expect(await until(talk, 'failed')).toMatchObject({ reason: '20429: too fast', sealed: 0 });
    expect(talk.carrier.sent).toHaveLength(0);
  });

  test('a text whose time ran out is not sent, and the carrier is told how long one is of use', async () => {
    await using talk = await openConversation(database.db, { permissionTimeoutS: 300 });
    const past = new Date(talk.clock.now().getTime() - 1).toISOString();
    await tell(talk, { expiresAt: past });
    expect(await until(talk, 'skipped')).toMatchObject({
      reason: 'its time ran out before it could be sent',
      sealed: 0,
    });
    const askId = await talk.ask(npmTest);
    await talk.texts(1);
    expect(talk.carrier.sent[0]?.expiresAt).toBe((await talk.find(askId)).deadline);
  });

  test('a code to a number without a person is sealed until it is sent, and gone then', async () => {
    await using talk = await openConversation(database.db);
    const later = new Date(talk.clock.now().getTime() + MINUTE).toISOString();
    await tell(talk, { purpose: 'code', personId: null, to: '+14155550199', body: 'Code 123456', dueAt: later });
    const stored = JSON.stringify((await database.db.query('select * from deliveries')).rows);
    expect(stored).not.toMatch(/123456|5550199/);
    await until(talk, 'sent');
    expect(talk.carrier.sent).toMatchObject([{ to: '+14155550199', body: 'Code 123456' }]);
    const { rows: left } = await database.db.query('select body_sealed, handed_body_sealed from deliveries');
    expect(left).toEqual([{ body_sealed: null, handed_body_sealed: null }]);
  });

  test('21610 opts the person out at once; nothing is tried until START', async () => {
    await using talk = await openConversation(database.db);
    const { id } = talk.context.owner;
    talk.carrier.outcomes.push({ state: 'failed', retry: 'no', reason: '21610: they texted STOP', optedOut: true });
    const askId = await talk.ask(npmTest);
    expect(await until(talk, 'failed')).toMatchObject({ reason: '21610: they texted STOP' });
    expect((await findPerson(database.db, id))?.optedOutAt).not.toBeNull();
    expect((await talk.find(askId)).state).toBe('open');
    await tell(talk, {});
    expect((await until(talk, 'failed', { nth: 1 })).reason).toMatch(/texted STOP.*until it texts START/);
    await talk.ask(npmTest);
    expect(await until(talk, 'failed', { nth: 2 })).toMatchObject({
      purpose: 'ask',
      reason: expect.stringContaining('START'),
    });
    await comesIn(talk, { body: 'START', keyword: 'opt_in' });
    expect((await findPerson(database.db, id))?.optedOutAt).toBeNull();
    await tell(talk, { body: 'Back again.' });
    expect(await talk.texts(1)).toEqual(['Back again.']);
  });

  test('words of the carrier act once each, in the order they came, and get no reply', async () => {
    await using talk = await openConversation(database.db);
    const optedOut = async () => (await findPerson(database.db, talk.context.owner.id))?.optedOutAt !== null;
    await comesIn(talk, { body: 'arret', keyword: 'opt_out', carrierId: 'SM-stop' });
    expect(await optedOut()).toBe(true);
    await comesIn(talk, { body: 'START', keyword: 'opt_in' });
    expect(await comesIn(talk, { body: 'arret', keyword: 'opt_out', carrierId: 'SM-stop' })).toBe('duplicate');
    expect(await optedOut()).toBe(false);
    await comesIn(talk, { body: 'HELP', keyword: 'help' });
    expect(await rows(talk)).toEqual([]);
  });

  test('a text from a number nobody has does nothing, gets no reply and is counted', async () => {
    await using talk = await openConversation(database.db);
    const askId = await talk.ask(npmTest);
    const code = /OK ([0-9A-Z]{4})/.exec((await talk.texts(1))[0] ?? '')?.[1];
    for (const from of ['+14155550199', '+14155550199', '+1415555012', '+114155550123']) {
      expect(await comesIn(talk, { from, body: `OK ${code}` })).toBe('unknown_sender');
    }
    expect((await talk.find(askId)).state).toBe('open');
    expect(await rows(talk)).toHaveLength(1);
    const counted = await listUnknownSenders(database.db, 10);
    expect(counted.find(({ phone }) => phone === '+141***0199')?.texts).toBe(2);
    expect(JSON.stringify(counted)).not.toContain('5550199');
  });
});
