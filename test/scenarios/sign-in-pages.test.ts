/** The pages at /login: without JavaScript as a form is sent, and in a real browser where there is one. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import { hasBrowser, openBrowser, PHONE as PHONE_SCREEN } from '../world/browser.ts';
import { eventually, openWorld, type World } from '../world/server.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ settings: { CODE_TEXTS_PER_DAY: '200' } });
});
afterAll(() => world[Symbol.asyncDispose]());

let numbers = 0;
/** Another number each time: their limits are not what is tested here. */
const nextPhone = (): string => `+1303${String(5_550_000 + numbers++ * 10_001)}`;
const lastText = async (): Promise<number> => (await world.client.phoneTexts(0)).at(-1)?.id ?? 0;
const codeAfter = (id: number): Promise<string> =>
  eventually(async () =>
    (await world.client.phoneTexts(id)).map(({ body }) => /^(\d{6}) is/.exec(body)?.[1]).find((code) => code),
  );
/** A text that a test asked for and does not read: the next one must not take it for its own. */
const textAfter = (id: number): Promise<unknown> => codeAfter(id);

interface Page {
  status: number;
  html: string;
  headers: Headers;
}
async function visit(path: string, form?: Record<string, string>): Promise<Page> {
  const response = await fetch(`${world.server.url}${path}`, {
    redirect: 'manual',
    headers: { accept: 'text/html,application/xhtml+xml', origin: world.server.url },
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  });
  return { status: response.status, html: await response.text(), headers: response.headers };
}
/** What the forms of a page would send along. */
const hiddenFields = (html: string): Record<string, string> =>
  Object.fromEntries(
    [...html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map(([, name = '', value = '']) => [
      name,
      value.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))),
    ]),
  );
const alertOf = (html: string): string | undefined => /role="alert" id="problem">([^<]*)</.exec(html)?.[1];

