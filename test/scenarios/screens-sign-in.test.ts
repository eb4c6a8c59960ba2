/** Signing in to a screen, staying signed in, and ending it. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pairPhone } from '../world/paired-person.ts';
import { formToken, screensUrl, signedIn, signedInWith, visitor } from '../world/screen-visitor.ts';
import { openWorld, TOKEN, type World } from '../world/server.ts';

/** One for each test that pairs: a phone gets few codes. */
const PHONES = ['+14155550142', '+14155550143', '+14155550144', '+14155550145'] as const;
const [ALLOWED, SECOND, THIRD, FOURTH] = PHONES;
const ID = '11111111-2222-4333-8444-555555555555';

let world: World;
beforeAll(async () => {
  world = await openWorld({ settings: { ALLOWED_PHONES: PHONES.join(',') } });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const ticketOf = async (): Promise<string> => new URL((await world.client.makeSignInLink()).url).hash.slice(1);

describe('a sign-in link', () => {
  test('opens one screen, once, and leaves no trace in the log', async () => {
    const { url, expires_at: expiresAt } = await world.client.makeSignInLink();
    const link = new URL(url);
    expect([link.origin, link.pathname, link.search]).toEqual([screensUrl(world), '/sign-in', '']);
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
    const ticket = link.hash.slice(1);

    const who = visitor(world);
    const opened = await who.post('/sign-in', { ticket });
    expect([opened.status, opened.headers.get('location')]).toEqual([303, '/asks']);
    expect(opened.headers.get('set-cookie')).toMatch(
      new RegExp(`^companion-${world.server.port}=[\\w-]{43}; Expires=[^;]+ GMT; Path=/; HttpOnly; SameSite=Lax$`),
    );
    expect((await who.get('/asks')).page).toContain('Nothing needs you');

    const again = await visitor(world).post('/sign-in', { ticket });
    expect([again.status, again.headers.getSetCookie()]).toEqual([401, []]);
    expect(again.page).toContain('was used or is too old');
    const logs = world.logs.join('\n');
    expect(logs).not.toContain(ticket);
    expect(logs).not.toContain(who.cookie.split('=')[1]);
  });

  test('of two browsers that use it at once one is signed in', async () => {
    const ticket = await ticketOf();
    const both = await Promise.all([1, 2].map(() => visitor(world).post('/sign-in', { ticket })));
    expect(both.map(({ status }) => status).sort()).toEqual([303, 401]);
  });

  test.each([
    ['nothing', ''],
    ['a letter', 'x'],
    ['a code that was never made', 'x'.repeat(43)],
    ['far too much', 'x'.repeat(5_000)],
    ['markup', '<b>'],
    ['a NUL', '\0'],
    ['the owner’s token', TOKEN],
  ])('%s signs nobody in', async (_what, ticket) => {
    const refused = await visitor(world).post('/sign-in', { ticket });
    expect([400, 401, 413]).toContain(refused.status);
    expect(refused.headers.getSetCookie()).toEqual([]);
    expect(refused.page).not.toContain('<b>');
  });

  test('is made for the owner only by the owner, and for a person of a paired phone', async () => {
    const person = await pairPhone(world, ALLOWED);
    const body = JSON.stringify({});
    expect((await person.request('/screens/links', { method: 'POST', body })).status).toBe(403);
    expect((await fetch(`${world.server.url}/screens/links`, { method: 'POST' })).status).toBe(401);
    const who = await signedIn(world, { phone: ALLOWED });
    expect((await who.get('/account')).page).toMatch(/a person who paired a phone \(\+\d+\*+0142\)/);
    await expect(world.client.makeSignInLink({ phone: '+14155550199' })).rejects.toThrow('Nobody paired this phone');
    await expect(world.client.makeSignInLink({ phone: '0142' })).rejects.toThrow('E.164');
  });

  test('a form of another site, or of none, signs nobody in', async () => {
    const ticket = await ticketOf();
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, {}] as Record<string, string>[]) {
      expect((await visitor(world).post('/sign-in', { ticket }, headers)).status).toBe(403);
    }
    const cross = { 'sec-fetch-site': 'cross-site', origin: screensUrl(world) };
    expect((await visitor(world).post('/sign-in', { ticket }, cross)).status).toBe(403);
  });
});

describe('without a sign-in', () => {
  test.each([
    ['/asks', '/login?next=%2Fasks'],
    [`/asks/${ID}`, `/login?next=%2Fasks%2F${ID}`],
    ['/account', '/login?next=%2Faccount'],
    ['/asks?x=https://evil.example', '/login?next=%2Fasks'],
  ])('%s leads to the sign-in and back', async (path, location) => {
    for (const cookie of ['', `companion-${world.server.port}=${'x'.repeat(43)}`]) {
      const sent = await visitor(world, cookie).get(path);
      expect([sent.status, sent.headers.get('location')]).toEqual([303, location]);
    }
  });

  test('a page opened at 127.0.0.1 moves to the name under which screens are', async () => {
    const moved = await fetch(`http://127.0.0.1:${world.server.port}/asks/${ID}`, {
      redirect: 'manual',
      headers: { accept: 'text/html' },
    });
    expect([moved.status, moved.headers.get('location')]).toEqual([303, `${screensUrl(world)}/asks/${ID}`]);
  });

  test('the owner’s token opens no screen by itself, and a cookie opens no API', async () => {
    const bearer = { authorization: `Bearer ${TOKEN}` };
    expect((await visitor(world).get('/asks', bearer)).status).toBe(303);
    const who = await signedIn(world);
    for (const path of ['/api/asks', '/sessions', '/api/simulated-phone/texts']) {
      expect((await fetch(`${screensUrl(world)}${path}`, { headers: { cookie: who.cookie } })).status).toBe(401);
    }
  });
});

