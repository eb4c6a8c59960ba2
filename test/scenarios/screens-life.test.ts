/** How long links, screens and challenges live, on both engines, with a clock that is moved by hand. */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../packages/server/src/operations/context.ts';
import { newChallenge } from '../../packages/server/src/operations/passkeys/challenge.ts';
import { answerOnScreen } from '../../packages/server/src/operations/screens/answer-on-screen.ts';
import {
  browserSessionsOf,
  endScreen,
  findBrowserSession,
  openBrowserSession,
  signInWithTicket,
} from '../../packages/server/src/operations/screens/browser-session.ts';
import { makeSignInLink } from '../../packages/server/src/operations/screens/sign-in-link.ts';
import {
  deletePasskey,
  findPasskey,
  insertChallenge,
  insertPasskey,
  listPasskeys,
  recordPasskeyUse,
  takeChallenge,
} from '../../packages/server/src/store/passkeys.ts';
import { ensureOwner } from '../../packages/server/src/store/people.ts';
import { addDevice, addToken, endDevice } from '../../packages/server/src/store/sign-in-devices.ts';
import { ENGINES, silentLogger, type TestDatabase } from '../world/databases.ts';
import { ManualClock } from '../world/manual-clock.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

describe.each(ENGINES)('$name', (engine) => {
  let database: TestDatabase;
  let clock: ManualClock;
  let context: Context;
  beforeAll(async () => {
    database = await engine.open();
  });
  afterAll(async () => {
    await database.close();
  });
  beforeEach(async () => {
    clock = new ManualClock();
    const ids = { uuid: () => randomUUID(), bytes: (count: number) => randomBytes(count) };
    const owner = await ensureOwner(database.db, { id: ids.uuid(), now: clock.now().toISOString() });
    const policy = { publicUrl: 'https://companion.example' };
    context = { store: { db: database.db }, clock, ids, owner, policy, logger: silentLogger } as unknown as Context;
  });

  const now = (): string => clock.now().toISOString();
  const open = (strength: 'proven' | 'claimed') =>
    openBrowserSession(context, { personId: context.owner.id, strength, userAgent: 'Firefox/1 Android' });
  const ticket = async (): Promise<string> => new URL((await makeSignInLink(context)).url).hash.slice(1);
  const signIn = (code: string) => signInWithTicket(context, { ticket: code, userAgent: undefined });

  test('a link is good for ten minutes', async () => {
    const [early, late] = [await ticket(), await ticket()];
    clock.advance(10 * MINUTE - 1);
    expect(await findBrowserSession(context, (await signIn(early)).secret)).toMatchObject({ strength: 'proven' });
    clock.advance(1);
    await expect(signIn(late)).rejects.toThrow('too old');
    clock.advance(-5 * MINUTE);
    await expect(signIn(late)).rejects.toThrow('too old');
  });

  test('the database holds no secret of a link or a screen', async () => {
    const code = await ticket();
    const { secret } = await open('proven');
    const rows = await Promise.all(
      ['sign_in_tickets', 'browser_sessions'].map((table) => database.db.query(`select * from ${table}`)),
    );
    const text = JSON.stringify(rows);
    expect(text).not.toContain(code);
    expect(text).not.toContain(secret);
  });

  test.each([
    ['proven', 30],
    ['claimed', 7],
  ] as const)('a %s screen that is used lives %i days at most', async (strength, days) => {
    const { secret } = await open(strength);
    for (let day = 1; day < days; day++) {
      clock.advance(DAY);
      expect(await findBrowserSession(context, secret)).toMatchObject({ label: 'Firefox on Android', role: 'owner' });
    }
    clock.advance(DAY);
    expect(await findBrowserSession(context, secret)).toBeNull();
  });

  test('one that is not used for a week is over', async () => {
    const { secret, id } = await open('proven');
    clock.advance(6 * DAY);
    expect(await findBrowserSession(context, secret)).not.toBeNull();
    clock.advance(7 * DAY);
    expect(await findBrowserSession(context, secret)).toBeNull();
    expect((await browserSessionsOf(context, context.owner.id)).map((each) => each.id)).not.toContain(id);
  });

  test('what was ended stays ended, whatever the clock does, and only its person ends it', async () => {
    const { secret, id } = await open('proven');
    expect(await endScreen(context, { id, personId: randomUUID() })).toBe(false);
    expect(await findBrowserSession(context, secret)).not.toBeNull();
    expect(await endScreen(context, { id, personId: context.owner.id })).toBe(true);
    clock.advance(-DAY);
    expect(await findBrowserSession(context, secret)).toBeNull();
    expect(await endScreen(context, { id, personId: context.owner.id })).toBe(false);
  });

  test('decides by the scopes of its device, and not at all where there are none', async () => {
    const pair = async (...scopes: string[]) => {
      const device = { id: randomUUID(), personId: context.owner.id, name: 'a phone', now: now() };
      await addDevice(database.db, device);
      const token = { id: randomUUID(), deviceId: device.id, scopes, now: now(), expiresAt: now() };
      await addToken(database.db, token);
      const opened = await openBrowserSession(context, {
        personId: context.owner.id,
        strength: 'claimed',
        deviceId: device.id,
        userAgent: undefined,
      });
      return { device, session: await findBrowserSession(context, opened.secret), secret: opened.secret };
    };
    expect((await pair('monitor', 'answer')).session).toMatchObject({ mayAnswer: true });
    expect(await findBrowserSession(context, (await open('proven')).secret)).toMatchObject({ mayAnswer: true });
    expect(await findBrowserSession(context, (await open('claimed')).secret)).toMatchObject({ mayAnswer: false });
    const { device, session, secret } = await pair('monitor');
    if (!session) throw new Error('the screen is not there');
    expect(session.mayAnswer).toBe(false);
    const answer = { decision: 'deny' as const };
    const refused = answerOnScreen(context, session, { askId: randomUUID(), answer, assertion: null });
    await expect(refused).rejects.toThrow('may watch and not decide');
    await endDevice(database.db, { id: device.id, personId: context.owner.id, reason: 'revoked', now: now() });
    expect(await findBrowserSession(context, secret)).toBeNull();
  });

  test('a challenge is good once, in the browser it was made for, for five minutes', async () => {
    const [mine, other] = [await open('claimed'), await open('claimed')];
    const make = async () => {
      const made = newChallenge(context, { browserSessionId: mine.id, ask: null });
      await insertChallenge(database.db, made, now());
      return made.challenge;
    };
    const take = (challenge: string, { id } = mine) =>
      takeChallenge(database.db, { challenge, browserSessionId: id, now: now() });
    const first = await make();
    expect(await take(first, other)).toBeNull();
    const both = await Promise.all([take(first), take(first)]);
    expect(both.filter((taken) => taken !== null)).toHaveLength(1);
    const late = await make();
    clock.advance(5 * MINUTE);
    expect(await take(late)).toBeNull();
    clock.advance(-MINUTE);
    expect(await take(late)).toBeNull();
  });

  test('a passkey whose counter does not grow is a copy; one that does not count is none', async () => {
    const make = async (counter: number): Promise<string> => {
      const id = randomUUID();
      const row = { personId: context.owner.id, publicKey: 'k', transports: ['internal'], name: 'n', createdAt: now() };
      expect(await insertPasskey(database.db, { id, counter, ...row })).toBe(true);
      expect(await insertPasskey(database.db, { id, counter, ...row })).toBe(false);
      return id;
    };
    const use = (id: string, counter: number) => recordPasskeyUse(database.db, id, { counter, now: now() });
    const counting = await make(5);
    expect([await use(counting, 5), await use(counting, 4), await use(counting, 6)]).toEqual([false, false, true]);
    expect((await Promise.all([use(counting, 7), use(counting, 7)])).sort()).toEqual([false, true]);
    const plain = await make(0);
    expect([await use(plain, 0), await use(plain, 0)]).toEqual([true, true]);
    expect(await findPasskey(database.db, plain, randomUUID())).toBeUndefined();
    expect(await deletePasskey(database.db, plain, randomUUID())).toBe(false);
    expect(await deletePasskey(database.db, plain, context.owner.id)).toBe(true);
    expect(await use(plain, 0)).toBe(false);
    expect((await listPasskeys(database.db, context.owner.id)).map(({ id }) => id)).toContain(counting);
  });
});