describe('forms, without JavaScript', () => {
  verifies(
    ['sms-plugin/api-login', 'sms-plugin/flow-setup-phone', 'sms-plugin/flow-setup-code', 'sms-plugin/auth-redirect'],
    'the plugin’s way: number, text, back to the callback with temp_token, token',
    async () => {
      for (const name of ['callback_uri', 'callback']) {
        const before = await lastText();
        const page = await visit(`/login?${name}=${encodeURIComponent('http://localhost:49152/cb')}&state=st%26ate`);
        expect(page.html).toContain('type="tel"');
        const sent = await visit('/login', { ...hiddenFields(page.html), phone: nextPhone() });
        expect(sent.status).toBe(303);
        const url = new URL(sent.headers.get('location') ?? '');
        expect([url.origin, url.searchParams.get('state')]).toEqual(['http://localhost:49152', 'st&ate']);
        const response = await fetch(`${world.server.url}/auth/exchange`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            temp_token: url.searchParams.get('temp_token'),
            pairing_code: await codeAfter(before),
          }),
        });
        expect(response.status).toBe(200);
      }
    },
  );

  test('the drawing’s way: callback without a scheme, number typed as people do', async () => {
    const before = await lastText();
    const page = await visit('/login?callback=localhost:49152');
    const sent = await visit('/login', { ...hiddenFields(page.html), phone: '(303) 777-1234' });
    expect(sent.headers.get('location')).toMatch(/^http:\/\/localhost:49152\/\?temp_token=cc_temp_/);
    await textAfter(before);
  });

  test('a form may go to the documented address too', async () => {
    const before = await lastText();
    const form = { phone: nextPhone(), callback_uri: 'http://127.0.0.1:5/', state: 's' };
    const sent = await visit('/login/submit', form);
    expect([sent.status, sent.headers.get('location')]).toEqual([
      303,
      expect.stringMatching(/^http:\/\/127\.0\.0\.1:5\/\?temp_token=[\w-]+&state=s$/),
    ]);
    const refused = await visit('/login/submit', { ...form, callback_uri: 'http://evil.example/' });
    expect([refused.status, alertOf(refused.html)]).toEqual([400, expect.stringMatching(/^callback_uri/)]);
    await textAfter(before);
  });

  test('from a terminal: the number here, the code there', async () => {
    const before = await lastText();
    const page = await visit('/login?setup_id=setup_1_of_this_test');
    const sent = await visit('/login', { ...hiddenFields(page.html), phone: nextPhone() });
    expect([sent.status, sent.html]).toEqual([200, expect.stringContaining('type the code there')]);
    const response = await fetch(`${world.server.url}/auth/exchange-by-setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ setup_id: 'setup_1_of_this_test', pairing_code: await codeAfter(before) }),
    });
    expect(response.status).toBe(200);
  });

  test('a wrong number and a wrong code come back with what was typed and what is wrong', async () => {
    const bad = await visit('/login', { phone: '+1 415 <b>', setup_id: 'x' });
    expect([bad.status, alertOf(bad.html)]).toEqual([400, expect.stringMatching(/^This number must be in E\.164/)]);
    expect(bad.html).toContain('value="+1415&#60;b&#62;"'.replace('+1415', '+1 415 '));
    expect(hiddenFields(bad.html)).toEqual({ setup_id: 'x' });
    const before = await lastText();
    const sent = await visit('/login', { phone: nextPhone() });
    const code = await codeAfter(before);
    const carried = hiddenFields(sent.html);
    const wrong = await visit('/login/code', { ...carried, pairing_code: code === '000000' ? '000001' : '000000' });
    expect([wrong.status, alertOf(wrong.html)]).toEqual([
      400,
      expect.stringMatching(/^Invalid pairing code\. Try again/),
    ]);
    expect(hiddenFields(wrong.html)).toEqual(carried);
    const unknown = await visit('/login/code', { temp_token: 'cc_temp_x', pairing_code: code });
    expect([unknown.status, alertOf(unknown.html)]).toEqual([401, expect.stringMatching(/Ask for a new code/)]);
    const right = await visit('/login/code', { ...carried, pairing_code: ` ${code.slice(0, 3)} ${code.slice(3)} ` });
    expect([right.status, right.headers.get('location')]).toEqual([303, '/asks']);
    expect(right.headers.getSetCookie()[0]).toMatch(/HttpOnly; SameSite=Lax/);
  });

  test('after signing in the browser goes to a page of ours, whatever the link says', async () => {
    for (const [next, location] of [
      ['/account', '/account'],
      ['https://evil.example/', '/asks'],
      ['//evil.example', '/asks'],
    ] as const) {
      const before = await lastText();
      const page = await visit(`/login?next=${encodeURIComponent(next)}`);
      const sent = await visit('/login', { ...hiddenFields(page.html), phone: nextPhone() });
      const signedIn = await visit('/login/code', {
        ...hiddenFields(sent.html),
        pairing_code: await codeAfter(before),
      });
      expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, location]);
    }
  });

  test('a form that another site sends is refused', async () => {
    const response = await fetch(`${world.server.url}/login`, {
      method: 'POST',
      headers: { accept: 'text/html', origin: 'http://evil.example' },
      body: new URLSearchParams({ phone: nextPhone() }),
    });
    expect(response.status).toBe(403);
  });

  test('what stands in a link is shown as text, and the pages let nothing else in', async () => {
    const script = '"><script>alert(1)</script>';
    const page = await visit(`/login?state=${encodeURIComponent(script)}&setup_id=${encodeURIComponent(script)}`);
    expect(page.html).not.toContain('<script>alert');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(page.headers.get('cache-control')).toBe('no-store');
  });
});

describe('the device flow', () => {
  const post = async (path: string, fields: Record<string, string>) => {
    // As OAuth clients send it.
    const response = await fetch(`${world.server.url}${path}`, { method: 'POST', body: new URLSearchParams(fields) });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };
  const poll = (device_code: string) =>
    post('/auth/token', { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code, client_id: 'x' });

  test('the page shows what wants in, and the code of the text lets it in', async () => {
    const { body: started } = await post('/auth/device', { client_id: 'x', device_name: 'build <machine>' });
    expect(started).toMatchObject({
      expires_in: 600,
      interval: 5,
      verification_uri: `${world.server.url}/login/device`,
    });
    expect(await poll(started.device_code ?? '')).toMatchObject({
      status: 400,
      body: { error: 'authorization_pending' },
    });
    expect(await poll(started.device_code ?? '')).toMatchObject({ status: 400, body: { error: 'slow_down' } });
    expect((await visit('/login/device')).html).toContain('name="user_code"');
    const link = new URL(started.verification_uri_complete ?? '');
    const page = await visit(`${link.pathname}${link.search}`);
    expect(page.html).toContain('build &#60;machine&#62;');
    expect(page.html).toContain(started.user_code);
    const before = await lastText();
    const sent = await visit('/login', { ...hiddenFields(page.html), phone: nextPhone() });
    const done = await visit('/login/code', { ...hiddenFields(sent.html), pairing_code: await codeAfter(before) });
    expect([done.status, done.html]).toEqual([200, expect.stringContaining('The device is signed in')]);
    expect(done.headers.getSetCookie()).toEqual([]);
    const { status, body } = await poll(started.device_code ?? '');
    expect([status, body.token_type]).toEqual([200, 'Bearer']);
    expect(await poll(started.device_code ?? '')).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  test('refused by its person, asked for wrongly, unknown', async () => {
    const { body: started } = await post('/auth/device', {});
    const refused = await visit('/login/device/refuse', { user_code: started.user_code ?? '' });
    expect(refused.html).toContain('The device was refused');
    expect(await poll(started.device_code ?? '')).toMatchObject({ body: { error: 'access_denied' } });
    expect(await post('/auth/token', { grant_type: 'password', device_code: 'x' })).toMatchObject({
      status: 400,
      body: { error: 'unsupported_grant_type', message: expect.any(String) },
    });
    expect((await visit('/login?user_code=BBBB-BBBB')).html).toContain('No device is waiting');
  });
});

describe.skipIf(!hasBrowser)('in a browser', () => {
  let browser: Browser;
  let app: Server;
  let callback: string;
  beforeAll(async () => {
    browser = await openBrowser();
    app = createServer((_request, response) => response.end('Enter /sms-pair'));
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    callback = `http://127.0.0.1:${(app.address() as AddressInfo).port}/callback`;
  });
  afterAll(async () => {
    await browser.close();
    app.close();
  });

  async function inContext(
    options: Parameters<Browser['newContext']>[0],
    body: (context: BrowserContext) => Promise<void>,
  ) {
    const context = await browser.newContext(options);
    try {
      await body(context);
    } finally {
      await context.close();
    }
  }

  test.each([true, false])('a phone signs in, and a program gets its callback (JavaScript: %s)', async (javaScript) => {
    await inContext({ ...PHONE_SCREEN, javaScriptEnabled: javaScript, colorScheme: 'dark' }, async (context) => {
      const earlier = await lastText();
      const page = await context.newPage();
      const refused: string[] = [];
      page.on('console', (message) => message.type() === 'error' && refused.push(message.text()));
      await page.goto(`${world.server.url}/login?callback_uri=${encodeURIComponent(callback)}&state=s`);
      const field = page.getByLabel('Phone number');
      await field.fill(nextPhone());
      await page.getByRole('button', { name: 'Send me a code' }).click();
      await page.waitForURL(/\/callback\?temp_token=/);
      expect(await page.textContent('body')).toBe('Enter /sms-pair');
      await textAfter(earlier);

      const before = await lastText();
      await page.goto(`${world.server.url}/login`);
      await page.getByLabel('Phone number').fill(nextPhone());
      await page.keyboard.press('Enter');
      const code = page.getByLabel('Code');
      await code.waitFor();
      expect(await code.getAttribute('autocomplete')).toBe('one-time-code');
      expect(await code.getAttribute('inputmode')).toBe('numeric');
      await code.fill(await codeAfter(before));
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL(/\/asks$/);
      expect(refused).toEqual([]);
    });
  });

  test('fits a phone, says what is wrong to a screen reader, and is readable in the dark', async () => {
    await inContext({ ...PHONE_SCREEN, colorScheme: 'dark' }, async (context) => {
      const page = await context.newPage();
      await page.goto(`${world.server.url}/login`);
      // The browser's own check is left out, as an old browser would.
      await page.evaluate('document.querySelector("form").noValidate = true');
      await page.getByLabel('Phone number').fill('12');
      await page.keyboard.press('Enter');
      const field = page.getByLabel('Phone number');
      await page.getByRole('alert').waitFor();
      expect(await field.getAttribute('aria-invalid')).toBe('true');
      expect(await field.inputValue()).toBe('12');
      const [described, wide, ink, paper] = (await page.evaluate(`[
        document.querySelector('#phone').getAttribute('aria-describedby').split(' ').every((id) => document.getElementById(id)),
        document.documentElement.scrollWidth > document.documentElement.clientWidth,
        getComputedStyle(document.body).color,
        getComputedStyle(document.body).backgroundColor,
      ]`)) as [boolean, boolean, string, string];
      expect([described, wide]).toEqual([true, false]);
      expect(lightness(ink) - lightness(paper)).toBeGreaterThan(150);
    });
  });
});

/** 0 to 255 of `rgb(r, g, b)`. */
const lightness = (colour: string): number => {
  const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? []).map(Number);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
