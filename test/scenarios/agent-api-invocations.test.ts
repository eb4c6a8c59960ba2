/** POST /invocations: every other operation by its path. */

import { scripted } from '@claude-companion/gateway';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentApi as agentSurface } from '../../packages/server/src/http/agent-api/routes.ts';
import { companionApi } from '../../packages/server/src/http/companion-api/routes.ts';
import { OPENAPI_DOCUMENT } from '../../packages/server/src/http/surfaces.ts';
import { verifies } from '../verifies.ts';
import { type AgentApi, type Answer, agentApi } from '../world/agent-api.ts';
import { openWorld, TOKEN, type World } from '../world/server.ts';

let world: World;
let api: AgentApi;
beforeAll(async () => {
  world = await openWorld();
  api = agentApi(world);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const invoke = (body: unknown): Promise<Answer> => api.call('POST', '/invocations', body);
const refused = (status: number, about = '') => ({ status, body: { detail: expect.stringContaining(about) } });

describe('the examples of the document', () => {
  verifies(
    [
      'agent-api/invocations',
      'agent-api/invocations-create-session',
      'agent-api/invocations-send-message',
      'agent-api/invocations-status',
      'agent-api/invocations-model',
      'agent-api/invocations-interrupt',
      'agent-api/invocations-permission-mode',
      'agent-api/invocations-server-info',
      'agent-api/invocations-close',
    ],
    'run as written, one after the other',
    async () => {
      const created = await invoke({ path: '/sessions', method: 'POST', payload: {} });
      expect(created).toMatchObject({ status: 200, body: { status: 'connected' } });
      const path_params = { session_id: String(created.body.session_id) };
      const again = { path: '/sessions', method: 'POST', payload: { resume_session_id: path_params.session_id } };
      expect((await invoke(again)).body).toEqual(created.body);
      const message = { message: scripted([{ text: '4' }]) };
      const send = { path: '/sessions/{session_id}/messages', method: 'POST', path_params, payload: message };
      expect(await invoke(send)).toMatchObject({
        status: 200,
        body: { messages: [{ type: 'text', content: '4' }], session_id: path_params.session_id, num_turns: 1 },
      });
      const status = { path: '/sessions/{session_id}/status', method: 'GET', path_params };
      expect(await invoke(status)).toMatchObject({
        status: 200,
        body: { status: 'connected', pending_permission: null },
      });
      const model = { path: '/sessions/{session_id}/model', method: 'POST', path_params };
      expect(await invoke({ ...model, payload: { model: 'claude-3-5-haiku-20241022' } })).toEqual({
        status: 200,
        body: { status: 'ok', model: 'claude-3-5-haiku-20241022' },
      });
      const mode = { path: '/sessions/{session_id}/permission_mode', method: 'POST', path_params };
      expect(await invoke({ ...mode, payload: { mode: 'acceptEdits' } })).toEqual({
        status: 200,
        body: { status: 'ok', mode: 'acceptEdits' },
      });
      const info = { path: '/sessions/{session_id}/server_info', method: 'GET', path_params };
      expect(await invoke(info)).toMatchObject({ status: 200, body: { output_style: 'default' } });
      const command = { tool: 'Bash', input: { command: 'node -e 0' } };
      const running = invoke({ ...send, payload: { message: scripted([command, { text: 'x' }]) } });
      await api.pending(path_params.session_id);
      const interrupt = { path: '/sessions/{session_id}/interrupt', method: 'POST', path_params };
      expect(await invoke(interrupt)).toEqual({ status: 200, body: { status: 'interrupted' } });
      expect((await running).status).toBe(200);
      const close = { path: '/sessions/{session_id}', method: 'DELETE', path_params };
      expect(await invoke(close)).toMatchObject({ status: 200, body: { status: 'closed' } });
    },
  );

  verifies(
    ['agent-api/invocations-curl-example', 'agent-api/health-curl-example', 'agent-api/health-active-sessions'],
    'and so do its calls of /health, which count the active sessions',
    async () => {
      const response = await fetch(`${world.server.url}/invocations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
        body: '{\n    "path": "/health",\n    "method": "GET"\n  }',
      });
      expect(await response.json()).toMatchObject({ status: 'healthy', timestamp: expect.any(String) });
      const active = async (): Promise<unknown> =>
        ((await (await fetch(`${world.server.url}/health`)).json()) as Answer['body']).active_sessions;
      const before = Number(await active());
      const sessionId = await api.create();
      expect(await active()).toBe(before + 1);
      await api.call('DELETE', `/sessions/${sessionId}`);
      expect(await active()).toBe(before);
    },
  );
});

describe('its fields', () => {
  verifies(
    [
      'agent-api/invocations-path-required',
      'agent-api/invocations-method-values',
      'agent-api/invocations-unknown-path',
    ],
    'path is needed, method is one of three, and what is no operation is not found',
    async () => {
      for (const body of [{}, { method: 'GET' }, { path: '' }, { path: 5 }])
        expect(await invoke(body)).toEqual(refused(400, 'path'));
      for (const method of ['PUT', 'PATCH', 'get', '', 5]) {
        expect(await invoke({ path: '/health', method })).toEqual(refused(400, 'method'));
      }
      for (const path of [
        '/nowhere',
        'health',
        '//health',
        '/v1/messages',
        '/v1/models',
        '/invocations',
        '/docs',
        '/api/sessions/11111111-2222-4333-8444-555555555555/events',
        'http://evil.example/health',
        '/sessions/%E0%A4%A/status',
        '/sessions/../health',
      ]) {
        for (const method of ['GET', 'POST', 'DELETE']) expect(await invoke({ path, method })).toEqual(refused(404));
      }
      expect(await invoke({ path: '/health' })).toEqual(refused(404));
      expect(await invoke({ path: '/health', method: 'GET', colour: 'red' })).toEqual(refused(400, 'colour'));
    },
  );

  verifies(
    [
      'agent-api/invocations-method-default',
      'agent-api/invocations-payload-optional',
      'agent-api/invocations-path-params',
      'agent-api/invocations-path-params-missing',
    ],
    'method is POST, payload may be left out, and every {name} needs its value',
    async () => {
      const created = await invoke({ path: '/sessions' });
      expect(created.status).toBe(200);
      const id = String(created.body.session_id);
      expect(await invoke({ path: '/sessions/{session_id}/interrupt', path_params: { session_id: id } })).toEqual(
        refused(409),
      );
      expect((await invoke({ path: `/sessions/${id}/status`, method: 'GET' })).status).toBe(200);
      expect((await invoke({ path: '/sessions/{id}/status', method: 'GET', path_params: { id } })).status).toBe(200);
      const missing = { path: '/sessions/{session_id}/status', method: 'GET' };
      expect(await invoke(missing)).toEqual(refused(400, 'session_id'));
      expect(await invoke({ ...missing, path_params: { other: id } })).toEqual(refused(400, 'session_id'));
      expect(await invoke({ ...missing, path_params: { session_id: 7 } })).toEqual(refused(400, 'session_id'));
      // A value stays within its segment.
      for (const value of [`${id}/messages`, `../sessions/${id}`, `${id}?x=1`, `${id}#`]) {
        expect(await invoke({ ...missing, path_params: { session_id: value } })).toEqual(refused(404));
      }
    },
  );

  test('a query goes with the path or beside it, and an invocation is as strict as the call itself', async () => {
    const asks = { path: '/api/asks', method: 'GET' };
    expect(await invoke({ ...asks, query: { state: 'refused' } })).toEqual({ status: 200, body: { asks: [] } });
    expect(await invoke({ ...asks, path: '/api/asks?state=refused' })).toEqual({ status: 200, body: { asks: [] } });
    expect(await invoke({ ...asks, query: { state: 'nonsense' } })).toEqual(refused(400, 'state'));
    expect(await invoke({ ...asks, path: '/api/asks?state=nonsense' })).toEqual(refused(400, 'state'));
    expect(await invoke({ path: '/sessions', payload: { model: 5 } })).toEqual(refused(400, 'model'));
    expect((await fetch(`${world.server.url}/invocations`, { method: 'POST' })).status).toBe(401);
  });

  test('the same Idempotency-Key for another path is refused', async () => {
    const [first, second] = await Promise.all([api.create(), api.create()]);
    const post = (id: string) =>
      world.request('/invocations', {
        method: 'POST',
        headers: { 'idempotency-key': 'one-invocation' },
        body: JSON.stringify({ path: `/sessions/${id}/model`, payload: { model: null } }),
      });
    expect((await post(first)).status).toBe(200);
    expect((await post(first)).status).toBe(200);
    expect((await post(second)).status).toBe(422);
  });
});

verifies(['agent-api/invocations-every-operation'], 'every operation of the API works through it', async () => {
  const paths = OPENAPI_DOCUMENT.paths as Record<string, Record<string, { responses: { 200: { content: object } } }>>;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => ({ path, method, answers: responses[200].content })),
  );
  // Signing in, and what a session in a terminal or a carrier reports, is called with tokens of its own.
  const named = new Set(
    [...agentSurface.routes, ...companionApi.routes].map(({ path }) => path.replace(/:(\w+)/g, '{$1}')),
  );
  const known = operations.filter(({ path, answers }) => named.has(path) && 'application/json' in answers);
  expect(known.length).toBeGreaterThanOrEqual(14);
  const id = '11111111-2222-4333-8444-555555555555';
  const path_params = { session_id: id, askId: id };
  const payloads: Record<string, unknown> = {
    '/sessions/{session_id}/messages': { message: 'x' },
    '/sessions/{session_id}/model': { model: null },
    '/sessions/{session_id}/permission_mode': { mode: 'plan' },
    '/sessions/{session_id}/permissions/respond': { request_id: id, allowed: false },
    '/api/asks/{askId}/answer': { decision: 'deny' },
    '/api/simulated-phone/texts': { body: 'STATUS' },
  };
  for (const { path, method } of known) {
    const payload = method === 'post' ? payloads[path] : undefined;
    const answer = await invoke({ path, method: method.toUpperCase(), path_params, payload });
    // The operation itself says that there is no such session or ask; an unknown path would say so in other words.
    const found = path.includes('{') ? 404 : 200;
    expect([path, method, answer.status]).toEqual([path, method, found]);
    expect(JSON.stringify(answer.body)).not.toContain('There is no operation');
  }
});
