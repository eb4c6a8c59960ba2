/** The screens in a real browser: from the link to the answer, with a passkey, on a phone, in the dark, with the keyboard. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import type { Ask } from '@claude-companion/protocol';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, openBrowser, PHONE, virtualPasskeys } from '../world/browser.ts';
import { type PairedPerson, pairPhone } from '../world/paired-person.ts';
import { screensUrl, signedInWith } from '../world/screen-visitor.ts';
import { eventually, openAsk, openWorld, type World } from '../world/server.ts';

type Step = Parameters<typeof scripted>[0][number];

const PERSON = '+14155550142';
const OWNER = '+14155550123';
/** Pictures of the pages for a person to look at. @defaultValue none are made */
const PICTURES = process.env.SCREEN_PICTURES;

let world: World;
let browser: Browser;
let person: PairedPerson;
beforeAll(async () => {
  if (!hasBrowser) return;
  world = await openWorld({ settings: { ALLOWED_PHONES: PERSON, OWNER_PHONE: OWNER } });
  browser = await openBrowser();
  person = await pairPhone(world, PERSON);
});
afterAll(async () => {
  if (!hasBrowser) return;
  await browser.close();
  await world[Symbol.asyncDispose]();
});

const inProject = (name: string): string => join(world.project, name);
const write = (name: string): Step => ({ tool: 'Write', input: { file_path: inProject(name), content: 'hello\n' } });
const said = { text: 'The tool said: {{result}}' } as const;

async function asked(by: World['request'], ...steps: Step[]): Promise<Ask> {
  const body = JSON.stringify({ project: 'my-app', message: scripted(steps) });
  const response = await by('/sessions', { method: 'POST', body });
  const { session_id: sessionId } = (await response.json()) as { session_id: string };
  return openAsk(world.client, sessionId);
}

const stateOf = async (ask: Ask): Promise<Ask | undefined> =>
  (await world.client.listAsks({ state: 'all', sessionId: ask.sessionId })).find(({ id }) => id === ask.id);
const applied = (ask: Ask): Promise<Ask> =>
  eventually(async () => {
    const now = await stateOf(ask);
    return now?.state === 'applied' && now;
  });

/** Everything a page complains about, and everything it asks of another host. */
function watch(page: Page): string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== 'localhost') problems.push(request.url());
  });
  return problems;
}

async function signIn(context: BrowserContext, options: { phone?: string } = {}): Promise<Page> {
  const page = await context.newPage();
  await page.goto((await world.client.makeSignInLink(options)).url);
  await page.waitForURL('**/asks');
  return page;
}

