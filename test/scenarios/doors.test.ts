/** Every door: who may come in, and what nonsense is told. */

import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import { openWorld, TOKEN, type World } from '../world/server.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const ID = '11111111-2222-4333-8444-555555555555';

/** Every route that needs the owner. */
const GUARDED: [method: string, path: string][] = [
  ['POST', '/sessions'],
  ['GET', '/sessions'],
  ['GET', '/sessions/available'],
  ['GET', `/sessions/${ID}/status`],
  ['GET', `/sessions/${ID}/server_info`],
  ['POST', `/sessions/${ID}/model`],
  ['POST', `/sessions/${ID}/permission_mode`],
  ['POST', '/invocations'],
  ['POST', `/sessions/${ID}/messages`],
  ['POST', `/sessions/${ID}/interrupt`],
  ['POST', `/sessions/${ID}/permissions/respond`],
  ['DELETE', `/sessions/${ID}`],
  ['GET', '/api/asks'],
  ['GET', `/api/asks/${ID}`],
  ['POST', `/api/asks/${ID}/answer`],
  ['GET', `/api/sessions/${ID}/events`],
  ['GET', '/api/simulated-phone/texts'],
  ['POST', '/api/simulated-phone/texts'],
  ['POST', '/v1/messages'],
  ['GET', '/v1/models'],
];

describe('who may come in', () => {
  test.each(GUARDED)('%s %s needs a token, and the right one', async (method, path) => {
    const url = world.server.url + path;
    expect((await fetch(url, { method })).status).toBe(401);
    const wrong = await fetch(url, { method, headers: { authorization: `Bearer ${TOKEN}x` } });
    expect(wrong.status).toBe(401);
    expect(JSON.stringify(await wrong.json())).not.toContain(TOKEN);
  });

  test('a host name that is not the server’s is refused, also with the token', async () => {
    const status = await new Promise((resolve) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: world.server.port,
          path: '/sessions',
          headers: { host: 'evil.example', authorization: `Bearer ${TOKEN}` },
        },
        (response) => resolve(response.resume().statusCode),
      );
      sent.end();
    });
    expect(status).toBe(421);
  });

  test('a page of another site is refused, also one on localhost', async () => {
    for (const origin of ['https://evil.example', 'http://localhost:9', 'null']) {
      expect((await world.request('/sessions', { headers: { origin } })).status).toBe(403);
    }
    expect((await world.request('/sessions', { headers: { origin: world.server.url } })).status).toBe(200);
  });

  test('forwarded headers change nothing', async () => {
    const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-for': '127.0.0.1', forwarded: 'for=127.0.0.1' };
    expect((await fetch(`${world.server.url}/sessions`, { headers })).status).toBe(401);
  });

  test('no token, and nothing of a request’s query, is in any log', async () => {
    await world.request('/api/asks?state=open&token=secret-in-the-query');
    await fetch(`${world.server.url}/nowhere?token=secret-in-the-query`);
    const logs = world.logs.join('\n');
    expect(logs).not.toContain(TOKEN);
    expect(logs).not.toContain('secret-in-the-query');
  });
});

