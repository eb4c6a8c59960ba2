/** What must be there before an example of signing in can be sent: a phone that got a code, a token, a device that waits. */
import { pairPhone } from '../world/paired-person.ts';
import { eventually, type World } from '../world/server.ts';

export interface ReadyToSignIn {
  /** What stands in the example, and what to send in its place. */
  put?: readonly (readonly [RegExp, string])[];
  /** In place of the owner's. */
  token?: string;
  deviceId?: string;
  /** To be waited for before the next example. */
  after?(): Promise<unknown>;
}

let numbers = 0;
/** Another one each time: nobody waits for the limits of a number here. */
const nextPhone = (): string => `+1415${2_230_000 + numbers++ * 10_001}`;

async function post(world: World, path: string, body: unknown): Promise<Record<string, string>> {
  const response = await world.request(path, { method: 'POST', body: JSON.stringify(body) });
  return (await response.json()) as Record<string, string>;
}

const lastText = async (world: World): Promise<number> => (await world.client.phoneTexts(0)).at(-1)?.id ?? 0;
const codeAfter = (world: World, id: number): Promise<string> =>
  eventually(async () =>
    (await world.client.phoneTexts(id)).map(({ body }) => /^(\d{6}) is/.exec(body)?.[1]).find((code) => code),
  );

async function codeFor(world: World, ask: () => Promise<unknown>): Promise<string> {
  const before = await lastText(world);
  await ask();
  return codeAfter(world, before);
}

async function setup(world: World): Promise<ReadyToSignIn> {
  const setup_id = `setup_${crypto.randomUUID()}`;
  const code = await codeFor(world, () => post(world, '/login/submit-with-setup', { phone: nextPhone(), setup_id }));
  return {
    put: [
      [/setup_\d+_[\da-f-]+/, setup_id],
      [/"123456"/, `"${code}"`],
    ],
  };
}

async function callback(world: World): Promise<ReadyToSignIn> {
  let redirect = '';
  const code = await codeFor(world, async () => {
    const body = { phone: nextPhone(), callback_uri: 'http://127.0.0.1:1/' };
    redirect = (await post(world, '/login/submit', body)).redirect_to ?? '';
  });
  const tempToken = new URL(redirect).searchParams.get('temp_token') ?? '';
  return {
    put: [
      [/cc_temp_[\w-]+/, tempToken],
      [/"123456"/, `"${code}"`],
    ],
  };
}

async function paired(world: World): Promise<ReadyToSignIn> {
  const { token, request } = await pairPhone(world, nextPhone());
  const { devices } = (await (await request('/auth/devices')).json()) as { devices: { id: string }[] };
  return { token, deviceId: devices[0]?.id ?? '' };
}

async function approvedDevice(world: World): Promise<ReadyToSignIn> {
  const started = await post(world, '/auth/device', {});
  const form = (path: string, fields: Record<string, string>) =>
    fetch(`${world.server.url}${path}`, { method: 'POST', body: new URLSearchParams(fields) }).then((sent) =>
      sent.text(),
    );
  let page = '';
  const code = await codeFor(world, async () => {
    page = await form('/login', { phone: nextPhone(), user_code: started.user_code ?? '' });
  });
  const temp_token = /name="temp_token" value="([^"]+)"/.exec(page)?.[1] ?? '';
  await form('/login/code', { temp_token, device: 'yes', pairing_code: code });
  return { put: [[/o0V1y9[\w-]+/, started.device_code ?? '']] };
}

/** A text that nobody reads: the next one must not be taken for it. */
async function texting(world: World): Promise<ReadyToSignIn> {
  const before = await lastText(world);
  return { after: () => codeAfter(world, before) };
}

/** By method and path of the call. */
export const READY_TO_SIGN_IN: Readonly<Record<string, (world: World) => Promise<ReadyToSignIn>>> = {
  'POST /login/submit': texting,
  'POST /login/submit-with-setup': texting,
  'POST /auth/exchange': callback,
  'POST /auth/exchange-by-setup': setup,
  'POST /auth/refresh': paired,
  'POST /auth/logout': paired,
  'DELETE /auth/devices/{device_id}': paired,
  'POST /auth/token': approvedDevice,
};
