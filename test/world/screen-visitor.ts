/** A browser without JavaScript, as far as the screens need one: keeps its cookie, sends the forms that are on a page. */
import type { World } from './server.ts';

export interface Shown {
  status: number;
  page: string;
  headers: Headers;
}

export interface Visitor {
  /** `name=value`, or empty. */
  cookie: string;
  get(path: string, headers?: Record<string, string>): Promise<Shown>;
  post(path: string, fields: Record<string, string | string[]>, headers?: Record<string, string>): Promise<Shown>;
  /** Posts with the form token of the page at `from`, as its forms would. */
  send(from: string, path: string, fields: Record<string, string | string[]>): Promise<Shown>;
}

/** Screens stand at `localhost`, whatever address the server names. */
export const screensUrl = (world: World): string => `http://localhost:${world.server.port}`;

export function visitor(world: World, cookie = ''): Visitor {
  const origin = screensUrl(world);
  const request = async (path: string, init: RequestInit): Promise<Shown> => {
    const response = await fetch(`${origin}${path}`, {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', ...(self.cookie && { cookie: self.cookie }), ...init.headers },
    });
    const [set] = response.headers.getSetCookie();
    if (set !== undefined) self.cookie = set.split(';', 1)[0]?.replace(/=$/, '') ?? '';
    return { status: response.status, page: await response.text(), headers: response.headers };
  };
  const body = (fields: Record<string, string | string[]>): URLSearchParams =>
    new URLSearchParams(
      Object.entries(fields).flatMap(([name, value]) => [value].flat().map((each): [string, string] => [name, each])),
    );
  const self: Visitor = {
    cookie,
    get: (path, headers) => request(path, { headers: headers ?? {} }),
    post: (path, fields, headers = { origin }) => request(path, { method: 'POST', body: body(fields), headers }),
    async send(from, path, fields) {
      const { page } = await self.get(from);
      return self.post(path, { form: formToken(page), ...fields });
    },
  };
  return self;
}

export const formToken = (page: string): string => /name="form" value="([\w-]+)"/.exec(page)?.[1] ?? '';

/** Signed in with a link of the owner's. */
export async function signedIn(world: World, options: { phone?: string } = {}): Promise<Visitor> {
  const { url } = await world.client.makeSignInLink(options);
  const who = visitor(world);
  const { status } = await who.post('/sign-in', { ticket: new URL(url).hash.slice(1) });
  if (status !== 303) throw new Error(`the sign-in was answered with ${status}`);
  return who;
}

/** Signed in with an access token, as a person is who got a code by text. */
export async function signedInWith(world: World, token: string): Promise<Visitor> {
  const response = await fetch(`${screensUrl(world)}/screens/sign-in`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  if (response.status !== 200) throw new Error(`the sign-in was answered with ${response.status}`);
  return visitor(world, response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '');
}