describe('nonsense is told so', () => {
  const badBodies: [what: string, request: { path: string; body: unknown; status: number }][] = [
    ['a project that is not there', { path: '/sessions', body: { project: 'no-such' }, status: 400 }],
    ['a way out of PROJECTS_DIR', { path: '/sessions', body: { project: '../..' }, status: 400 }],
    ['an absolute path outside', { path: '/sessions', body: { cwd: '/etc' }, status: 400 }],
    ['a NUL in a name', { path: '/sessions', body: { project: 'a\u0000b' }, status: 400 }],
    ['a wrong type', { path: '/sessions', body: { project: 7 }, status: 400 }],
    [
      'bypassPermissions',
      { path: '/sessions', body: { project: 'my-app', permission_mode: 'bypassPermissions' }, status: 403 },
    ],
    ['an empty message', { path: `/sessions/${ID}/messages`, body: { message: '' }, status: 400 }],
    ['a session that is not there', { path: `/sessions/${ID}/messages`, body: { message: 'x' }, status: 404 }],
    ['a session id that is none', { path: '/sessions/..%2f..%2fetc/messages', body: { message: 'x' }, status: 404 }],
    ['a NUL in an id', { path: '/sessions/%00/messages', body: { message: 'x' }, status: 404 }],
    ['half a character in an id', { path: '/sessions/%ff/messages', body: { message: 'x' }, status: 400 }],
    ['an unknown field', { path: '/sessions', body: { colour: 'red' }, status: 400 }],
    ['an unknown mode', { path: `/sessions/${ID}/permission_mode`, body: { mode: 'yolo' }, status: 400 }],
    ['a model that looks like an option', { path: '/sessions', body: { model: '--yolo' }, status: 400 }],
    ['a NUL in a message', { path: `/sessions/${ID}/messages`, body: { message: 'a\u0000b' }, status: 400 }],
    ['half a character', { path: `/sessions/${ID}/messages`, body: { message: 'a\ud800b' }, status: 400 }],
    ['an invocation of nothing', { path: '/invocations', body: {}, status: 400 }],
    ['an id that leads elsewhere', { path: '/sessions', body: { resume_session_id: '../../x' }, status: 404 }],
    [
      'a permission that is not there',
      { path: `/sessions/${ID}/permissions/respond`, body: { request_id: ID, allowed: true }, status: 404 },
    ],
    ['an ask that is not there', { path: `/api/asks/${ID}/answer`, body: { decision: 'deny' }, status: 404 }],
    ['a decision that is none', { path: `/api/asks/${ID}/answer`, body: { decision: 'maybe' }, status: 400 }],
  ];
  test.each(badBodies)('%s', async (_what, { path, body, status }) => {
    const response = await world.request(path, { method: 'POST', body: JSON.stringify(body) });
    expect(response.status).toBe(status);
    const answer = (await response.json()) as Record<string, unknown>;
    if (path.startsWith('/api/')) expect(Object.keys(answer).sort()).toEqual(['code', 'error', 'suggestion']);
    else expect(Object.keys(answer)).toEqual(['detail']);
  });

  test('what is not JSON, what is too large, what is no path', async () => {
    const post = (body: string, headers = {}) => world.request('/sessions', { method: 'POST', body, headers });
    expect((await post('{')).status).toBe(400);
    const two = 'x'.repeat(2_000_000);
    expect((await post(JSON.stringify({ project: two }))).status).toBe(413);
    const messages = `/sessions/${ID}/messages`;
    for (const [path, body] of [
      ['/invocations', { path: messages, payload: { message: two } }],
      [messages, { message: two }],
      [`/sessions/${ID}/model`, { model: two }],
      [`/api/asks/${ID}/answer`, { decision: 'deny', message: two }],
    ] as const) {
      const refused = await world.request(path, { method: 'POST', body: JSON.stringify(body) });
      expect([path, refused.status]).toEqual([path, 413]);
    }
    expect((await post('a=b', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
    expect((await world.request('/nowhere')).status).toBe(404);
  });

  test('the same Idempotency-Key makes one session; with another body it is refused', async () => {
    const create = (project: string) =>
      world.request('/sessions', {
        method: 'POST',
        headers: { 'idempotency-key': 'one-session' },
        body: JSON.stringify({ project, system_prompt: project }),
      });
    const answers = await Promise.all([create('my-app'), create('my-app'), create('my-app')]);
    const ids = await Promise.all(
      answers.map(async (answer) => ((await answer.json()) as { session_id: string }).session_id),
    );
    expect(new Set(ids).size).toBe(1);
    const other = await world.request('/sessions', {
      method: 'POST',
      headers: { 'idempotency-key': 'one-session' },
      body: JSON.stringify({ project: 'my-app' }),
    });
    expect(other.status).toBe(422);
  });
});

verifies(['agent-api/health'], 'GET /health answers without a token', async () => {
  const response = await fetch(`${world.server.url}/health`);
  expect(response.status).toBe(200);
  expect(response.headers.get('x-api-version')).toBe('1.0.0');
  expect(await response.json()).toMatchObject({
    status: 'healthy',
    active_sessions: expect.any(Number),
    timestamp: expect.any(String),
  });
});

verifies(
  [
    'companion-api/health-no-token',
    'companion-api/health-fields',
    'companion-api/health-active-sessions',
    'sms-server/health',
  ],
  '/health has the fields of all three documents; which sessions there are is told only to the owner',
  async () => {
    const { session_id: sessionId } = await world.client.startSession({ project: 'my-app' });
    const anybody = (await (await fetch(`${world.server.url}/health`)).json()) as Record<string, unknown>;
    const fields = {
      status: 'healthy',
      active_sessions: expect.any(Number),
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      uptime: expect.any(Number),
      version: expect.any(String),
      aicliAvailable: true,
      phone: 'simulated',
    };
    expect(anybody).toEqual({ ...fields, activeSessions: [] });
    const owner = (await (await world.request('/health')).json()) as Record<string, unknown>;
    expect(owner).toEqual({ ...fields, activeSessions: expect.any(Array) });
    expect(owner.activeSessions).toContainEqual({ sessionId, deviceName: null });
    expect(owner.activeSessions).toHaveLength(Number(owner.active_sessions));
  },
);

test('the page at / says what runs and holds nothing secret', async () => {
  const response = await fetch(`${world.server.url}/`);
  const page = await response.text();
  expect(response.headers.get('content-type')).toContain('text/html');
  expect(page).toContain('Claude Companion is running');
  expect(page).toContain('simulated');
  expect(page).not.toContain(TOKEN);
});
