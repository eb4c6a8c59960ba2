/** Somebody who paired a phone, through the flow that programs use. The code is read on the simulated phone. */
import { eventually, type World } from './server.ts';

export interface PairedPerson {
  token: string;
  personId: string;
  request(path: string, init?: RequestInit): Promise<Response>;
}

export async function pairPhone(world: World, phone: string): Promise<PairedPerson> {
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(`${world.server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const before = (await world.client.phoneTexts()).at(-1)?.id ?? 0;
  const setupId = `setup_${crypto.randomUUID()}`;
  const asked = await post('/login/submit-with-setup', { phone, setup_id: setupId });
  if (!asked.ok) throw new Error(`no code was sent: ${asked.status} ${await asked.text()}`);
  const code = await eventually(async () =>
    (await world.client.phoneTexts(before)).map(({ body }) => /\b\d{6}\b/.exec(body)?.[0]).find((found) => found),
  );
  const answer = await post('/auth/exchange-by-setup', { setup_id: setupId, pairing_code: code });
  if (!answer.ok) throw new Error(`the code was not taken: ${answer.status} ${await answer.text()}`);
  const { access_token: token, user_id: personId } = (await answer.json()) as { access_token: string; user_id: string };
  return {
    token,
    personId,
    request: (path, init = {}) =>
      fetch(`${world.server.url}${path}`, {
        ...init,
        headers: {
          authorization: `Bearer ${token}`,
          ...(init.body ? { 'content-type': 'application/json' } : {}),
          ...(init.headers as Record<string, string> | undefined),
        },
      }),
  };
}
