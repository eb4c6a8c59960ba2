/** What becomes of tokens and of what signing in knows: logged out, revoked, restarted, broken; and that none of it is logged. */
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { verifies } from '../verifies.ts';
import { Canaries } from '../world/canaries.ts';
import { createPostgresDatabase } from '../world/databases.ts';
import { jumpClock } from '../world/jump-clock.ts';
import { pairPhone } from '../world/paired-person.ts';
import { openWorld, type World } from '../world/server.ts';
import { bearer, signInCaller, wrongCode } from '../world/sign-in-caller.ts';

const clock = jumpClock();
let world: World;
beforeAll(async () => {
  world = await openWorld({ clock });
});
afterAll(() => world[Symbol.asyncDispose]());
const { post, lastText, codeAfter, textsAfter, askWithSetup } = signInCaller(() => world);

const PHONE = '+14155551234';
/** Limits of one test are not those of the next. */
const laterOn = (): void => clock.jump(24 * 3_600_000);

describe('a token that ends', () => {
  verifies(
    ['sms-plugin/api-auth-logout', 'sms-plugin/api-auth-refresh-expired', 'sms-server/status-401'],
    'logged out: refused from the next request on, by refresh too',
    async () => {
      laterOn();
      const { token, request } = await pairPhone(world, PHONE);
      const refreshed = await post('/auth/refresh', undefined, bearer(token));
      expect(refreshed).toMatchObject({ status: 200, body: { token_type: 'Bearer', expires_in: 604_800 } });
      const out = await post('/auth/logout', undefined, bearer(refreshed.body.access_token));
      expect([out.status, out.body]).toEqual([200, { revoked: true }]);
      // The family is gone: also the token before it, which would have had some seconds left.
      expect((await request('/auth/devices')).status).toBe(401);
      for (const each of [token, refreshed.body.access_token, 'nonsense']) {
        const { status, body } = await post('/auth/refresh', undefined, bearer(each));
        expect([status, Object.keys(body)]).toEqual([401, ['message']]);
      }
      expect((await post('/auth/refresh', undefined)).status).toBe(401);
    },
  );

  verifies(['sms-plugin/env-jwt-secret'], 'signed with another secret: refused', async () => {
    laterOn();
    const { token } = await pairPhone(world, PHONE);
    const [header = '', payload = ''] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    const key = new TextEncoder().encode('another secret of more than 32 characters');
    const forged = await new SignJWT(JSON.parse(payload)).setProtectedHeader(JSON.parse(header)).sign(key);
    const status = async (each: string) => (await world.request('/auth/devices', { headers: bearer(each) })).status;
    expect([await status(token), await status(forged)]).toEqual([200, 401]);
    await using other = await openWorld({ settings: { JWT_SECRET: 'x'.repeat(32) } });
    expect((await other.request('/auth/devices', { headers: bearer(token) })).status).toBe(401);
  });

  test('a live stream closes when its device is signed out, and not when its token is replaced', async () => {
    laterOn();
    const laptop = await pairPhone(world, PHONE);
    const phone = await pairPhone(world, PHONE);
    const { body: started } = await post(
      '/sessions/start',
      { claude_session_id: 'one', description: 'x' },
      bearer(laptop.token),
    );
    const response = await laptop.request(`/api/sessions/${started.monitoring_id}/events`);
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    let closed = false;
    const read = (async () => {
      try {
        while (!(await reader?.read())?.done);
      } catch {
        // Cut off.
      }
      closed = true;
    })();
    expect((await post('/auth/refresh', undefined, bearer(laptop.token))).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(closed).toBe(false);
    const { devices } = (await (await phone.request('/auth/devices')).json()) as {
      devices: { id: string; current: boolean }[];
    };
    const other = devices.find(({ current }) => !current);
    expect((await phone.request(`/auth/devices/${other?.id}`, { method: 'DELETE' })).status).toBe(200);
    // It would go on for ever; its next sign of life is 15 seconds away.
    await read;
    expect((await phone.request('/auth/devices')).status).toBe(200);
  });

  test('a device is named by itself or by its program, and nobody sees those of others', async () => {
    laterOn();
    const { setup_id, code } = await askWithSetup('+14155558888');
    const exchange = { setup_id, pairing_code: code, device_name: 'build machine' };
    const { body } = await post('/auth/exchange-by-setup', exchange);
    const listed = await world.request('/auth/devices', { headers: bearer(body.access_token) });
    const { devices } = (await listed.json()) as { devices: { id: string; name: string }[] };
    expect(devices.map(({ name }) => name)).toEqual(['build machine']);
    const stranger = await pairPhone(world, '+14155557777');
    const path = `/auth/devices/${devices[0]?.id}`;
    expect((await stranger.request(path, { method: 'DELETE' })).status).toBe(404);
    expect((await stranger.request('/auth/devices/nonsense', { method: 'DELETE' })).status).toBe(404);
    expect((await post('/auth/logout', undefined, bearer('the-owner-token-of-the-tests'))).status).toBe(400);
  });
});

describe('what lasts over a restart', () => {
  test('tokens, codes and limits', async () => {
    laterOn();
    const phone = '+14155556666';
    const paired = await pairPhone(world, phone);
    const { setup_id, code } = await askWithSetup(phone);
    await askWithSetup('+14155556665');
    await world.restart();
    expect((await world.request('/auth/devices', { headers: bearer(paired.token) })).status).toBe(200);
    expect((await post('/auth/exchange-by-setup', { setup_id, pairing_code: code })).status).toBe(200);
    const ask = () => post('/login/submit-with-setup', { phone, setup_id: randomUUID() });
    const before = await lastText();
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 429]);
    await textsAfter(before, 1);
  });
});

