/** A program that signs in over HTTP, and a simulated phone that gets its codes. */
import { randomUUID } from 'node:crypto';
import { eventually, type World } from './server.ts';

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, string>;
}

export interface SignInCaller {
  /** Without a token unless `headers` has one. A text is sent as it is. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  lastText(): Promise<number>;
  /** The first code that came after a text. */
  codeAfter(id: number): Promise<string>;
  /** Waits for texts that a test asked for and does not read, so that the next one does not take them for its own. */
  textsAfter(id: number, count: number): Promise<unknown>;
  askWithSetup(phone: string): Promise<{ setup_id: string; code: string }>;
}

export function signInCaller(world: () => World): SignInCaller {
  const texts = (after: number) => world().client.phoneTexts(after);
  const self: SignInCaller = {
    async post(path, body, headers = {}) {
      const response = await fetch(`${world().server.url}${path}`, {
        method: 'POST',
        redirect: 'manual',
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
    },
    lastText: async () => (await texts(0)).at(-1)?.id ?? 0,
    codeAfter: (id) =>
      eventually(async () => (await texts(id)).map(({ body }) => /^(\d{6}) is/.exec(body)?.[1]).find((code) => code)),
    textsAfter: (id, count) => eventually(async () => (await texts(id)).length === count),
    async askWithSetup(phone) {
      const [setup_id, before] = [`setup_${randomUUID()}`, await self.lastText()];
      const { status } = await self.post('/login/submit-with-setup', { phone, setup_id });
      if (status !== 200) throw new Error(`the request for a code was answered with ${status}`);
      return { setup_id, code: await self.codeAfter(before) };
    },
  };
  return self;
}

export const bearer = (token: string | undefined): Record<string, string> => ({ authorization: `Bearer ${token}` });
/** Another code than the right one. */
export const wrongCode = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0');
