/** Signing in over HTTP: what programs send and get, right and wrong. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import { jumpClock } from '../world/jump-clock.ts';
import { openWorld, type World } from '../world/server.ts';
import { bearer, signInCaller, wrongCode } from '../world/sign-in-caller.ts';

const clock = jumpClock();
let world: World;
beforeAll(async () => {
  world = await openWorld({ clock, settings: { CALLBACK_ORIGINS: 'https://app.example.com' } });
});
afterAll(() => world[Symbol.asyncDispose]());
const { post, lastText, codeAfter, textsAfter, askWithSetup } = signInCaller(() => world);

const PHONE = '+14155551234';
/** Limits of one test are not those of the next. */
const laterOn = (): void => clock.jump(24 * 3_600_000);

describe('the polling flow', () => {
  verifies(
    [
      'sms-server/auth-response',
      'sms-server/exchange-by-setup-wrong-code',
      'sms-server/exchange-by-setup-once',
      'sms-server/endpoints-without-token',
      'sms-server/timestamps',
    ],
    'a code is asked for, mistyped, typed, and used up',
    async () => {
      const { setup_id, code } = await askWithSetup(PHONE);
      const mistyped = await post('/auth/exchange-by-setup', { setup_id, pairing_code: wrongCode(code) });
      expect(mistyped).toMatchObject({
        status: 400,
        body: { message: expect.stringMatching(/^Invalid pairing code/) },
      });
      const { status, body } = await post('/auth/exchange-by-setup', { setup_id, pairing_code: code });
      expect([status, body]).toEqual([
        200,
        {
          access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
          user_id: expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
          expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          token_type: 'Bearer',
          expires_in: 604_800,
        },
      ]);
      expect((await world.request('/auth/devices', { headers: bearer(body.access_token) })).status).toBe(200);
      const again = await post('/auth/exchange-by-setup', { setup_id, pairing_code: code });
      expect(again).toMatchObject({ status: 401, body: { message: expect.any(String) } });
      expect((await fetch(`${world.server.url}/health`)).status).toBe(200);
    },
  );

  test('a submission tells no token and nothing of the code', async () => {
    laterOn();
    const [before, setup_id] = [await lastText(), randomUUID()];
    const { body } = await post('/login/submit-with-setup', { phone: PHONE, setup_id });
    expect(body).toEqual({ message: 'Check your phone for the 6-digit SMS code', expires_in: 300 });
    expect(JSON.stringify(body)).not.toContain(await codeAfter(before));
  });
});

