/** Access tokens and paired devices, over both engines: what a token may do, how it is replaced, and how it ends. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  findDeviceLogin,
  pollDeviceLogin,
  refuseDeviceLogin,
  startDeviceLogin,
} from '../../packages/server/src/operations/sign-in/device-login.ts';
import { approveDevice, exchangeCode } from '../../packages/server/src/operations/sign-in/exchange-code.ts';
import type { AuthGrant } from '../../packages/server/src/operations/sign-in/issue-token.ts';
import { refreshAccess } from '../../packages/server/src/operations/sign-in/refresh-access.ts';
import { requestCode } from '../../packages/server/src/operations/sign-in/request-code.ts';
import { Revocations } from '../../packages/server/src/operations/sign-in/revocations.ts';
import { listDevices, signOut } from '../../packages/server/src/operations/sign-in/revoke-device.ts';
import { sweepEnded } from '../../packages/server/src/operations/sign-in/sweep-sign-ins.ts';
import { verifyAccessToken } from '../../packages/server/src/operations/sign-in/verify-access-token.ts';
import { verifies } from '../verifies.ts';
import { ENGINES, type TestDatabase } from '../world/databases.ts';
import { eventually } from '../world/server.ts';
import { OWNER_PHONE, openSignInWorld, type SignInWorld } from '../world/sign-in.ts';

const PHONE = '+14155551234';
const SECOND = 1_000;
const MINUTE = 60_000;
const WEEK = 7 * 86_400_000;

describe.each(ENGINES)('$name', (engine) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await engine.open();
  });
  afterAll(async () => {
    await database.close();
  });

  const open = (policy = {}): Promise<SignInWorld> => openSignInWorld(database.db, policy);
  async function pair(world: SignInWorld, phone = PHONE, deviceName = 'a test'): Promise<AuthGrant> {
    const handle = randomUUID();
    await world.ask(phone, handle);
    return exchangeCode(world.context, { handle, code: await world.code(phone), deviceName });
  }
  const callerOf = (world: SignInWorld, { access_token }: AuthGrant) => verifyAccessToken(world.context, access_token);

  verifies(['sms-server/user-id-stable'], 'one number, one person; two numbers, two', async () => {
    await using world = await open();
    const [first, again, other] = [await pair(world), await pair(world), await pair(world, '+14155559999')];
    expect(again.user_id).toBe(first.user_id);
    expect(other.user_id).not.toBe(first.user_id);
    expect((await pair(world, OWNER_PHONE)).user_id).toBe(world.context.owner.id);
  });

  test('scopes come from the row, and the row from the lists', async () => {
    await using world = await open({ allowedPhones: new Set([PHONE]) });
    const all = ['monitor', 'answer', 'host'];
    expect(await callerOf(world, await pair(world))).toMatchObject({ kind: 'user', scopes: all });
    expect(await callerOf(world, await pair(world, OWNER_PHONE))).toMatchObject({ kind: 'user', scopes: all });
    const stranger = await pair(world, '+14155559999');
    expect(await callerOf(world, stranger)).toMatchObject({ kind: 'user', scopes: ['monitor'] });
    // Whoever can write rows grants scopes; whoever can only write tokens does not.
    await database.db.query(`update access_tokens set scopes = '{answer}'`);
    expect(await callerOf(world, stranger)).toMatchObject({ scopes: ['answer'] });
  });

  test('a number that is no longer listed keeps its scopes until the token is replaced', async () => {
    const allowedPhones = new Set([PHONE]);
    await using world = await open({ allowedPhones });
    const grant = await pair(world);
    allowedPhones.clear();
    expect((await callerOf(world, grant))?.scopes).toHaveLength(3);
    expect((await callerOf(world, await refreshAccess(world.context, grant.access_token)))?.scopes).toEqual([
      'monitor',
    ]);
  });

  verifies(
    ['sms-server/token-expiry', 'sms-server/auth-response-consistent', 'sms-plugin/security-token-life'],
    'a token lives as long as its setting says',
    async () => {
      for (const accessTokenTtlS of [604_800, 129_600]) {
        await using world = await open({ accessTokenTtlS });
        const exchangedAt = world.clock.now().getTime();
        const grant = await pair(world);
        expect(grant.expires_in).toBe(accessTokenTtlS);
        expect(Date.parse(grant.expires_at)).toBe(exchangedAt + accessTokenTtlS * SECOND);
        world.clock.pass(accessTokenTtlS * SECOND - 1);
        expect(await callerOf(world, grant)).not.toBeNull();
        world.clock.pass(1);
        expect(await callerOf(world, grant)).toBeNull();
        await expect(refreshAccess(world.context, grant.access_token)).rejects.toMatchObject({ status: 401 });
      }
    },
  );

  test('an end that was seen is final: a clock set back brings no token to life', async () => {
    await using world = await open();
    const grant = await pair(world);
    world.clock.set(WEEK + 30 * SECOND);
    await sweepEnded(world.context);
    world.clock.set(-MINUTE * 60);
    expect(await callerOf(world, grant)).toBeNull();
  });

  describe('refresh', () => {
    verifies(['sms-plugin/api-auth-refresh'], 'gives a new token of the same device and spends the old', async () => {
      await using world = await open();
      const first = await pair(world);
      const before = await callerOf(world, first);
      world.clock.pass(MINUTE);
      const second = await refreshAccess(world.context, first.access_token);
      expect(second.access_token).not.toBe(first.access_token);
      expect(Date.parse(second.expires_at) - Date.parse(first.expires_at)).toBe(MINUTE);
      expect(await callerOf(world, second)).toEqual(before);
      // What is under way may end.
      expect(await callerOf(world, first)).toEqual(before);
      world.clock.pass(30 * SECOND);
      expect(await callerOf(world, first)).toBeNull();
      expect(await callerOf(world, second)).toEqual(before);
    });

    test('a lost answer is repeated, also to many at once', async () => {
      await using world = await open();
      const first = await pair(world);
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => refreshAccess(world.context, first.access_token)),
      );
      expect(new Set(answers.map(({ access_token }) => access_token)).size).toBe(1);
      world.clock.pass(29 * SECOND);
      expect(await refreshAccess(world.context, first.access_token)).toEqual(answers[0]);
    });

    test('a spent token after its successor was used signs the device out', async () => {
      await using world = await open();
      const first = await pair(world);
      const other = await pair(world);
      const second = await refreshAccess(world.context, first.access_token);
      expect(await callerOf(world, second)).not.toBeNull();
      await expect(refreshAccess(world.context, first.access_token)).rejects.toMatchObject({ status: 401 });
      expect(await callerOf(world, second)).toBeNull();
      await expect(refreshAccess(world.context, second.access_token)).rejects.toMatchObject({ status: 401 });
      expect(await callerOf(world, other)).not.toBeNull();
    });

    test('a spent token after the grace signs the device out', async () => {
      await using world = await open();
      const first = await pair(world);
      const second = await refreshAccess(world.context, first.access_token);
      world.clock.pass(30 * SECOND);
      await expect(refreshAccess(world.context, first.access_token)).rejects.toMatchObject({ status: 401 });
      expect(await callerOf(world, second)).toBeNull();
    });

    test('a clock set back does not turn a lost answer into theft', async () => {
      await using world = await open();
      const first = await pair(world);
      const second = await refreshAccess(world.context, first.access_token);
      world.clock.set(-60 * MINUTE);
      expect(await refreshAccess(world.context, first.access_token)).toEqual(second);
    });

    test('nonsense is refused', async () => {
      await using world = await open();
      for (const token of ['', 'x', 'a.b.c', 'cc_temp_x']) {
        await expect(refreshAccess(world.context, token)).rejects.toMatchObject({ status: 401 });
      }
    });
  });

  describe('devices', () => {
    test('are listed for their person, and end for their person only', async () => {
      await using world = await open();
      const laptop = await pair(world, PHONE, 'laptop');
      world.clock.pass(MINUTE);
      await pair(world, PHONE, 'build machine');
      const stranger = await pair(world, '+14155559999');
      const devices = await listDevices(world.context, laptop.user_id);
      expect(devices.map(({ name }) => name)).toEqual(['build machine', 'laptop']);
      const id = devices[1]?.id ?? '';
      const end = (personId: string) => signOut(world.context, { id, personId, reason: 'revoked' });
      await expect(end(stranger.user_id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await callerOf(world, laptop)).not.toBeNull();
      await end(laptop.user_id);
      expect(await callerOf(world, laptop)).toBeNull();
      await expect(refreshAccess(world.context, laptop.access_token)).rejects.toMatchObject({ status: 401 });
      await expect(end(laptop.user_id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect((await listDevices(world.context, laptop.user_id)).map(({ name }) => name)).toEqual(['build machine']);
    });

    test('whoever listens hears the end once, at every server', async () => {
      await using world = await open();
      const elsewhere = await Revocations.open(database.db);
      const grant = await pair(world);
      const { tokenId = '', personId = '' } = (await callerOf(world, grant)) ?? {};
      const heard: string[] = [];
      world.context.signIn.revocations.onRevoked(tokenId, () => heard.push('here'));
      world.context.signIn.revocations.onRevoked(tokenId, () => heard.push('too late'))();
      world.context.signIn.revocations.onRevoked(randomUUID(), () => heard.push('another device'));
      elsewhere.onRevoked(tokenId, () => heard.push('elsewhere'));
      await signOut(world.context, { id: tokenId, personId, reason: 'signed_out' });
      await eventually(async () => heard.length > 1);
      expect(heard.sort()).toEqual(['elsewhere', 'here']);
      await elsewhere.close();
    });

    test('a device whose tokens have run out ends too, and its connections with it', async () => {
      await using world = await open();
      const grant = await pair(world);
      const { tokenId = '' } = (await callerOf(world, grant)) ?? {};
      let ended = false;
      world.context.signIn.revocations.onRevoked(tokenId, () => {
        ended = true;
      });
      world.clock.pass(WEEK - 1);
      await sweepEnded(world.context);
      expect(await listDevices(world.context, grant.user_id)).toHaveLength(1);
      world.clock.pass(1);
      await sweepEnded(world.context);
      expect(await listDevices(world.context, grant.user_id)).toEqual([]);
      await eventually(async () => ended);
    });
  });

  describe('the device flow', () => {
    const start = (world: SignInWorld) =>
      startDeviceLogin(world.context, { deviceName: 'build machine', address: randomUUID() });
    const find = (world: SignInWorld, userCode: string) =>
      findDeviceLogin(world.context, { userCode, address: randomUUID() });
    async function approve(world: SignInWorld, userCode: string): Promise<void> {
      const login = await find(world, userCode);
      const handle = randomUUID();
      const phone = { number: PHONE, country: 'US' };
      await requestCode(world.context, { phone, handle, address: null, deviceLoginId: login?.id });
      const exchange = { handle, code: await world.code(PHONE), deviceName: 'the browser' };
      // The code signs the machine in and nothing else.
      await approveDevice(world.context, exchange);
    }

    test('a machine waits, is approved, and gets its token once', async () => {
      await using world = await open();
      const { deviceCode, userCode } = await start(world);
      expect(userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
      expect(await pollDeviceLogin(world.context, deviceCode)).toEqual({ refusal: 'authorization_pending' });
      await approve(world, userCode.toLowerCase().replace('-', ' '));
      const both = await Promise.all([1, 2].map(() => pollDeviceLogin(world.context, deviceCode)));
      const grants = both.flatMap((each) => ('grant' in each ? [each.grant] : []));
      expect(grants).toHaveLength(1);
      expect(both).toContainEqual({ refusal: 'invalid_grant' });
      expect(await callerOf(world, grants[0] as AuthGrant)).toMatchObject({ scopes: ['monitor'] });
      expect((await listDevices(world.context, grants[0]?.user_id ?? '')).map(({ name }) => name)).toEqual([
        'build machine',
      ]);
    });

    test('whoever polls too often is told so, and has to leave more time', async () => {
      await using world = await open();
      const { deviceCode } = await start(world);
      const poll = async () => {
        const answer = await pollDeviceLogin(world.context, deviceCode);
        return 'refusal' in answer ? answer.refusal : 'granted';
      };
      expect([await poll(), await poll()]).toEqual(['authorization_pending', 'slow_down']);
      world.clock.pass(9_999);
      expect(await poll()).toBe('slow_down');
      world.clock.pass(15_000);
      expect(await poll()).toBe('authorization_pending');
    });

    test('refused, too old, unknown', async () => {
      await using world = await open();
      const [refused, late] = [await start(world), await start(world)];
      await refuseDeviceLogin(world.context, (await find(world, refused.userCode))?.id ?? '');
      expect(await pollDeviceLogin(world.context, refused.deviceCode)).toEqual({ refusal: 'access_denied' });
      expect(await find(world, refused.userCode)).toBeUndefined();
      world.clock.pass(10 * MINUTE);
      expect(await pollDeviceLogin(world.context, late.deviceCode)).toEqual({ refusal: 'expired_token' });
      expect(await find(world, late.userCode)).toBeUndefined();
      expect(await pollDeviceLogin(world.context, 'x')).toEqual({ refusal: 'invalid_grant' });
    });

    test('the code of a device opens no other way in, and the code of a login approves no device', async () => {
      await using world = await open();
      const { userCode } = await start(world);
      const login = await find(world, userCode);
      const phone = { number: PHONE, country: 'US' };
      await requestCode(world.context, { phone, handle: 'a', address: null, deviceLoginId: login?.id });
      const exchange = { handle: 'a', code: await world.code(PHONE), deviceName: 'x' };
      await expect(exchangeCode(world.context, exchange)).rejects.toMatchObject({ status: 401 });
      await world.ask(PHONE, 'b');
      const plain = { handle: 'b', code: await world.code(PHONE), deviceName: 'x' };
      await expect(approveDevice(world.context, plain)).rejects.toMatchObject({ status: 401 });
    });

    test('nobody tries all codes: after 20 a network waits', async () => {
      await using world = await open();
      for (let count = 0; count < 20; count++) {
        await findDeviceLogin(world.context, { userCode: 'BBBB-BBBB', address: 'one network' });
      }
      const more = findDeviceLogin(world.context, { userCode: 'BBBB-BBBB', address: 'one network' });
      await expect(more).rejects.toMatchObject({ code: 'RATE_LIMIT', retryAfterS: 600 });
    });
  });
});
