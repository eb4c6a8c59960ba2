/** Codes for signing in, over both engines: who gets one, how often, and what it opens. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exchangeCode } from '../../packages/server/src/operations/sign-in/exchange-code.ts';
import { challengeOf } from '../../packages/server/src/operations/sign-in/pairing-code.ts';
import { sweepEnded } from '../../packages/server/src/operations/sign-in/sweep-sign-ins.ts';
import { verifyAccessToken } from '../../packages/server/src/operations/sign-in/verify-access-token.ts';
import { verifies } from '../verifies.ts';
import { ENGINES, type TestDatabase } from '../world/databases.ts';
import { OWNER_PHONE, openSignInWorld, type SignInWorld } from '../world/sign-in.ts';

const PHONE = '+14155551234';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe.each(ENGINES)('$name', (engine) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await engine.open();
  });
  afterAll(async () => {
    await database.close();
  });

  const open = (policy = {}): Promise<SignInWorld> => openSignInWorld(database.db, policy);
  const exchange = (world: SignInWorld, handle: string, code: string) =>
    exchangeCode(world.context, { handle, code, deviceName: 'a test' });
  /** Another code than the right one. */
  const wrong = (code: string, by = 1): string => String((Number(code) + by) % 1_000_000).padStart(6, '0');
  const outcome = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'taken',
      (error: { code?: string }) => error.code ?? String(error),
    );

  verifies(
    ['sms-server/limit-pairing-attempts', 'sms-plugin/edge-invalid-code'],
    'five tries at a code, then not even the right one',
    async () => {
      await using world = await open();
      await world.ask(PHONE, 'a');
      const code = await world.code(PHONE);
      for (const left of [4, 3, 2, 1, 0]) {
        const message = left === 0 ? /Ask for a new code/ : new RegExp(`${left} tr(y is|ies are) left`);
        await expect(exchange(world, 'a', wrong(code))).rejects.toThrow(message);
      }
      await expect(exchange(world, 'a', code)).rejects.toMatchObject({ code: 'AUTH_EXPIRED' });
    },
  );

  verifies(['sms-server/limit-concurrent'], 'of 20 guesses at once five are looked at', async () => {
    await using world = await open();
    await world.ask(PHONE, 'a');
    const code = await world.code(PHONE);
    const guesses = Array.from({ length: 20 }, (_, index) => outcome(exchange(world, 'a', wrong(code, index + 1))));
    const outcomes = await Promise.all(guesses);
    expect(outcomes.filter((each) => each === 'INVALID_REQUEST')).toHaveLength(5);
    expect(outcomes.filter((each) => each === 'AUTH_EXPIRED')).toHaveLength(15);
  });

  verifies(
    ['sms-server/exchange-by-setup-once'],
    'of 10 exchanges with the right code at once one gets a token',
    async () => {
      await using world = await open();
      await world.ask(PHONE, 'a');
      const code = await world.code(PHONE);
      const all = await Promise.all(Array.from({ length: 10 }, () => outcome(exchange(world, 'a', code))));
      expect(all.filter((each) => each === 'taken')).toHaveLength(1);
      expect(all.filter((each) => each === 'AUTH_EXPIRED')).toHaveLength(9);
      const { rows } = await database.db.query<{ count: number }>('select count(*) as count from access_tokens');
      expect(rows[0]?.count).toBe(1);
    },
  );

  test('a code is bound to the login that asked for it, and a new one voids the old', async () => {
    await using world = await open();
    await world.ask(PHONE, 'a');
    const first = await world.code(PHONE);
    await world.ask('+14155559999', 'other');
    await expect(exchange(world, 'other', first)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await world.ask(PHONE, 'b');
    await expect(exchange(world, 'a', first)).rejects.toMatchObject({ code: 'AUTH_EXPIRED' });
    const second = await world.code(PHONE);
    // The same login asks once more: the code before is not good for it any more, and the tries begin anew.
    await world.ask(PHONE, 'b');
    const third = await world.code(PHONE);
    if (second !== third) await expect(exchange(world, 'b', second)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect((await exchange(world, 'b', third)).token_type).toBe('Bearer');
  });

  test('the database holds no code, no handle and no number that could be read', async () => {
    await using world = await open();
    await world.ask(PHONE, 'the-handle-of-this-login');
    const code = await world.code(PHONE);
    const { rows } = await database.db.query(
      `select row_to_json(s)::text as row from sign_ins s union all select row_to_json(d)::text from deliveries d
       union all select row_to_json(w)::text from sign_in_windows w`,
    );
    const dump = JSON.stringify(rows);
    // Ids and times may hold the six digits by chance; the text around a code may not.
    expect(dump).not.toContain(`${code} is`);
    expect(dump).not.toContain(PHONE.slice(1));
    expect(dump).not.toContain('the-handle-of-this-login');
    expect(rows.length).toBeGreaterThan(5);
  });

  verifies(
    ['sms-server/limit-sms-per-phone', 'sms-server/rate-limit-true'],
    '3 codes in 10 minutes, 8 in a day; whoever waits as long as told gets one',
    async () => {
      await using world = await open();
      let sent = 0;
      for (const expected of [600, 600]) {
        for (let count = 0; count < 3; count++, sent++) await world.ask(PHONE, `h${sent}`);
        await expect(world.ask(PHONE, 'x')).rejects.toThrow(`Rate limit exceeded. Try again in ${expected} seconds`);
        world.clock.pass(expected * 1000 - 1);
        await expect(world.ask(PHONE, 'x')).rejects.toThrow('Rate limit exceeded. Try again in 1 seconds');
        world.clock.pass(1);
      }
      await world.ask(PHONE, 'h7');
      await world.ask(PHONE, 'h8');
      const rest = 24 * 3600 - 1200;
      await expect(world.ask(PHONE, 'x')).rejects.toMatchObject({
        message: `Rate limit exceeded. Try again in ${rest} seconds`,
        retryAfterS: rest,
      });
      expect(await world.codes(PHONE)).toHaveLength(8);
      world.clock.pass(rest * 1000);
      await world.ask(PHONE, 'h9');
    },
  );

  test('limits are shared by requests at the same moment', async () => {
    await using world = await open();
    const asked = await Promise.all(Array.from({ length: 12 }, (_, index) => outcome(world.ask(PHONE, `h${index}`))));
    expect(asked.filter((each) => each === 'taken')).toHaveLength(3);
    expect(asked.filter((each) => each === 'RATE_LIMIT')).toHaveLength(9);
    expect(await world.codes(PHONE)).toHaveLength(3);
  });

  test('20 codes in 10 minutes for one network, whatever the numbers; none where addresses tell nobody apart', async () => {
    await using world = await open();
    const numbers = Array.from({ length: 25 }, (_, index) => `+1415${String(2_220_000 + index * 10_000)}`);
    const asked: string[] = [];
    for (const [index, phone] of numbers.entries()) {
      asked.push(await outcome(world.ask(phone, `h${index}`, { address: 'one network' })));
    }
    expect(asked.filter((each) => each === 'taken')).toHaveLength(20);
    for (const [index, phone] of numbers.slice(20).entries()) await world.ask(phone, `n${index}`, { address: null });
  });

  test('a block of numbers gets ten texts in 12 hours, and is answered alike afterwards', async () => {
    await using world = await open();
    const numbers = Array.from({ length: 14 }, (_, index) => `+1415555${String(1000 + index)}`);
    for (const phone of numbers) await world.ask(phone, phone);
    const sent = await Promise.all(numbers.map(async (phone) => (await world.codes(phone)).length));
    expect(sent).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]);
    await expect(exchange(world, numbers[13] ?? '', '123456')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  test('a number that may not pair is answered like one that may, and gets no text', async () => {
    await using world = await open({ openSignup: false, allowedPhones: new Set([PHONE]) });
    const stranger = '+14155557777';
    for (const phone of [PHONE, OWNER_PHONE, stranger]) await world.ask(phone, phone);
    expect([await world.codes(PHONE), await world.codes(OWNER_PHONE)].map(({ length }) => length)).toEqual([1, 1]);
    expect(await world.codes(stranger)).toEqual([]);
    // Guesses are counted and refused in the same words, up to the same end.
    for (let count = 0; count < 5; count++) {
      expect(await outcome(exchange(world, stranger, '123456'))).toBe('INVALID_REQUEST');
    }
    expect(await outcome(exchange(world, stranger, '123456'))).toBe('AUTH_EXPIRED');
    for (let count = 0; count < 2; count++) await world.ask(stranger, stranger);
    await expect(world.ask(stranger, stranger)).rejects.toThrow(/Rate limit exceeded/);
  });

  test('a flood of strangers from many networks gets the texts of the day, and people who are known still get theirs', async () => {
    await using world = await open({ codeTextsPerDay: 20 });
    await world.ask(PHONE, 'known');
    await exchange(world, 'known', await world.code(PHONE));
    world.clock.pass(11 * MINUTE);
    const attack = Array.from({ length: 400 }, (_, index) => {
      const block = 200 + (index % 40);
      const phone = `+1303${block}${String(1000 + index)}`;
      return outcome(world.ask(phone, `attack ${index}`, { address: `network ${index % 100}` }));
    });
    const answers = await Promise.all(attack);
    expect(new Set(answers)).toEqual(new Set(['taken']));
    const { rows } = await database.db.query<{ count: number }>(`select count(*) as count from deliveries`);
    // Ten for strangers: one was used to pair the person above.
    expect(rows[0]?.count).toBe(10);
    for (const [index, phone] of [PHONE, OWNER_PHONE].entries()) {
      await world.ask(phone, `known ${index}`);
      expect((await exchange(world, `known ${index}`, await world.code(phone))).token_type).toBe('Bearer');
    }
  });

  verifies(
    ['sms-server/exchange-by-setup-expired', 'sms-server/exchange-expired'],
    'a code lives 5 minutes',
    async () => {
      await using world = await open();
      await world.ask(PHONE, 'a');
      world.clock.pass(5 * MINUTE - 1);
      const code = await world.code(PHONE);
      await expect(exchange(world, 'a', wrong(code))).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
      world.clock.pass(1);
      await expect(exchange(world, 'a', code)).rejects.toMatchObject({ code: 'AUTH_EXPIRED' });
      await expect(exchange(world, 'never asked', '123456')).rejects.toMatchObject({ code: 'AUTH_EXPIRED' });
    },
  );

  describe('a clock that jumps', () => {
    test('an hour back brings no code to life and locks nobody out', async () => {
      await using world = await open();
      await world.ask(PHONE, 'old');
      const old = await world.code(PHONE);
      world.clock.pass(4 * MINUTE);
      world.clock.set(-HOUR);
      // Made in what is now the future: dead, although its minutes have not passed.
      expect(await outcome(exchange(world, 'old', old))).toBe('AUTH_EXPIRED');
      await world.ask(PHONE, 'new');
      const { access_token } = await exchange(world, 'new', await world.code(PHONE));
      expect(await verifyAccessToken(world.context, access_token)).not.toBeNull();
    });

    test('a few minutes back do not lengthen the life of a code', async () => {
      await using world = await open();
      await world.ask(PHONE, 'a');
      const code = await world.code(PHONE);
      world.clock.pass(4 * MINUTE);
      world.clock.set(-3 * MINUTE);
      world.clock.pass(MINUTE);
      // The timer ended it; the clock says that three more minutes are left.
      const { rows } = await database.db.query('select 1 from sign_ins where ended_at is null');
      expect(await outcome(exchange(world, 'a', code))).toBe('AUTH_EXPIRED');
      expect(rows).toEqual([]);
    });

    test('an hour back at the limit: the wait is no longer than the limit is', async () => {
      await using world = await open();
      for (const handle of ['a', 'b', 'c']) await world.ask(PHONE, handle);
      world.clock.set(-HOUR);
      await expect(world.ask(PHONE, 'd')).rejects.toThrow('Try again in 600 seconds');
      world.clock.pass(10 * MINUTE);
      await world.ask(PHONE, 'd');
    });

    test('an hour forth: codes end early, tokens stay, and nobody waits', async () => {
      await using world = await open();
      await world.ask(PHONE, 'a');
      const { access_token } = await exchange(world, 'a', await world.code(PHONE));
      await world.ask(PHONE, 'b');
      world.clock.set(HOUR);
      expect(await outcome(exchange(world, 'b', await world.code(PHONE)))).toBe('AUTH_EXPIRED');
      expect(await verifyAccessToken(world.context, access_token)).not.toBeNull();
      await world.ask(PHONE, 'c');
      expect((await exchange(world, 'c', await world.code(PHONE))).token_type).toBe('Bearer');
    });

    test('what was swept as too old stays so when the clock goes back', async () => {
      await using world = await open();
      await world.ask(PHONE, 'a');
      const code = await world.code(PHONE);
      // No timer of this process knows the code, as after a restart.
      world.context.signIn.codeExpiry.close();
      world.clock.set(6 * MINUTE);
      await sweepEnded(world.context);
      world.clock.set(-4 * MINUTE);
      expect(await outcome(exchange(world, 'a', code))).toBe('AUTH_EXPIRED');
    });
  });

  describe('PKCE', () => {
    const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
    const withVerifier = (world: SignInWorld, code: string, codeVerifier?: string) =>
      exchangeCode(world.context, { handle: 'a', code, codeVerifier, deviceName: 'a test' });

    test('a challenge that was sent must be met', async () => {
      await using world = await open();
      await world.ask(PHONE, 'a', { codeChallenge: challengeOf(verifier) });
      const code = await world.code(PHONE);
      await expect(withVerifier(world, code)).rejects.toThrow(/^code_verifier: is required/);
      await expect(withVerifier(world, code, `${verifier}x`)).rejects.toThrow(/^code_verifier: does not belong/);
      expect((await withVerifier(world, code, verifier)).token_type).toBe('Bearer');
    });

    test('a verifier without a challenge is refused: somebody left it out on the way', async () => {
      await using world = await open();
      await world.ask(PHONE, 'a');
      await expect(withVerifier(world, await world.code(PHONE), verifier)).rejects.toThrow(/^code_verifier/);
    });
  });
});