describe('the callback flow', () => {
  const submit = (body: Record<string, unknown>) => post('/login/submit', { phone: PHONE, ...body });

  verifies(
    ['sms-server/login-submit-redirect', 'sms-plugin/api-auth-exchange', 'sms-server/exchange-wrong-code'],
    'the redirect carries temp_token and state, and the exchange gives a token once',
    async () => {
      laterOn();
      const before = await lastText();
      const sent = await submit({ callback_uri: 'http://127.0.0.1:49152/cb?keep=1', state: 'a state & more' });
      const url = new URL(sent.body.redirect_to ?? '');
      expect(`${url.origin}${url.pathname}`).toBe('http://127.0.0.1:49152/cb');
      expect(url.searchParams.get('state')).toBe('a state & more');
      expect(url.searchParams.get('keep')).toBe('1');
      const temp_token = url.searchParams.get('temp_token');
      const code = await codeAfter(before);
      expect((await post('/auth/exchange', { temp_token, pairing_code: wrongCode(code) })).status).toBe(400);
      const racing = await Promise.all([1, 2, 3].map(() => post('/auth/exchange', { temp_token, pairing_code: code })));
      expect(racing.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    },
  );

  verifies(
    ['sms-server/login-submit-callback-checked', 'sms-plugin/api-login-callback-checked'],
    'another site gets no temp_token, and no text goes out',
    async () => {
      laterOn();
      const before = await lastText();
      for (const callback_uri of [
        'http://evil.example/cb',
        'https://app.example.com.evil.example/',
        'http://127.0.0.1:1@evil.example/',
        'javascript:alert(1)',
        'claude://cb',
        '',
      ]) {
        const { status, body } = await submit({ callback_uri });
        expect([callback_uri, status, body]).toEqual([
          callback_uri,
          400,
          { message: expect.stringMatching(/^callback_uri/) },
        ]);
        const page = await fetch(`${world.server.url}/login?callback_uri=${encodeURIComponent(callback_uri)}`);
        expect([callback_uri, page.status]).toEqual([callback_uri, 400]);
      }
      expect((await submit({ callback_uri: 'https://app.example.com/cb' })).status).toBe(200);
      expect((await submit({ callback_uri: `${world.server.url}/asks` })).status).toBe(200);
      // The two that were allowed, and nothing else.
      await textsAfter(before, 2);
    },
  );

  verifies(['sms-server/temp-token-not-access'], 'a temp_token opens nothing else', async () => {
    laterOn();
    const before = await lastText();
    const { body } = await submit({ callback_uri: 'http://127.0.0.1:1/' });
    await textsAfter(before, 1);
    const tempToken = new URL(body.redirect_to ?? '').searchParams.get('temp_token') ?? '';
    for (const path of ['/sessions/start', '/auth/refresh', '/auth/logout', '/sessions']) {
      expect([path, (await post(path, {}, bearer(tempToken))).status]).toEqual([path, 401]);
    }
    for (const path of ['/auth/devices', '/api/asks', '/sessions']) {
      expect((await world.request(path, { headers: bearer(tempToken) })).status).toBe(401);
    }
  });
});

describe('bad input', () => {
  verifies(['sms-server/login-setup-id', 'sms-server/status-400'], 'a missing field is named', async () => {
    const verifier = 'x'.repeat(43);
    for (const [path, body, field] of [
      ['/login/submit-with-setup', { phone: PHONE }, 'setup_id'],
      ['/login/submit-with-setup', { setup_id: 'x' }, 'phone'],
      ['/login/submit-with-setup', { phone: PHONE, setup_id: '' }, 'setup_id'],
      ['/login/submit-with-setup', { phone: 4155551234, setup_id: 'x' }, 'phone'],
      ['/login/submit-with-setup', { phone: PHONE, setup_id: 'x', code_challenge: 'short' }, 'code_challenge'],
      [
        '/login/submit-with-setup',
        { phone: PHONE, setup_id: 'x', code_challenge: verifier, code_challenge_method: 'plain' },
        'code_challenge_method',
      ],
      ['/login/submit', { phone: PHONE }, 'callback_uri'],
      ['/auth/exchange', { pairing_code: '123456' }, 'temp_token'],
      ['/auth/exchange', { temp_token: 'x' }, 'pairing_code'],
      ['/auth/exchange', { temp_token: 'x', pairing_code: '12345' }, 'pairing_code'],
      ['/auth/exchange', { temp_token: 'x', pairing_code: '\u0661\u0662\u0663\u0664\u0665\u0666' }, 'pairing_code'],
      ['/auth/exchange-by-setup', { setup_id: 'x' }, 'pairing_code'],
      ['/auth/token', { device_code: 'x' }, 'grant_type'],
    ] as const) {
      const answer = await post(path, body);
      expect([path, body, answer.status, answer.body.message]).toEqual([
        path,
        body,
        400,
        expect.stringMatching(new RegExp(`^${field}: `)),
      ]);
    }
    for (const body of ['', '{', 'null', '[]', '"x"', '{"phone":{"$ne":1},"setup_id":[]}']) {
      expect([body, (await post('/login/submit-with-setup', body)).status]).toEqual([body, 400]);
    }
  });

  verifies(['sms-server/login-phone-e164'], 'a number that is none, or that no text should go to', async () => {
    const before = await lastText();
    for (const phone of [
      '',
      '415',
      '4155551234',
      '+1 415 555 1234',
      '+1415555CALL',
      '+\u0661\u0664\u0661\u0665\u0665\u0665\u0665\u0661\u0662\u0663\u0664',
      '+1911',
      '+19005551234',
      '+442071838750',
      '+999123456789',
      `+1${'4'.repeat(62)}`,
      `+1${'4'.repeat(5_000)}`,
    ]) {
      const { status, body } = await post('/login/submit-with-setup', { phone, setup_id: 'x' });
      expect([phone, status, body.message]).toEqual([phone, 400, expect.stringMatching(/^phone: /)]);
    }
    expect(await lastText()).toBe(before);
  });

  test('a body of a megabyte is refused before it is read', async () => {
    const big = JSON.stringify({ phone: PHONE, setup_id: 'x'.repeat(1_000_000) });
    for (const path of ['/login/submit', '/login/submit-with-setup', '/auth/exchange', '/auth/exchange-by-setup']) {
      expect(await post(path, big)).toMatchObject({ status: 413, body: { message: expect.any(String) } });
    }
  });

  verifies(
    ['sms-server/login-setup-rate-limited', 'sms-server/rate-limit-message', 'sms-server/status-429'],
    'the fourth code in ten minutes is refused with the true time to wait',
    async () => {
      laterOn();
      const before = await lastText();
      const ask = () => post('/login/submit-with-setup', { phone: '+14155550999', setup_id: randomUUID() });
      expect([(await ask()).status, (await ask()).status, (await ask()).status]).toEqual([200, 200, 200]);
      const { status, headers, body } = await ask();
      const seconds = Number(/^Rate limit exceeded\. Try again in (\d+) seconds$/.exec(body.message ?? '')?.[1]);
      expect([status, headers.get('retry-after')]).toEqual([429, String(seconds)]);
      expect(seconds).toBeGreaterThan(500);
      await textsAfter(before, 3);
      clock.jump(seconds * 1_000);
      expect((await ask()).status).toBe(200);
      await textsAfter(before, 4);
    },
  );
});
