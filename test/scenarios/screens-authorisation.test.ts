/** Every route of every surface, walked by everybody: nobody sees or touches what belongs to somebody else. */
import { scripted } from '@claude-companion/gateway';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, mayCall, type Scope } from '../../packages/server/src/auth/callers.ts';
import type { Route } from '../../packages/server/src/http/surface.ts';
import { SURFACES } from '../../packages/server/src/http/surfaces.ts';
import { OWNED_PARAMS } from '../../packages/server/src/operations/refuse-foreign.ts';
import { type PairedPerson, pairPhone } from '../world/paired-person.ts';
import { formToken, screensUrl, signedInWith, type Visitor } from '../world/screen-visitor.ts';
import { openAsk, openWorld, TOKEN, type World } from '../world/server.ts';

const HOST = '+14155550142';
const GUEST = '+14155550143';
/** Stands in everything the owner has. */
const CANARY = 'canary-of-the-owner';

const ROWS = SURFACES.flatMap(({ name, routes }) => routes.map((row) => ({ surface: name, row })));
/** What ends the tokens that the walk is made with. */
const ENDS_TOKENS = new Set(['/auth/logout', '/auth/refresh', '/sign-out']);
/** Names in paths that an operation itself looks up among the caller's own. */
const LOOKED_UP: Readonly<Record<string, string>> = { device_id: '11111111-2222-4333-8444-555555555555' };

/** Where whose it is, is looked at after the body. */
const BODIES: Readonly<Record<string, unknown>> = {
  '/sessions/:session_id/events': { event_type: 'error', timestamp: '2026-01-01T00:00:00Z' },
  '/sessions/:session_id/stop': { reason: 'completed', final_state: 'success', ended_at: '2026-01-01T00:00:00Z' },
};

interface Walker {
  name: string;
  token: string | null;
  /** As the rules see them. */
  caller: Caller | null;
}

let world: World;
let host: PairedPerson;
let guest: PairedPerson;
let sessionToken: string;
let owners: Record<string, string>;
let monitoredId: string;
let walkers: Walker[];
let screen: Visitor;

