/** The TypeScript of the document's section on authentication, run as it is written there. */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { afterAll, beforeAll, expect } from 'vitest';
import { verifies } from '../verifies.ts';
import { eventually, openWorld, type World } from '../world/server.ts';

const page = readFileSync(new URL('./samples/sign-in.md', import.meta.url), 'utf8');
const [POLLING = '', CALLBACK = ''] = [...page.matchAll(/```typescript\n(.*?)```/gs)].map(([, code = '']) => code);

type Run = (...values: unknown[]) => Promise<unknown>;
const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (...parts: string[]) => Run;

/** Runs a sample with the names it takes from around it, and gives what it found. */
function run(code: string, names: Record<string, unknown>): Promise<Record<string, unknown>> {
  const made = 'return { access_token, user_id, expires_at };';
  const body = stripTypeScriptTypes(`async function sample() {${code}\n${made}\n}`)
    .replace(/^async function sample\(\) \{/, '')
    .replace(/\}\s*$/, '');
  return new AsyncFunction(...Object.keys(names), body)(...Object.values(names)) as Promise<Record<string, unknown>>;
}

let world: World;
let BASE_URL: string;
beforeAll(async () => {
  world = await openWorld();
  BASE_URL = world.server.url;
});
afterAll(() => world[Symbol.asyncDispose]());

async function codeOnPhone(after: number): Promise<string> {
  return eventually(async () =>
    (await world.client.phoneTexts(after)).map(({ body }) => /^(\d{6}) is/.exec(body)?.[1]).find((code) => code),
  );
}
const lastText = async (): Promise<number> => (await world.client.phoneTexts(0)).at(-1)?.id ?? 0;

const token = {
  access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
  user_id: expect.stringMatching(/^[\da-f-]{36}$/),
  expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
};

verifies(
  ['sms-server/polling-flow-example', 'sms-server/login-submit-with-setup', 'sms-server/exchange-by-setup'],
  'the polling flow, with its errors',
  async () => {
    const phone = '+14155551234';
    const before = await lastText();
    const getUserInput = () => codeOnPhone(before);
    expect(await run(POLLING, { BASE_URL, phone, getUserInput })).toEqual(token);
    const mistyped = run(POLLING, { BASE_URL, phone, getUserInput: async () => 'abc' });
    await expect(mistyped).rejects.toThrow('Invalid pairing code. Try again.');
    await expect(run(POLLING, { BASE_URL, phone: '415', getUserInput })).rejects.toThrow(/^phone: /);
    await run(POLLING, { BASE_URL, phone, getUserInput: async () => 'abc' }).catch(() => undefined);
    const limited = run(POLLING, { BASE_URL, phone, getUserInput });
    await expect(limited).rejects.toThrow(/^Rate limited\. Retry in (59\d|600)s$/);
    // So that none of these texts is taken for one of the next flow.
    await eventually(async () => (await world.client.phoneTexts(before)).length === 3);
  },
);

verifies(
  ['sms-server/callback-flow-example', 'sms-server/login-submit', 'sms-server/exchange'],
  'the callback flow',
  async () => {
    const before = await lastText();
    let code = '';
    const names = {
      BASE_URL,
      phone: '+14155559876',
      callbackUrl: 'http://127.0.0.1:49152/callback',
      // The sample reads the variable only when it sends the code, which the phone has by then.
      userCode: { toJSON: () => code },
      fetch: async (url: string, init: RequestInit) => {
        const response = await fetch(url, init);
        if (url.endsWith('/login/submit')) code = await codeOnPhone(before);
        return response;
      },
    };
    expect(await run(CALLBACK, names)).toEqual(token);
  },
);