/** As somebody who signed in with a texted code. */
async function signInByText(context: BrowserContext): Promise<Page> {
  const [name = '', value = ''] = (await signedInWith(world, person.token)).cookie.split('=');
  await context.addCookies([{ name, value, url: screensUrl(world), httpOnly: true, sameSite: 'Lax' }]);
  return context.newPage();
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

describe.skipIf(!hasBrowser)('in a browser', () => {
  test('from the link to the list, to the ask, to the answer: the agent goes on', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const problems = watch(page);
    const { url } = await world.client.makeSignInLink();
    await page.goto(url);
    await page.waitForURL('**/asks');
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.goBack().catch(() => null);
    expect(page.url()).not.toContain('#');
    await page.goto(`${screensUrl(world)}/asks`);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Nothing needs you');

    // The list shows it by itself.
    const ask = await asked(world.request, write('by-browser.md'), said);
    await page.getByRole('link', { name: 'by-browser.md' }).click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('my-app asks to use Write');
    await picture(page, 'ask');
    await page.getByRole('button', { name: 'Allow once' }).click();
    expect(await page.getByRole('status').first().textContent()).toContain('Taken');
    await applied(ask);
    await eventually(async () => existsSync(inProject('by-browser.md')));
    // So does the page of the ask.
    await page.getByText('Applied:').waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });

  test('a link in a text leads through the sign-in back to its ask', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const ask = await asked(world.request, write('linked.md'), said);
    await page.goto(`${world.server.url}/asks/${ask.id}`);
    const at = new URL(page.url());
    expect([at.origin, at.pathname, at.searchParams.get('next')]).toEqual([
      screensUrl(world),
      '/login',
      `/asks/${ask.id}`,
    ]);
    const before = (await world.client.phoneTexts()).at(-1)?.id ?? 0;
    await page.getByLabel(/phone/i).fill(OWNER);
    await page.getByRole('button').click();
    const code = await eventually(async () =>
      (await world.client.phoneTexts(before)).map(({ body }) => /\b\d{6}\b/.exec(body)?.[0]).find((found) => found),
    );
    await page.getByLabel(/code/i).fill(code);
    await page.getByRole('button').click();
    await page.waitForURL(`**/asks/${ask.id}`);
    await page.getByRole('button', { name: 'Allow once' }).click();
    await page.getByText('Taken').waitFor();
    expect(await applied(ask)).toMatchObject({ answeredVia: 'screen' });
    await context.close();
  });

  test('an answer from elsewhere shows, and what is being written is not lost', async () => {
    const context = await browser.newContext();
    const page = await signIn(context);
    const ask = await asked(world.request, write('elsewhere.md'), said);
    await page.goto(`${screensUrl(world)}/asks/${ask.id}`);
    const reason = page.getByLabel('What to do instead');
    await reason.fill('use the other folder');
    await world.client.answerAsk(ask.id, { decision: 'deny' });
    await page.getByText('This ask has changed meanwhile.').waitFor();
    expect(await reason.inputValue()).toBe('use the other folder');
    await page.getByRole('button', { name: 'Deny' }).click();
    expect(await page.getByRole('status').first().textContent()).toContain('Already answered on a screen with NO');
    await context.close();
  });

  test('Enter in a field decides nothing; the keyboard reaches everything in order', async () => {
    const context = await browser.newContext();
    const page = await signIn(context);
    const questions = [
      {
        question: 'Which?',
        header: 'W',
        multiSelect: false,
        options: [
          { label: 'a', description: 'A' },
          { label: 'b', description: 'B' },
        ],
      },
    ];
    const ask = await asked(world.request, { tool: 'AskUserQuestion', input: { questions } }, said);
    const decided = await asked(world.request, write('entered.md'), said);
    await page.goto(`${screensUrl(world)}/asks/${decided.id}`);
    await page.getByLabel('What to do instead').focus();
    await page.keyboard.type('one\ntwo');
    expect(await page.getByLabel('What to do instead').inputValue()).toBe('one\ntwo');
    expect(await page.locator('form:has([value="allow"]) :is(input:not([type=hidden]), textarea)').count()).toBe(0);
    expect((await stateOf(decided))?.state).toBe('open');
    await world.client.answerAsk(decided.id, { decision: 'deny' });
    await page.goto(`${screensUrl(world)}/asks/${ask.id}`);
    const order: string[] = [];
    for (let press = 0; press < 12; press++) {
      await page.keyboard.press('Tab');
      order.push(
        String(
          await page.evaluate(`(() => {
        const at = document.activeElement;
        return at.type === 'radio' ? 'radio' : (at.ariaLabel ?? at.labels?.[0]?.innerText ?? at.innerText).trim().split('\\n')[0];
      })()`),
        ),
      );
      if (order.at(-1) === 'Do not answer') break;
    }
    expect(order).toEqual([
      'To the content',
      'Claude Companion',
      'Asks',
      'Account',
      'All asks',
      'radio',
      'Or in your own words',
      'Send the answer',
      'Why (optional; the agent reads it)',
      'Do not answer',
    ]);
    await page.keyboard.press('Enter');
    await page.getByText('Taken').waitFor();
    expect((await stateOf(ask))?.answer).toEqual({ decision: 'deny' });
    await context.close();
  });

  test('without JavaScript: signing in with the code of the link, the list, the answer', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    const { url } = await world.client.makeSignInLink();
    await page.goto(url);
    await page.getByLabel('Sign-in code').fill(url);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/asks');
    const ask = await asked(world.request, write('no-script.md'), said);
    await page.goto(`${screensUrl(world)}/asks/${ask.id}`);
    await page.getByRole('button', { name: 'Allow once' }).click();
    expect(await page.getByRole('status').first().textContent()).toContain('Taken');
    await applied(ask);
    await context.close();
  });
});

