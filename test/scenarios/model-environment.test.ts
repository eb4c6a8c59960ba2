/** What the processes of a session find in their environment about the model: settled when the session is made. */
import { scripted } from '@claude-companion/gateway';
import { afterEach, describe, expect } from 'vitest';
import { verifies } from '../verifies.ts';
import { startRecordingModel } from '../world/recording-model.ts';
import { openWorld, type World } from '../world/server.ts';

let world: World;
afterEach(() => world[Symbol.asyncDispose]());

const NAMES = ['ANTHROPIC_BASE_URL', 'CLAUDE_CODE_USE_BEDROCK', 'DISABLE_PROMPT_CACHING'];
/** One turn in which the agent says what it finds. */
const show = scripted([
  { tool: 'Bash', input: { command: NAMES.map((name) => `echo "${name}=[$${name}]"`).join('; ') } },
  { text: 'It said {{result}}' },
]);

async function create(body: object): Promise<string> {
  const response = await world.request('/sessions', {
    method: 'POST',
    body: JSON.stringify({ project: 'my-app', allowed_tools: ['Bash'], ...body }),
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { session_id: string }).session_id;
}

/** The answer to a message, as text. */
async function say(sessionId: string, message: string): Promise<string> {
  const response = await world.request(`/sessions/${sessionId}/messages`, {
    method: 'POST',
    body: JSON.stringify({ message }),
  });
  return response.text();
}

describe('the environment of a session’s processes', () => {
  verifies(
    [
      'agent-api/proxy-sets-base-url',
      'agent-api/proxy-disables-bedrock',
      'agent-api/sessions-create-proxy',
      'agent-api/claude-keeps-caching',
    ],
    'with enable_proxy requests go through this server, without it to the operator’s own account',
    async () => {
      await using model = await startRecordingModel();
      world = await openWorld({ environment: model.environment });
      const direct = await say(await create({}), show);
      expect(direct).toContain(`ANTHROPIC_BASE_URL=[${model.environment.ANTHROPIC_BASE_URL}]`);
      expect(direct).toContain('DISABLE_PROMPT_CACHING=[]');
      const requests = model.requests.length;
      expect(requests).toBeGreaterThan(0);
      const proxied = await say(await create({ enable_proxy: true, model: 'demo' }), show);
      expect(proxied).toContain(`ANTHROPIC_BASE_URL=[${world.server.url}]`);
      expect(proxied).toContain('CLAUDE_CODE_USE_BEDROCK=[0]');
      expect(model.requests.length).toBe(requests);
    },
  );

  verifies(
    ['agent-api/proxy-scenario-gpt', 'agent-api/proxy-scenario-claude'],
    'is that of the document’s two scenarios',
    async () => {
      world = await openWorld();
      const [gpt, claude] = [
        await say(await create({ model: 'gpt-4', enable_proxy: true }), show),
        await say(await create({ model: 'claude-3-5-sonnet-20241022', enable_proxy: true }), show),
      ];
      for (const said of [gpt, claude]) {
        expect(said).toContain(`ANTHROPIC_BASE_URL=[${world.server.url}]`);
        expect(said).toContain('CLAUDE_CODE_USE_BEDROCK=[0]');
      }
      expect(gpt).toContain('DISABLE_PROMPT_CACHING=[0]');
      expect(claude).toContain('DISABLE_PROMPT_CACHING=[]');
    },
  );

  verifies(
    [
      'agent-api/model-environment-fixed',
      'agent-api/model-change-environment',
      'agent-api/non-claude-disables-caching',
    ],
    'follows from the model it was made with, also after a change of model and in a later process',
    { timeout: 60_000 },
    async () => {
      world = await openWorld();
      const [claude, other] = [await create({ model: 'claude-haiku-4-5' }), await create({ model: 'demo' })];
      expect(await say(claude, show)).toContain('DISABLE_PROMPT_CACHING=[]');
      expect(await say(other, show)).toContain('DISABLE_PROMPT_CACHING=[0]');
      for (const [id, model] of [
        [claude, 'demo'],
        [other, 'claude-haiku-4-5'],
      ]) {
        const answer = await world.request(`/sessions/${id}/model`, {
          method: 'POST',
          body: JSON.stringify({ model }),
        });
        expect(answer.status).toBe(200);
      }
      await world.restart();
      expect(await say(claude, show)).toContain('DISABLE_PROMPT_CACHING=[]');
      expect(await say(other, show)).toContain('DISABLE_PROMPT_CACHING=[0]');
    },
  );
});
