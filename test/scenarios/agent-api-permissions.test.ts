/** The permission flow as agent-api-server.md draws it: polling, answering, and what happens when nobody answers. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ask } from '@claude-companion/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deadlineOf } from '../../packages/server/src/asks/deadline.ts';
import { verifies } from '../verifies.ts';
import { type AgentApi, agentApi } from '../world/agent-api.ts';
import { openWorld, type World } from '../world/server.ts';

let world: World;
let api: AgentApi;
beforeAll(async () => {
  world = await openWorld();
  api = agentApi(world);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const file = (name: string): string => join(world.project, name);
const write = (name: string, content = 'hello\n') => ({ tool: 'Write', input: { file_path: file(name), content } });
const bash = (command: string) => ({ tool: 'Bash', input: { command } });

describe('a permission request', () => {
  verifies(
    [
      'agent-api/permission-flow',
      'agent-api/sessions-status-pending-permission',
      'agent-api/sessions-status-no-permission',
      'agent-api/permissions-respond',
      'agent-api/permissions-respond-allow',
    ],
    'keeps the message waiting, is found by polling, and its answer lets the tool run with the input that was shown',
    async () => {
      const sessionId = await api.create();
      expect((await api.call('GET', `/sessions/${sessionId}/status`)).body).toMatchObject({ pending_permission: null });
      let answered = false;
      const message = api.send(sessionId, write('asked.md'), { text: 'Written.' }).then((answer) => {
        answered = true;
        return answer;
      });
      const pending = await api.pending(sessionId);
      expect(pending).toEqual({
        request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        tool_name: 'Write',
        tool_input: { file_path: file('asked.md'), content: 'hello\n' },
        suggestions: expect.any(Array),
        expires_at: expect.any(String),
      });
      expect(existsSync(file('asked.md'))).toBe(false);
      expect(answered).toBe(false);
      const response = await api.respond(sessionId, { request_id: pending.request_id, allowed: true });
      expect(response).toMatchObject({ status: 200, body: { status: 'ok' } });
      const { status, body } = await message;
      expect(status).toBe(200);
      expect(body.messages).toEqual([
        { type: 'tool_use', tool_name: 'Write', tool_input: pending.tool_input },
        { type: 'text', content: 'Written.' },
      ]);
      expect(readFileSync(file('asked.md'), 'utf8')).toBe('hello\n');
      expect((await api.call('GET', `/sessions/${sessionId}/status`)).body).toMatchObject({ pending_permission: null });
    },
  );

  verifies(
    ['agent-api/permissions-respond-deny'],
    'that is denied keeps the tool from running, and the agent hears why and goes on',
    async () => {
      const sessionId = await api.create();
      const message = api.send(sessionId, write('denied.md'), { text: 'The tool said: {{result}}' });
      const { request_id } = await api.pending(sessionId);
      await api.respond(sessionId, { request_id, allowed: false, message: 'use another name' });
      const { body } = await message;
      expect(JSON.stringify(body.messages)).toContain('use another name');
      expect(existsSync(file('denied.md'))).toBe(false);
    },
  );

  verifies(
    ['agent-api/permissions-respond-twice', 'agent-api/permissions-respond-unknown'],
    'is answered once: a second answer, an unknown id and the id of another session change nothing and are told so',
    async () => {
      const [sessionId, other] = await Promise.all([api.create(), api.create()]);
      const message = api.send(sessionId, write('once.md'), { text: 'Done.' });
      const { request_id } = await api.pending(sessionId);
      for (const [session, id] of [
        [other, request_id],
        [sessionId, sessionId],
        [sessionId, 'perm-uuid'],
      ]) {
        const answer = await api.respond(session ?? '', { request_id: id, allowed: true });
        expect(answer).toEqual({ status: 404, body: { detail: expect.any(String) } });
      }
      expect(existsSync(file('once.md'))).toBe(false);
      expect((await api.respond(sessionId, { request_id, allowed: false })).status).toBe(200);
      const second = await api.respond(sessionId, { request_id, allowed: true });
      expect(second).toEqual({ status: 409, body: { detail: expect.any(String) } });
      await message;
      expect(existsSync(file('once.md'))).toBe(false);
      expect((await api.respond(sessionId, { request_id, allowed: true })).status).toBe(409);
    },
  );

  verifies(
    ['agent-api/permissions-respond-apply-default', 'agent-api/permissions-respond-apply'],
    'allows one call alone; with apply_suggestions also what the request suggested, in no file of the project',
    async () => {
      const sessionId = await api.create();
      const message = api.send(sessionId, write('one.md'), write('two.md'), write('three.md'), { text: 'Done.' });
      const first = await api.pending(sessionId);
      expect(first.suggestions.length).toBeGreaterThan(0);
      await api.respond(sessionId, { request_id: first.request_id, allowed: true });
      const second = await api.pending(sessionId);
      expect(second.tool_input.file_path).toBe(file('two.md'));
      await api.respond(sessionId, { request_id: second.request_id, allowed: true, apply_suggestions: true });
      const { body } = await message;
      expect(body).toMatchObject({ is_error: false });
      expect(readFileSync(file('three.md'), 'utf8')).toBe('hello\n');
      expect(existsSync(join(world.project, '.claude'))).toBe(false);
    },
  );

  verifies(
    ['agent-api/error-permission-timeout', 'agent-api/permission-never-hangs'],
    'that nobody answers is denied at its deadline; the agent goes on, and both callers are told',
    async () => {
      const sessionId = await api.create({ permission_timeout_s: 1 });
      const message = api.send(sessionId, bash('touch timeout.txt'), { text: 'The tool said: {{result}}' });
      const { request_id } = await api.pending(sessionId);
      const { status, body } = await message;
      expect(status).toBe(200);
      expect(body.errors).toEqual([{ code: 'PERMISSION_TIMEOUT', message: expect.any(String) }]);
      expect(JSON.stringify(body.messages)).toContain('Nobody answered in time');
      expect(existsSync(file('timeout.txt'))).toBe(false);
      const late = await api.respond(sessionId, { request_id, allowed: true });
      expect(late).toEqual({ status: 409, body: { detail: expect.any(String) } });
    },
  );
});

verifies(
  ['agent-api/permission-timeout-default'],
  'is denied after 24 hours when the owner can be texted, after 5 minutes when not, and when the session says',
  async () => {
    const lasts = async (options: Record<string, unknown>): Promise<number> => {
      const sessionId = await api.create(options);
      const message = api.send(sessionId, bash('touch never.txt'), { text: 'Done.' });
      const { request_id } = await api.pending(sessionId);
      const { openedAt, deadline } = (await (await world.request(`/api/asks/${request_id}`)).json()) as Ask;
      await api.respond(sessionId, { request_id, allowed: false });
      await message;
      return Date.parse(deadline) - Date.parse(openedAt);
    };
    expect(await lasts({})).toBe(86_400_000);
    expect(await lasts({ permission_timeout_s: 600 })).toBe(600_000);
    expect(deadlineOf({ openedAt: 0, reachable: false, permissionTimeoutS: null })).toBe(300_000);
  },
);

describe('a question and a plan', () => {
  test('a question is answered with words', async () => {
    const sessionId = await api.create();
    const options = [
      { label: 'red', description: '' },
      { label: 'blue', description: '' },
    ];
    const questions = [{ question: 'Which colour?', header: 'Colour', multiSelect: false, options }];
    const message = api.send(
      sessionId,
      { tool: 'AskUserQuestion', input: { questions } },
      { text: 'You said {{answer}}.' },
    );
    const { request_id, tool_name } = await api.pending(sessionId);
    expect(tool_name).toBe('AskUserQuestion');
    expect(await api.respond(sessionId, { request_id, allowed: true })).toMatchObject({ status: 409 });
    await api.respond(sessionId, { request_id, allowed: true, answers: { 'Which colour?': 'blue' } });
    expect(JSON.stringify((await message).body.messages)).toContain('You said blue.');
  });

  verifies(
    ['agent-api/permission-mode-plan'],
    'in plan mode nothing is changed before the plan is approved',
    async () => {
      const sessionId = await api.create({ permission_mode: 'plan' });
      const plan = { tool: 'ExitPlanMode', input: { plan: '# Plan\nWrite the file.' } };
      const message = api.send(sessionId, plan, write('planned.md'), { text: 'Done.' });
      const asked = await api.pending(sessionId);
      expect(asked.tool_name).toBe('ExitPlanMode');
      expect(existsSync(file('planned.md'))).toBe(false);
      await api.respond(sessionId, { request_id: asked.request_id, allowed: true, apply_suggestions: true });
      await message;
      expect(readFileSync(file('planned.md'), 'utf8')).toBe('hello\n');
    },
  );
});
