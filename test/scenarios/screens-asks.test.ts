/** An ask on a screen: shown whole, answered once, and by whom it may be. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import type { Ask } from '@claude-companion/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PairedPerson, pairPhone } from '../world/paired-person.ts';
import { signedIn, signedInWith, type Visitor } from '../world/screen-visitor.ts';
import { eventually, openAsk, openWorld, type World } from '../world/server.ts';

type Step = Parameters<typeof scripted>[0][number];

const PERSON = '+14155550142';

let world: World;
let owner: Visitor;
/** Of a paired phone, opened with a text. */
let person: PairedPerson;
let byText: Visitor;
beforeAll(async () => {
  world = await openWorld({ settings: { ALLOWED_PHONES: PERSON } });
  owner = await signedIn(world);
  person = await pairPhone(world, PERSON);
  byText = await signedInWith(world, person.token);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const inProject = (name: string): string => join(world.project, name);
const write = (name: string): Step => ({ tool: 'Write', input: { file_path: inProject(name), content: 'hello\n' } });
const bash = (command: string): Step => ({ tool: 'Bash', input: { command } });
const said = { text: 'The tool said: {{result}}' } as const;

async function asked(...steps: Step[]): Promise<Ask> {
  const { session_id: sessionId } = await world.client.startSession({ project: 'my-app', message: scripted(steps) });
  return openAsk(world.client, sessionId);
}

/** The same in a session of the paired person. */
async function askedPerson(...steps: Step[]): Promise<Ask> {
  const body = JSON.stringify({ project: 'my-app', message: scripted(steps) });
  const response = await person.request('/sessions', { method: 'POST', body });
  const { session_id: sessionId } = (await response.json()) as { session_id: string };
  return openAsk(world.client, sessionId);
}

const settled = (id: string): Promise<Ask> =>
  eventually(async () => {
    const [ask] = (await world.client.listAsks({ state: 'all' })).filter((each) => each.id === id);
    return ask && ask.state !== 'open' && ask.state !== 'answered' && ask;
  });

const answer = (who: Visitor, ask: Ask, fields: Record<string, string | string[]>) =>
  who.send(`/asks/${ask.id}`, `/asks/${ask.id}/answer`, fields);

describe('what is shown', () => {
  test('the whole call, with nothing invisible and no markup of the agent’s', async () => {
    const command = `echo '<script>alert(1)</script>' "&amp;" \u202etxt.exe\u202c; printf a\u200bb\nrm -rf build\t# ${'x'.repeat(4_000)}`;
    const ask = await asked(bash(command), said);
    const { page, status } = await owner.get(`/asks/${ask.id}`);
    expect(status).toBe(200);
    expect(page).not.toContain('<script>alert');
    expect(page).toContain('&#60;script&#62;alert(1)&#60;/script&#62;');
    expect(page).toContain('&#38;amp;');
    expect(page).not.toMatch(/[\u202a-\u202e\u200b]/);
    for (const name of ['\\u202e', '\\u202c', '\\u200b', '\\t']) expect(page).toContain(`<mark>${name}</mark>`);
    expect(page).toContain('x'.repeat(4_000));
    expect(page).toContain('high: look closely');
    for (const reason of ask.riskReasons) expect(page).toContain(reason);
    expect(page).toContain(ask.hash);
    expect(page).toContain(`<time datetime="${ask.deadline}">`);
    const list = await owner.get('/asks');
    expect(list.page).toContain(`/asks/${ask.id}`);
    expect(list.page).not.toContain('<script>alert');
    await answer(owner, ask, { decision: 'deny' });
  });

  test('what is not there, and what is somebody else’s, look the same', async () => {
    const ask = await asked(write('not-yours.md'), said);
    const missing = '11111111-2222-4333-8444-555555555555';
    for (const path of ['', '/state']) {
      const [theirs, nobodys] = [
        await byText.get(`/asks/${ask.id}${path}`),
        await byText.get(`/asks/${missing}${path}`),
      ];
      expect([theirs.status, theirs.page]).toEqual([404, nobodys.page]);
    }
    const form = { decision: 'deny' };
    const { page } = await byText.get('/account');
    const token = /name="form" value="([\w-]+)"/.exec(page)?.[1] ?? '';
    expect((await byText.post(`/asks/${ask.id}/answer`, { form: token, ...form })).status).toBe(404);
    expect((await byText.post(`/asks/${ask.id}/passkey`, { form: token })).status).toBe(404);
    expect((await byText.get('/asks')).page).not.toContain(ask.id);
    expect((await openAsk(world.client, ask.sessionId)).state).toBe('open');
    await answer(owner, ask, form);
  });
});

describe('the answer', () => {
  test('allow: the call runs, and the page says so', async () => {
    const ask = await asked(write('by-screen.md'), said);
    const told = await answer(owner, ask, { decision: 'allow' });
    expect(told.page).toContain('Taken: the agent gets your answer');
    expect(await settled(ask.id)).toMatchObject({ state: 'applied', answeredVia: 'screen' });
    await eventually(async () => existsSync(inProject('by-screen.md')));
    expect((await owner.get(`/asks/${ask.id}`)).page).toContain('Applied:');
  });

  test('deny, with words for the agent', async () => {
    const ask = await asked(write('denied-on-screen.md'), said);
    await answer(owner, ask, { decision: 'deny', message: 'Wrong\r\nfolder' });
    expect((await settled(ask.id)).answer).toEqual({ decision: 'deny', message: 'Wrong\nfolder' });
    expect(existsSync(inProject('denied-on-screen.md'))).toBe(false);
  });

  test('a late one is told what became of the ask', async () => {
    const ask = await asked(write('late.md'), said);
    await answer(owner, ask, { decision: 'deny' });
    await settled(ask.id);
    const { page } = await owner.get('/account');
    const form = /name="form" value="([\w-]+)"/.exec(page)?.[1] ?? '';
    const late = await owner.post(`/asks/${ask.id}/answer`, { form, decision: 'allow' });
    expect(late.page).toContain('Already answered on a screen with NO. Nothing changed.');
    expect(existsSync(inProject('late.md'))).toBe(false);
  });

  test('a question: options, own words, several at once, and none', async () => {
    const questions = [
      {
        question: 'Which <b>manager</b>?',
        header: 'Tool',
        multiSelect: false,
        options: [
          { label: 'npm', description: 'as now' },
          { label: 'pnpm', description: 'faster' },
        ],
      },
      {
        question: 'Which targets?',
        header: 'Targets',
        multiSelect: true,
        options: [
          { label: 'linux', description: 'l' },
          { label: 'mac', description: 'm' },
        ],
      },
    ];
    const ask = await asked({ tool: 'AskUserQuestion', input: { questions } }, said);
    const { page } = await owner.get(`/asks/${ask.id}`);
    expect(page).toContain('&#60;b&#62;manager');
    expect(page.match(/type="radio"/g)).toHaveLength(2);
    expect(page.match(/type="checkbox"/g)).toHaveLength(2);
    const empty = await answer(owner, ask, { decision: 'reply', words0: ' ', choice1: '0' });
    expect([empty.status, empty.page.includes('Answer each question')]).toEqual([400, true]);
    const none = await answer(owner, ask, { decision: 'reply', choice0: '99', choice1: 'length' });
    expect(none.status).toBe(400);
    await answer(owner, ask, { decision: 'reply', choice0: '1', choice1: ['0', '1'], words1: 'and bsd' });
    expect((await settled(ask.id)).answer).toEqual({
      decision: 'reply',
      answers: { 'Which <b>manager</b>?': 'pnpm', 'Which targets?': ['linux', 'mac', 'and bsd'] },
    });
  });

  test.each([
    ['no decision', {}],
    ['an unknown one', { decision: 'maybe' }],
    ['two decisions', { decision: ['allow', 'deny'] }],
    ['words as long as a book', { decision: 'deny', message: 'x'.repeat(20_000) }],
    ['a passkey that is none', { decision: 'allow', assertion: '{' }],
    ['a passkey of nothing', { decision: 'allow', assertion: '{}' }],
    ['a passkey of nonsense', { decision: 'allow', assertion: '{"id":[],"response":{"clientDataJSON":7}}' }],
  ] as [string, Record<string, string | string[]>][])('%s changes nothing', async (_what, fields) => {
    const [open] = (await world.client.listAsks()).filter(({ kind }) => kind === 'permission');
    const ask = open ?? (await asked(write('nonsense.md'), said));
    const { status } = await answer(owner, ask, fields);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect((await openAsk(world.client, ask.sessionId)).state).toBe('open');
  });
});

describe('a screen that a text opened', () => {
  test('allows what a text may', async () => {
    const ask = await askedPerson(write('small.md'), said);
    expect((await byText.get('/asks')).page).toContain(ask.id);
    await answer(byText, ask, { decision: 'allow' });
    expect((await settled(ask.id)).state).toBe('applied');
  });

  test('may not allow what deletes, on the screen or through the API, but may deny it', async () => {
    const ask = await askedPerson(bash('rm -rf build'), said);
    const { page } = await byText.get(`/asks/${ask.id}`);
    expect(page).not.toContain('value="allow"');
    expect(page).toContain('whoever\nholds your SIM card could be, too');
    const refused = await answer(byText, ask, { decision: 'allow' });
    expect(refused.page).toContain('this needs your passkey');
    const body = JSON.stringify({ decision: 'allow', applySuggestions: false });
    const api = await person.request(`/api/asks/${ask.id}/answer`, { method: 'POST', body });
    expect(await api.json()).toMatchObject({ outcome: 'refused' });
    const respond = JSON.stringify({ request_id: ask.id, allowed: true });
    const agent = await person.request(`/sessions/${ask.sessionId}/permissions/respond`, {
      method: 'POST',
      body: respond,
    });
    expect(agent.status).toBe(409);
    await answer(byText, ask, { decision: 'deny' });
    expect((await settled(ask.id)).answer).toMatchObject({ decision: 'deny' });
  });

  test('the same person on a screen of the owner’s link may allow it', async () => {
    const ask = await askedPerson(bash('rm -rf build'), said);
    const proven = await signedIn(world, { phone: PERSON });
    await answer(proven, ask, { decision: 'allow' });
    expect((await settled(ask.id)).state).toBe('applied');
  });

  test('adds and removes no passkey', async () => {
    const { page } = await byText.get('/account');
    expect(page).toContain('added and\nremoved only on a screen that was opened with a sign-in link');
    expect(page).not.toContain('data-new-passkey');
    for (const path of ['/account/passkeys/options', '/account/passkeys', '/account/passkeys/remove']) {
      expect((await byText.send('/account', path, { id: 'x', credential: '{}', name: 'mine' })).status).toBe(403);
    }
  });

  test('makes no session that asks less', async () => {
    for (const grant of [{ permission_mode: 'acceptEdits' }, { allowed_tools: ['Bash'] }]) {
      const body = JSON.stringify({ project: 'my-app', ...grant });
      expect((await person.request('/sessions', { method: 'POST', body })).status).toBe(403);
    }
    const ask = await askedPerson(write('stays.md'), said);
    const body = JSON.stringify({ mode: 'acceptEdits' });
    const changed = await person.request(`/sessions/${ask.sessionId}/permission_mode`, { method: 'POST', body });
    expect(changed.status).toBe(403);
    await answer(byText, ask, { decision: 'deny' });
  });
});
