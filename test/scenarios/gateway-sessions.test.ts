/** Hosted sessions and the models they can have: which provider is asked, by which way, and what is told when none can be. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import { afterEach, describe, expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import { gatewayConfigFile } from '../world/gateway-config.ts';
import { type Asked, COMMAND, FINAL, startAnthropic, startChatProvider, TOKENS } from '../world/model-providers.ts';
import { openWorld, type World } from '../world/server.ts';

let world: World;
afterEach(() => world[Symbol.asyncDispose]());

const HELLO = scripted([{ text: 'Hello.' }]);
const KEY = 'sk-canary-0123456789abcdef';

interface Reply {
  status: number;
  body: Record<string, unknown>;
}

async function call(path: string, body: object): Promise<Reply> {
  const response = await world.request(path, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Reply['body'] };
}

const create = (body: object = {}): Promise<Reply> =>
  call('/sessions', { project: 'my-app', allowed_tools: ['Bash'], ...body });
const say = (created: Reply, message = 'Say a word.'): Promise<Reply> =>
  call(`/sessions/${created.body.session_id}/messages`, { message });
interface ChatMessage {
  role: string;
  content?: unknown;
  tool_calls?: { function: { arguments: string } }[];
}

const messagesOf = (asked: Asked | undefined): ChatMessage[] => (asked?.body.messages ?? []) as ChatMessage[];
const usage = async (): Promise<Record<string, Record<string, unknown>[]>> =>
  (await (await world.request('/api/usage')).json()) as Record<string, Record<string, unknown>[]>;

describe('with another provider’s key only', () => {
  verifies(
    ['agent-api/gateway-openai', 'agent-api/gateway-provider-keys'],
    'the real Claude Code finishes a tool loop with gpt-4o, and what it cost is known',
    { timeout: 60_000 },
    async () => {
      await using openai = await startChatProvider();
      world = await openWorld({ environment: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: `${openai.url}/v1` } });
      const session = await create({ model: 'gpt-4o' });
      const answer = await say(session);
      expect(JSON.stringify(answer.body)).toContain(FINAL);
      expect(readFileSync(join(world.project, 'word.txt'), 'utf8')).toBe('a word from the shell\n');
      expect(openai.asked.map(({ path, headers, body }) => [path, headers.authorization, body.model])).toEqual([
        ['/v1/chat/completions', `Bearer ${KEY}`, 'gpt-4o'],
        ['/v1/chat/completions', `Bearer ${KEY}`, 'gpt-4o'],
      ]);
      const { tool_calls: [made] = [] } = messagesOf(openai.asked[1]).find(({ tool_calls }) => tool_calls) ?? {};
      expect(JSON.parse(made?.function.arguments ?? '{}')).toMatchObject({ command: COMMAND });
      expect(messagesOf(openai.asked[1]).at(-1)).toMatchObject({ role: 'tool', content: 'a word from the shell' });

      const { sessions, people, days, models } = await usage();
      const costUsd = (2 * (600 * 2.5 + TOKENS.cached * 1.25 + TOKENS.output * 10)) / 1e6;
      const sum = { answers: 2, inputTokens: 1200, cacheReadTokens: 800, outputTokens: 200, estimated: false };
      expect(sessions).toEqual([expect.objectContaining({ ...sum, sessionId: session.body.session_id })]);
      expect(people).toEqual([expect.objectContaining({ ...sum, role: 'owner' })]);
      expect(days).toEqual([expect.objectContaining(sum)]);
      expect(models).toEqual([expect.objectContaining({ ...sum, provider: 'openai', model: 'gpt-4o' })]);
      expect(sessions?.[0]?.costUsd).toBeCloseTo(costUsd, 10);
      // The agent's own figure for a model it does not know is made up; ours is told in its place.
      expect((answer.body as { cost_usd: number }).cost_usd).toBeCloseTo(costUsd, 10);
      expect(world.logs.join('\n')).not.toContain(KEY);
    },
  );

  test('a session that names no model is told what to do, and the demo model still works', {
    timeout: 60_000,
  }, async () => {
    world = await openWorld({ environment: { OPENAI_API_KEY: KEY } });
    expect(world.server.model).toMatchObject({ kind: 'gateway', label: expect.stringContaining('ANTHROPIC_MODEL') });
    expect(await create()).toEqual({
      status: 400,
      body: {
        detail:
          'This server has no account at Anthropic and no default model. Send "model" (such as o4-mini; "demo" always works), or set ANTHROPIC_MODEL where the server starts.',
      },
    });
    for (const model of ['claude-sonnet-5', 'sonnet']) {
      const { status, body } = await create({ model });
      expect([status, body.detail]).toEqual([400, expect.stringContaining('set ANTHROPIC_API_KEY')]);
    }
    const demo = await say(await create({ model: 'demo' }), HELLO);
    expect(demo).toMatchObject({ status: 200, body: { is_error: false } });
  });

  test('ANTHROPIC_MODEL is the model of sessions that name none', { timeout: 60_000 }, async () => {
    await using openai = await startChatProvider();
    const environment = { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: `${openai.url}/v1` };
    world = await openWorld({ environment, settings: { ANTHROPIC_MODEL: 'gpt-4o-mini', WARM_AGENTS: 'true' } });
    expect(world.server.model.label).toContain('gpt-4o-mini where a session names none');
    expect(JSON.stringify((await say(await create())).body)).toContain(FINAL);
    expect(openai.asked[0]?.body.model).toBe('gpt-4o-mini');
  });

  test('an unknown model is refused when the session is made and when it is changed', async () => {
    world = await openWorld({ environment: { OPENAI_API_KEY: KEY } });
    const unknown = { status: 400, body: { detail: expect.stringContaining('No provider is known for this name') } };
    expect(await create({ model: 'no-such-model' })).toEqual(unknown);
    const session = await create({ model: 'demo' });
    expect(await call(`/sessions/${session.body.session_id}/model`, { model: 'no-such-model' })).toEqual(unknown);
    const { body } = await call('/sessions', { resume_session_id: session.body.session_id, model: 'gemini-2.5-flash' });
    expect(body.detail).toContain('set GEMINI_API_KEY');
  });
});

test('a budget that cannot be kept stops the session: the chain came to a model without a price', {
  timeout: 60_000,
}, async () => {
  await using lab = await startChatProvider();
  using file = gatewayConfigFile({
    providers: { lab: { baseUrl: `${lab.url}/v1` } },
    fallbacks: { 'gpt-4o': ['lab/qwen3'] },
  });
  world = await openWorld({
    environment: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' },
    settings: { GATEWAY_CONFIG: file.path },
  });
  const { body } = await say(await create({ model: 'gpt-4o', max_budget_usd: 1 }));
  expect(body).toMatchObject({ is_error: true, cost_usd: null });
  expect(JSON.stringify(body)).toContain('PRICE_UNKNOWN');
  expect(lab.asked).toHaveLength(1);
});

describe('with an account at Anthropic', () => {
  verifies(
    ['agent-api/gateway-anthropic'],
    'enable_proxy sends the real Claude Code through the gateway to it, byte by byte, and it finishes a tool loop',
    { timeout: 60_000 },
    async () => {
      await using anthropic = await startAnthropic();
      world = await openWorld({ environment: { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: anthropic.url } });
      const session = await create({ model: 'claude-sonnet-4-5', enable_proxy: true });
      expect(JSON.stringify((await say(session)).body)).toContain(FINAL);
      expect(anthropic.asked.map(({ path, headers }) => [path, headers['x-api-key']])).toEqual([
        ['/v1/messages?beta=true', KEY],
        ['/v1/messages?beta=true', KEY],
      ]);
      expect(anthropic.asked.every(({ headers }) => 'x-companion-hop' in headers)).toBe(true);
      // Counted by the gateway, and only there.
      const { models } = await usage();
      expect(models).toEqual([
        expect.objectContaining({ provider: 'anthropic', model: 'claude-sonnet-4-5', answers: 2, outputTokens: 200 }),
      ]);
      expect(models?.[0]?.costUsd).toBeCloseTo((2 * (600 * 3 + 400 * 0.3 + 100 * 15)) / 1e6, 10);
    },
  );

  test('a session goes to it directly; its cost is the agent’s own figure, over several turns and a resume', {
    timeout: 60_000,
  }, async () => {
    await using anthropic = await startAnthropic();
    world = await openWorld({ environment: { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: anthropic.url } });
    const session = await create({ model: 'claude-sonnet-4-5' });
    await say(session);
    await say(session);
    await world.restart();
    await say(session);
    expect(anthropic.asked.every(({ headers }) => !('x-companion-hop' in headers))).toBe(true);
    const requests = anthropic.asked.length;
    const { models, sessions } = await usage();
    expect(models).toEqual([
      expect.objectContaining({ provider: 'anthropic', model: 'claude-sonnet-4-5', outputTokens: requests * 100 }),
    ]);
    expect(sessions?.[0]?.costUsd).toBeCloseTo((requests * (600 * 3 + 400 * 0.3 + 100 * 15)) / 1e6, 8);
  });

  test('a model of another provider goes through the gateway, and cannot be changed to in a direct session', {
    timeout: 60_000,
  }, async () => {
    await using anthropic = await startAnthropic();
    await using ollama = await startChatProvider();
    using file = gatewayConfigFile({ aliases: { local: 'ollama/llama3.3' } });
    world = await openWorld({
      environment: {
        ANTHROPIC_API_KEY: KEY,
        ANTHROPIC_BASE_URL: anthropic.url,
        OLLAMA_BASE_URL: `${ollama.url}/v1`,
      },
      settings: { GATEWAY_CONFIG: file.path },
    });
    expect(JSON.stringify((await say(await create({ model: 'local' }))).body)).toContain(FINAL);
    expect(ollama.asked[0]?.body.model).toBe('llama3.3');
    // What nobody put a price on is unknown, not free.
    const { sessions } = await usage();
    expect(sessions?.[0]).toMatchObject({ costUsd: null, knownCostUsd: 0, outputTokens: 200 });
    const direct = await create({ model: 'claude-sonnet-4-5' });
    expect(await call(`/sessions/${direct.body.session_id}/model`, { model: 'local' })).toEqual({
      status: 400,
      body: { detail: expect.stringContaining('Start a new session with that model') },
    });
    expect(anthropic.asked).toEqual([]);
  });

  test('the demo model answers only when it is named', { timeout: 60_000 }, async () => {
    world = await openWorld({ environment: { CLAUDE_CODE_OAUTH_TOKEN: KEY } });
    expect(await say(await create({ model: 'demo' }), HELLO)).toMatchObject({ body: { is_error: false } });
    // The gateway cannot use that credential: no script may stand in for the model.
    const proxied = await create({ model: 'claude-sonnet-5', enable_proxy: true });
    expect([proxied.status, proxied.body.detail]).toEqual([400, expect.stringContaining('set ANTHROPIC_API_KEY')]);
    expect(await create({ model: 'no-such-model' })).toMatchObject({ status: 400 });
    expect((await create({ model: 'opus' })).status).toBe(200);
  });
});