describe.skipIf(!hasBrowser)('a passkey', () => {
  test('is added on a proven screen, and allows on a screen of a text what a text may not: this ask, once', async () => {
    const context = await browser.newContext();
    const proven = await signIn(context, { phone: PERSON });
    const keys = await virtualPasskeys(context, proven);
    await proven.goto(`${screensUrl(world)}/account`);
    await proven.getByLabel('Name of a new passkey').fill('My <b>phone</b>');
    await proven.getByRole('button', { name: 'Add a passkey' }).click();
    await proven.getByText('The passkey was added.').waitFor();
    expect(await proven.getByText('My <b>phone</b>').first().isVisible()).toBe(true);
    await picture(proven, 'account');
    // The same device is not enrolled twice.
    await proven.getByRole('button', { name: 'Add a passkey' }).click();
    await proven.getByRole('alert').waitFor();

    await context.clearCookies();
    const page = proven;
    const [name = '', value = ''] = (await signedInWith(world, person.token)).cookie.split('=');
    await context.addCookies([{ name, value, url: screensUrl(world), httpOnly: true, sameSite: 'Lax' }]);
    const problems = watch(page);
    const ask = await asked(person.request, { tool: 'Bash', input: { command: 'rm -rf build' } }, said);
    await page.goto(`${screensUrl(world)}/asks/${ask.id}`);

    // Somebody whom the device does not know.
    await keys.recognise(false);
    await page.getByRole('button', { name: 'Allow once with a passkey' }).click();
    await page.getByText('The passkey was not used').waitFor();
    expect((await stateOf(ask))?.state).toBe('open');

    // What the browser sends is kept, and is worth nothing a second time or for another ask.
    await keys.recognise(true);
    const [sent] = await Promise.all([
      page.waitForRequest((request) => request.url().endsWith('/answer')),
      page.getByRole('button', { name: 'Allow once with a passkey' }).click(),
    ]);
    expect(await page.getByRole('status').first().textContent()).toContain('Taken');
    await applied(ask);
    expect(problems).toEqual([]);
    const other = await asked(person.request, { tool: 'Bash', input: { command: 'rm -rf dist' } }, said);
    const replay = await context.request.post(`${screensUrl(world)}/asks/${other.id}/answer`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: screensUrl(world), accept: 'text/html' },
      data: sent.postData() ?? '',
    });
    expect([replay.status(), (await replay.text()).includes('did not confirm this decision')]).toEqual([409, true]);

    // One that was signed for another ask.
    await page.goto(`${screensUrl(world)}/asks/${other.id}`);
    await page.route('**/passkey', (route) => route.continue({ url: route.request().url().replace(other.id, ask.id) }));
    await page.getByRole('button', { name: 'Allow once with a passkey' }).click();
    await page.getByText('did not confirm this decision').waitFor();
    await page.unrouteAll();

    // One that was signed for less: the standing rule was not in it.
    await page.goto(`${screensUrl(world)}/asks/${other.id}`);
    await page.evaluate(`(() => {
      const form = document.querySelector('form[data-passkey]');
      const submit = form.submit;
      form.submit = () => {
        form.insertAdjacentHTML('beforeend', '<input type="hidden" name="suggestions" value="yes">');
        HTMLFormElement.prototype.submit.call(form);
      };
    })()`);
    await page.getByRole('button', { name: 'Allow once with a passkey' }).click();
    await page.getByText('did not confirm this decision').waitFor();
    expect((await stateOf(other))?.state).toBe('open');

    // Removed on a proven screen, it is worth nothing any more.
    await context.clearCookies();
    await signIn(context, { phone: PERSON }).then((each) => each.close());
    await page.goto(`${screensUrl(world)}/account`);
    await page.getByRole('button', { name: /Remove/ }).click();
    await page.getByText('There is none yet.').waitFor();
    await context.clearCookies();
    await context.addCookies([{ name, value, url: screensUrl(world), httpOnly: true, sameSite: 'Lax' }]);
    await page.goto(`${screensUrl(world)}/asks/${other.id}`);
    expect(await page.getByRole('button', { name: /Allow/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('Taken').waitFor();
    await context.close();
  });
});

/** Contrast of every visible text against what is behind it, as WCAG measures it; the lowest and where. */
const LOWEST_CONTRAST = `(() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => { const c = v / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (at) => {
    for (let each = at; each; each = each.parentElement) {
      const colour = parts(getComputedStyle(each).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  let lowest = { ratio: 21, text: '' };
  for (const at of document.querySelectorAll('body *')) {
    const text = [...at.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data.trim()).join('');
    if (!text || at.tagName === 'NOSCRIPT' || !at.checkVisibility() || at.closest('.unseen, .skip')) continue;
    const [a, b] = [light(parts(getComputedStyle(at).color)), light(behind(at))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < lowest.ratio) lowest = { ratio, text };
  }
  return lowest;
})()`;

const UNNAMED = `[...document.querySelectorAll('input:not([type=hidden]), textarea, button, a, [role=region], section, nav, summary')]
  .filter((at) => at.checkVisibility() && !(at.disabled && at.hidden))
  .filter((at) => !(at.labels?.length || at.innerText?.trim() || at.ariaLabel || at.getAttribute('aria-labelledby')))
  .map((at) => at.outerHTML.slice(0, 200))`;
const HEADINGS = `[...document.querySelectorAll('h1, h2, h3')].map((at) => Number(at.tagName[1]))`;
const SMALL_TARGETS = `[...document.querySelectorAll('button, textarea, .asks a, header a')].filter((at) => at.checkVisibility())
  .filter((at) => at.getBoundingClientRect().height < 40).map((at) => at.outerHTML.slice(0, 200))`;

describe.skipIf(!hasBrowser)('for everybody', () => {
  test.each([
    ['light', 'light'],
    ['dark', 'dark'],
  ] as const)(
    'on a phone, %s: no sideways scrolling, enough contrast, names, headings, targets',
    async (look, colorScheme) => {
      const context = await browser.newContext({ ...PHONE, colorScheme });
      const page = await signIn(context);
      const command = `git push --force origin main && rm -rf build/${'very-long-name-'.repeat(12)} \u202e# safe`;
      const ask = await asked(world.request, { tool: 'Bash', input: { command, description: 'Clean' } }, said);
      const byText = await signInByText(await browser.newContext({ ...PHONE, colorScheme }));
      const theirs = await asked(person.request, { tool: 'Bash', input: { command: 'rm -rf build' } }, said);
      const pages: [string, Page, string][] = [
        ['status', page, '/'],
        ['asks', page, '/asks'],
        ['ask', page, `/asks/${ask.id}`],
        ['account', page, '/account'],
        ['sign-in', page, '/sign-in'],
        ['ask-by-text', byText, `/asks/${theirs.id}`],
        ['account-by-text', byText, '/account'],
      ];
      for (const [name, at, path] of pages) {
        await at.goto(`${screensUrl(world)}${path}`);
        await picture(at, `${look}-${name}`);
        const wide = await at.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
        expect([name, wide]).toEqual([name, false]);
        const lowest = (await at.evaluate(LOWEST_CONTRAST)) as { ratio: number; text: string };
        expect([name, lowest.text, lowest.ratio >= 4.5]).toEqual([name, lowest.text, true]);
        expect([name, await at.evaluate(UNNAMED)]).toEqual([name, []]);
        expect([name, await at.evaluate('document.documentElement.lang')]).toEqual([name, 'en']);
        const levels = (await at.evaluate(HEADINGS)) as number[];
        expect([name, levels[0], levels.filter((level) => level === 1).length]).toEqual([name, 1, 1]);
        expect(levels.every((level, index) => level <= (levels[index - 1] ?? 0) + 1)).toBe(true);
        if (name !== 'status') expect([name, await at.evaluate(SMALL_TARGETS)]).toEqual([name, []]);
      }
      for (const each of [ask, theirs]) await world.client.answerAsk(each.id, { decision: 'deny' });
      await byText.context().close();
      await context.close();
    },
  );
});