beforeAll(async () => {
  world = await openWorld({ settings: { ALLOWED_PHONES: HOST, OPEN_SIGNUP: 'true' } });
  host = await pairPhone(world, HOST);
  guest = await pairPhone(world, GUEST);
  screen = await signedInWith(world, host.token);
  const steps = [{ tool: 'Bash', input: { command: `rm -rf ${CANARY}` } }, { text: CANARY }];
  const { session_id: sessionId } = await world.client.startSession({
    project: 'my-app',
    message: scripted(steps),
  });
  const ask = await openAsk(world.client, sessionId);
  owners = { session_id: sessionId, sessionId, askId: ask.id };
  const started = async (request: World['request'], description: string): Promise<Record<string, string>> => {
    const body = { claude_session_id: crypto.randomUUID(), description, hostname: 'h', started_at: new Date() };
    const response = await request('/sessions/start', { method: 'POST', body: JSON.stringify(body) });
    return (await response.json()) as Record<string, string>;
  };
  monitoredId = (await started(world.request, CANARY)).monitoring_id ?? '';
  sessionToken = (await started(guest.request, 'mine')).session_token ?? '';
  const user = (personId: string, scopes: Scope[]): Caller => ({ kind: 'user', personId, tokenId: '', scopes });
  walkers = [
    { name: 'nobody', token: null, caller: null },
    { name: 'a stranger', token: 'x'.repeat(40), caller: null },
    { name: 'a host', token: host.token, caller: user(host.personId, ['monitor', 'answer', 'host']) },
    { name: 'a guest', token: guest.token, caller: user(guest.personId, ['monitor']) },
    { name: 'a session', token: sessionToken, caller: { kind: 'session', personId: guest.personId, sessionId: 's' } },
  ];
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const paramsOf = ({ path }: Route): string[] => [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);

/** The path with everything it names the owner's. */
const foreignPath = (row: Route, sessionId = owners.session_id ?? ''): string =>
  row.path.replace(/:(\w+)/g, (_, name: string) =>
    name in OWNED_PARAMS && owners[name] !== owners.session_id ? (owners[name] ?? '') : (LOOKED_UP[name] ?? sessionId),
  );

async function send(
  row: Route,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; text: string }> {
  const post = row.method !== 'GET';
  const response = await fetch(`${screensUrl(world)}${path}`, {
    method: row.method,
    redirect: 'manual',
    headers: { accept: 'application/json', ...(post && { 'content-type': 'application/json' }), ...headers },
    ...(post && { body: JSON.stringify(BODIES[row.path] ?? {}) }),
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, text: await response.text() };
}

const bearer = (token: string | null): Record<string, string> =>
  token === null ? {} : { authorization: `Bearer ${token}` };

/** The statuses with which a walker must be sent away; null: it may have what is its own. */
function refusals({ rule, named }: { rule: Route['auth']; named: boolean }, { caller }: Walker): number[] | null {
  if (rule === 'open') return null;
  if (rule === 'screen' || caller === null) return [401];
  // One of the documents has one status for a token that is none and for a token of another kind.
  if (!mayCall(rule, caller)) return [401, 403];
  return named ? (rule === 'session' ? [401] : [404]) : null;
}

const WALK = ROWS.filter(({ row }) => !ENDS_TOKENS.has(row.path)).map(({ surface, row }) => ({
  route: `${row.method} ${row.path} (${row.auth}, ${surface})`,
  surface,
  row,
}));

describe('with what is the owner’s in the path', () => {
  test.each(WALK)('$route', async ({ row }) => {
    for (const walker of walkers) {
      const path = foreignPath(row, row.auth === 'session' ? monitoredId : owners.session_id);
      const { status, text } = await send(row, path, bearer(walker.token));
      const expected = refusals({ rule: row.auth, named: paramsOf(row).length > 0 }, walker);
      if (expected) expect([walker.name, expected.includes(status), status]).toEqual([walker.name, true, status]);
      expect([walker.name, status < 500]).toEqual([walker.name, true]);
      expect(text).not.toContain(CANARY);
      expect(text).not.toContain(owners.askId);
    }
    expect(await openAsk(world.client, owners.session_id ?? '')).toMatchObject({ id: owners.askId, state: 'open' });
  });

  test.each(WALK.filter(({ row }) => row.auth === 'screen'))(
    'by a screen of somebody else: $route',
    async ({ row }) => {
      const form = formToken((await screen.get('/account')).page);
      const sent =
        row.method === 'GET'
          ? await screen.get(foreignPath(row))
          : await screen.post(foreignPath(row), { form, decision: 'deny', id: owners.session_id ?? '' });
      if (paramsOf(row).length > 0) expect(sent.status).toBe(404);
      expect(sent.status).toBeLessThan(500);
      expect(sent.page).not.toContain(CANARY);
      expect((await openAsk(world.client, owners.session_id ?? '')).state).toBe('open');
    },
  );

  test.each(WALK.filter(({ surface }) => surface === 'agent-api' || surface === 'companion-api'))(
    'through /invocations: $route',
    async ({ row }) => {
      for (const { name, token, caller } of walkers) {
        const response = await fetch(`${world.server.url}/invocations`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...bearer(token) },
          body: JSON.stringify({ path: foreignPath(row), method: row.method, payload: {} }),
        });
        const text = await response.text();
        const isPerson = caller !== null && mayCall('person', caller);
        if (!isPerson) expect([name, [401, 403]]).toEqual([name, expect.arrayContaining([response.status])]);
        else if (row.auth !== 'open' && (paramsOf(row).length > 0 || !mayCall(row.auth, caller))) {
          expect([name, [403, 404]]).toEqual([name, expect.arrayContaining([response.status])]);
        }
        expect(text).not.toContain(CANARY);
      }
    },
  );
});

describe('with what is one’s own', () => {
  test('a host makes sessions that are theirs, sees them and nothing else, and answers their asks', async () => {
    const message = scripted([{ tool: 'Write', input: { file_path: 'own.md', content: 'x' } }, { text: 'ok' }]);
    const made = await host.request('/sessions', {
      method: 'POST',
      body: JSON.stringify({ project: 'my-app', message }),
    });
    const { session_id: own } = (await made.json()) as { session_id: string };
    const listed = async (who: PairedPerson, path: string): Promise<string[]> => {
      const body = (await (await who.request(path)).json()) as Record<
        string,
        { session_id?: string; sessionId?: string }[]
      >;
      return Object.values(body)
        .flat()
        .map(({ session_id, sessionId }) => session_id ?? sessionId ?? '');
    };
    expect(await listed(host, '/sessions')).toContain(own);
    expect(await listed(host, '/sessions')).not.toContain(owners.session_id);
    expect(await listed(host, '/sessions/available')).not.toContain(owners.session_id);
    expect(await listed(guest, '/sessions')).not.toContain(own);
    expect(await listed(guest, '/sessions/available')).toEqual([]);
    const ask = await openAsk(world.client, own);
    expect(await listed(host, '/api/asks')).toEqual([own]);
    expect(await listed(host, `/api/asks?state=all&sessionId=${owners.session_id}`)).toEqual([]);
    expect((await host.request(`/sessions/${own}/status`)).status).toBe(200);
    expect((await guest.request(`/sessions/${own}/status`)).status).toBe(404);
    expect((await guest.request(`/api/asks/${ask.id}`)).status).toBe(404);
    expect((await world.request(`/sessions/${own}/status`)).status).toBe(200);
    const answer = JSON.stringify({ decision: 'deny' });
    const answered = await host.request(`/api/asks/${ask.id}/answer`, { method: 'POST', body: answer });
    expect(await answered.json()).toMatchObject({ outcome: 'answered', ask: { answeredVia: 'api' } });
  });

  test('nobody takes up the session of somebody else, open, closed or on disk', async () => {
    const resume = (id: string) =>
      host.request('/sessions', { method: 'POST', body: JSON.stringify({ resume_session_id: id }) });
    const { session_id: closed } = await world.client.startSession({ project: 'my-app' });
    await world.client.closeSession(closed);
    for (const id of [owners.session_id ?? '', closed, crypto.randomUUID()]) {
      const answer = await resume(id);
      expect([answer.status, await answer.json()]).toEqual([404, { detail: 'Session not found' }]);
    }
  });

  test('an idempotency key of somebody else brings nothing of theirs', async () => {
    const make = async (request: World['request']): Promise<string> => {
      const headers = { 'idempotency-key': 'the-same-key' };
      const response = await request('/sessions', {
        method: 'POST',
        headers,
        body: JSON.stringify({ project: 'my-app' }),
      });
      return ((await response.json()) as { session_id: string }).session_id;
    };
    const [owned, hosted, again] = [await make(world.request), await make(host.request), await make(host.request)];
    expect(hosted).not.toBe(owned);
    expect(again).toBe(hosted);
  });

  test('the model costs money: only who may host uses the gateway', async () => {
    const models = (token: string) => fetch(`${world.server.url}/v1/models`, { headers: bearer(token) });
    expect((await models(guest.token)).status).toBe(401);
    expect((await models(sessionToken)).status).toBe(401);
    expect((await models(host.token)).status).toBe(200);
    expect((await models(TOKEN)).status).toBe(200);
  });
});

test('every name in a path of a route for people is known to be somebody’s', () => {
  const open = new Set<Route['auth']>(['open', 'owner', 'session']);
  const unknown = ROWS.filter(({ row }) => !open.has(row.auth)).flatMap(({ row }) =>
    paramsOf(row).filter((name) => !(name in OWNED_PARAMS) && !(name in LOOKED_UP)),
  );
  expect(unknown).toEqual([]);
});

test('what is open to anybody is so on purpose', () => {
  const assets = ['/docs/', '/redoc/', '/screens/'];
  const open = ROWS.filter(({ row }) => row.auth === 'open').map(({ row }) => row.path);
  expect(open.filter((path) => !assets.some((prefix) => path.startsWith(prefix))).sort()).toEqual(
    [
      ...['/', '/health', '/openapi.json', '/docs', '/redoc'],
      ...['/sign-in', '/sign-in', '/login', '/login', '/login/code', '/login/device', '/login/device/refuse'],
      ...['/login/submit', '/login/submit-with-setup', '/auth/exchange', '/auth/exchange-by-setup', '/auth/refresh'],
      ...['/auth/device', '/auth/token'],
    ].sort(),
  );
});
