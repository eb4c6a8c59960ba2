/** What steers a session of the agent API: interrupt, model, permission mode; and what the agent can do. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { verifies } from '../verifies.ts';
import { type AgentApi, agentApi } from '../world/agent-api.ts';
import { type RecordingModel, startRecordingModel } from '../world/recording-model.ts';
import { openWorld, type World } from '../world/server.ts';

let model: RecordingModel;
let world: World;
let api: AgentApi;
beforeAll(async () => {
  model = await startRecordingModel();
  world = await openWorld({ environment: model.environment });
  api = agentApi(world);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
});

const touch = (name: string) => ({ tool: 'Bash', input: { command: `touch ${name}` } });

describe('control', () => {
  verifies(
    ['agent-api/interrupt', 'agent-api/interrupt-goes-on'],
    'interrupt stops the turn, the waiting message is answered, and the session takes the next one',
    async () => {
      const sessionId = await api.create();
      expect(await api.call('POST', `/sessions/${sessionId}/interrupt`)).toMatchObject({ status: 409 });
      const message = api.send(sessionId, touch('stopped.txt'), { text: 'x' });
      await api.pending(sessionId);
      expect(await api.call('POST', `/sessions/${sessionId}/interrupt`)).toEqual({
        status: 200,
        body: { status: 'interrupted' },
      });
      expect((await message).status).toBe(200);
      expect((await api.call('GET', `/sessions/${sessionId}/status`)).body.pending_permission).toBeNull();
      const next = await api.send(sessionId, { text: 'Next.' });
      expect(next).toMatchObject({ status: 200, body: { messages: [{ content: 'Next.' }] } });
    },
  );

  verifies(
    [
      'agent-api/model-change',
      'agent-api/model-change-null',
      'agent-api/model-at-runtime',
      'agent-api/model-default-word',
    ],
    'the next message uses the model that was set; null is the default one; the conversation goes on',
    async () => {
      await using defaults = await openWorld({
        environment: model.environment,
        settings: { ANTHROPIC_MODEL: 'claude-3-5-haiku-20241022' },
      });
      const caller = agentApi(defaults);
      const sessionId = await caller.create({ model: 'claude-opus-5-5' });
      await caller.send(sessionId, { text: 'The word is heron.' });
      const set = (name: unknown) => caller.call('POST', `/sessions/${sessionId}/model`, { model: name });
      for (const [name, used] of [
        ['claude-sonnet-4-5', 'claude-sonnet-4-5'],
        [null, 'claude-3-5-haiku-20241022'],
      ]) {
        expect(await set(name)).toEqual({ status: 200, body: { status: 'ok', model: name } });
        await caller.send(sessionId, { text: 'Here.' });
        expect(model.requests.at(-1)).toMatchObject({
          model: used,
          messages: expect.stringContaining('The word is heron.'),
        });
      }
      expect((await set(7)).status).toBe(400);
      expect((await caller.call('POST', `/sessions/${sessionId}/model`, {})).status).toBe(400);
    },
  );

  verifies(['agent-api/model-short-names'], 'haiku and sonnet stand for the current models of that name', async () => {
    const sessionId = await api.create();
    for (const name of ['haiku', 'sonnet']) {
      await api.call('POST', `/sessions/${sessionId}/model`, { model: name });
      await api.send(sessionId, { text: 'Here.' });
      expect(model.requests.at(-1)?.model).toMatch(new RegExp(`^claude-.*${name}`));
    }
  });

  verifies(
    [
      'agent-api/permission-mode',
      'agent-api/permission-mode-values',
      'agent-api/permission-mode-default',
      'agent-api/permission-mode-accept-edits',
      'agent-api/permission-write-tools-ask',
    ],
    'in default every write tool asks; in acceptEdits a file edit does not, a command still does',
    async () => {
      const sessionId = await api.create();
      const file = join(world.project, 'mode.md');
      const write = { tool: 'Write', input: { file_path: file, content: 'one\n' } };
      const edit = { tool: 'Edit', input: { file_path: file, old_string: 'one', new_string: 'two' } };
      const asked: string[] = [];
      const follow = async (...steps: Parameters<AgentApi['send']>[1][]): Promise<void> => {
        let done = false;
        const message = api.send(sessionId, ...steps, { text: 'Done.' }).finally(() => {
          done = true;
        });
        while (!done) {
          const { body } = await api.call('GET', `/sessions/${sessionId}/status`);
          const pending = body.pending_permission as { request_id: string; tool_name: string } | null;
          if (!pending) continue;
          const answer = await api.respond(sessionId, { request_id: pending.request_id, allowed: true });
          if (answer.status === 200) asked.push(pending.tool_name);
        }
        await message;
      };
      await follow(write, edit, touch('mode.txt'));
      expect(asked).toEqual(['Write', 'Edit', 'Bash']);
      expect(readFileSync(file, 'utf8')).toBe('two\n');

      const set = (mode: unknown) => api.call('POST', `/sessions/${sessionId}/permission_mode`, { mode });
      expect(await set('acceptEdits')).toEqual({ status: 200, body: { status: 'ok', mode: 'acceptEdits' } });
      asked.length = 0;
      await follow(
        { ...write, input: { ...write.input, content: 'three\n' } },
        {
          tool: 'Bash',
          input: { command: 'node -e 0' },
        },
      );
      expect(asked).toEqual(['Bash']);
      expect(readFileSync(file, 'utf8')).toBe('three\n');

      for (const mode of ['default', 'plan']) expect((await set(mode)).status).toBe(200);
      for (const mode of ['auto', 'dontAsk', '', 5, null]) {
        expect(await set(mode)).toEqual({ status: 400, body: { detail: expect.any(String) } });
      }
      expect(await set('bypassPermissions')).toEqual({
        status: 403,
        body: { detail: expect.stringContaining('nobody would be asked') },
      });
    },
  );

  verifies(
    ['agent-api/server-info'],
    'server_info tells what the agent can do, with a process and without one',
    async () => {
      const sessionId = await api.create();
      const path = `/sessions/${sessionId}/server_info`;
      await using fresh = await openWorld();
      const cold = agentApi(fresh);
      const answers = [
        await cold.call('GET', `/sessions/${await cold.create()}/server_info`),
        await api.send(sessionId, { text: 'Here.' }).then(() => api.call('GET', path)),
      ];
      for (const { status, body } of answers) {
        expect(status).toBe(200);
        expect(body.output_style).toBe('default');
        expect(body.commands).toContainEqual({
          name: 'compact',
          description: expect.any(String),
          argument_hint: expect.any(String),
        });
        expect(body.capabilities).toMatchObject({ models: expect.any(Array), agents: expect.any(Array) });
        expect(JSON.stringify(body)).not.toMatch(/apiKeySource|tokenSource|email/);
      }
    },
  );
});