describe.skipIf(!inject('postgres'))('on a database that is broken', () => {
  test('an internal error is told without its inside', async () => {
    const database = await createPostgresDatabase({ empty: false });
    const broken = await openWorld({ settings: { DATABASE_URL: database.url } });
    try {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      await client.query('drop table sign_in_windows');
      await client.end();
      const response = await broken.request('/login/submit-with-setup', {
        method: 'POST',
        body: JSON.stringify({ phone: PHONE, setup_id: 'x' }),
      });
      expect([response.status, await response.json()]).toEqual([500, { message: 'The server could not do that.' }]);
      expect(broken.logs.join()).toContain('sign_in_windows');
    } finally {
      await broken[Symbol.asyncDispose]();
      await database.drop();
    }
  });
});

describe('secrets', () => {
  test('what signs the tokens can be read by its user only', () => {
    expect(statSync(join(world.dataDir, 'jwt-secret')).mode & 0o777).toBe(0o600);
  });

  verifies(
    [
      'sms-server/secret-tokens',
      'sms-server/secret-pairing-codes',
      'sms-server/secret-phone-numbers',
      'sms-server/secret-temp-tokens',
    ],
    'no log has a token, a code, a number, a state or a verifier in it',
    async () => {
      laterOn();
      const canaries = new Canaries();
      const phone = canaries.plant('phone', '+14155553217');
      canaries.plant('phone without plus', phone.slice(1));
      const state = canaries.plant('state');
      const setup = canaries.plant('setup id', `setup_${randomUUID()}`);
      const before = await lastText();
      const page = `/login?callback_uri=${encodeURIComponent('http://127.0.0.1:1/')}&state=${state}&setup_id=${setup}`;
      await fetch(`${world.server.url}${page}`);
      const sent = await post('/login/submit', { phone, callback_uri: 'http://127.0.0.1:1/', state });
      const temp_token = canaries.plant(
        'temp token',
        new URL(sent.body.redirect_to ?? '').searchParams.get('temp_token') ?? '',
      );
      const code = canaries.plant('code', await codeAfter(before));
      await post('/auth/exchange', { temp_token, pairing_code: wrongCode(code) });
      const { body } = await post('/auth/exchange', { temp_token, pairing_code: code });
      const token = canaries.plant('access token', body.access_token ?? '');
      await world.request(`/auth/devices?token=${token}`, { headers: bearer(token) });
      const { body: refreshed } = await post('/auth/refresh', undefined, bearer(token));
      canaries.plant('refreshed token', refreshed.access_token ?? '');
      await post('/login/submit-with-setup', { phone, setup_id: setup });
      await post('/login/submit-with-setup', { phone: `${phone}${phone}`, setup_id: setup });
      await post('/auth/exchange-by-setup', { setup_id: setup, pairing_code: '000000' });
      canaries.saw('the log', world.logs.join('\n'));
      expect(world.logs.length).toBeGreaterThan(50);
      expect(canaries.leaks()).toEqual([]);
    },
  );
});