describe('a signed-in screen', () => {
  test('goes out with headers that let nothing in', async () => {
    const who = await signedIn(world);
    for (const path of ['/asks', '/account', '/sign-in', `/asks/${ID}`]) {
      const { headers } = await who.get(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('same-origin');
    }
  });

  test('takes only forms of its own pages', async () => {
    const [who, other] = [await signedIn(world), await signedIn(world)];
    const form = formToken((await who.get('/account')).page);
    const foreign = formToken((await other.get('/account')).page);
    const origin = screensUrl(world);
    expect((await who.post('/sign-out', {})).status).toBe(403);
    expect((await who.post('/sign-out', { form: foreign })).status).toBe(403);
    expect((await who.post('/sign-out', { form: [form, form] })).status).toBe(400);
    expect((await who.post('/sign-out', { form }, {})).status).toBe(403);
    expect((await who.post('/sign-out', { form }, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await who.post('/sign-out', { form }, { origin, 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await who.get('/account')).status).toBe(200);
  });

  test('is signed out by itself and by another one of the same person, at once', async () => {
    const [who, other, third] = [await signedIn(world), await signedIn(world), await signedIn(world)];
    const gone = await who.send('/account', '/sign-out', {});
    expect(gone.headers.get('set-cookie')).toContain('Max-Age=0');
    const cookie = other.cookie;
    const ids = [...(await third.get('/account')).page.matchAll(/screens\/end".*?name="id" value="([\w-]+)"/g)];
    for (const [, id = ''] of ids) await third.send('/account', '/account/screens/end', { id });
    expect((await visitor(world, cookie).get('/account')).status).toBe(303);
    expect((await third.get('/account')).page).toContain('(this one)');
  });

  test('nobody signs out the screens of somebody else', async () => {
    const owner = await signedIn(world);
    const person = await signedInWith(world, (await pairPhone(world, SECOND)).token);
    const mine = /\(this one\)/.test((await owner.get('/account')).page);
    expect(mine).toBe(true);
    const [, id = ''] = /screens\/end".*?name="id" value="([\w-]+)"/.exec(
      (await (await signedIn(world)).get('/account')).page,
    ) ?? ['', ''];
    const told = await person.send('/account', '/account/screens/end', { id });
    expect(told.page).toContain('signed out already');
    expect((await owner.get('/account')).status).toBe(200);
  });

  test('ends with the device whose token opened it', async () => {
    const person = await pairPhone(world, THIRD);
    const screen = await signedInWith(world, person.token);
    expect((await screen.get('/account')).page).toContain('opened with a text message');
    expect((await person.request('/auth/logout', { method: 'POST' })).status).toBe(200);
    expect((await screen.get('/account')).status).toBe(303);
    await expect(signedInWith(world, person.token)).rejects.toThrow('401');
  });

  test('revokes a paired device of this person, its open streams included', async () => {
    const person = await pairPhone(world, FOURTH);
    const screen = await signedIn(world, { phone: FOURTH });
    const made = await person.request('/sessions', { method: 'POST', body: JSON.stringify({ project: 'my-app' }) });
    const { session_id: sessionId } = (await made.json()) as { session_id: string };
    const stream = await person.request(`/api/sessions/${sessionId}/events`);
    expect(stream.status).toBe(200);
    const { page } = await screen.get('/account');
    const ids = [...page.matchAll(/devices\/end".*?name="id" value="([\w-]+)"/g)].map(([, id = '']) => id);
    expect(ids.length).toBeGreaterThan(0);
    for (const id of ids) await screen.send('/account', '/account/devices/end', { id });
    expect((await person.request('/api/asks')).status).toBe(401);
    // Its open stream ends too; without that, reading it would never end.
    await expect(stream.text()).rejects.toThrow();
    expect((await screen.get('/account')).page).toContain('There is none.');
  });

  test('two cookies of one name count as none', async () => {
    const who = await signedIn(world);
    const two = await visitor(world, `${who.cookie}; companion-${world.server.port}=planted`).get('/account');
    expect(two.status).toBe(303);
  });

  test('a host name that is not the server’s shows nothing', async () => {
    const who = await signedIn(world);
    const status = await new Promise((resolve) => {
      const headers = { host: `evil.example:${world.server.port}`, cookie: who.cookie };
      request({ host: '127.0.0.1', port: world.server.port, path: '/asks', headers }, (response) =>
        resolve(response.resume().statusCode),
      ).end();
    });
    expect(status).toBe(421);
  });
});
