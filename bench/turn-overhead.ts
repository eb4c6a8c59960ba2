/**
 * What the server adds to a turn: `POST /messages` against the bare agent SDK with the same prompts, turn about in one run
 * against the same demo model. And from `POST /sessions` to the first answer, with and without a warm spare.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Options, query, type SDKUserMessage } from '@anthropic-ai/claude-agent-sdk';
import { createGateway, scripted } from '@claude-companion/gateway';
import { agentEnvironment } from '../packages/server/src/agents/claude/environment.ts';
import { findExecutable } from '../packages/server/src/agents/claude/executable.ts';
import { type AgentApi, agentApi } from '../test/world/agent-api.ts';
import { openWorld } from '../test/world/server.ts';

const TURNS = 40;
const FIRST_TURNS = 6;
/** A spare needs half a second and a rest of two before it is made again. */
const REST_MS = 4_000;
const PROMPT = scripted([{ text: 'The answer in a few pieces.' }]);

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

export async function run(): Promise<void> {
  await using world = await openWorld({ settings: { LOG_LEVEL: 'warn' } });
  const api = agentApi(world);
  await using bare = await startBare(world.project);
  const sessionId = await api.create();
  const ours: number[] = [];
  const theirs: number[] = [];
  await send(api, sessionId);
  await bare.turn();
  for (let turn = 0; turn < TURNS; turn++) {
    ours.push(await timed(() => send(api, sessionId)));
    theirs.push(await timed(() => bare.turn()));
  }
  const [added, floor] = [median(ours), median(theirs)];
  console.log(
    `a turn, median of ${TURNS}: ${added.toFixed(1)} ms through POST /messages, ${floor.toFixed(1)} ms with the bare SDK`,
  );
  console.log(`ratio of medians: ${(added / floor).toFixed(2)} (adds ${(added - floor).toFixed(1)} ms)`);
  for (const warm of [false, true]) await firstTurns(warm);
}

async function send(api: AgentApi, sessionId: string): Promise<void> {
  const { status, body } = await api.call('POST', `/sessions/${sessionId}/messages`, { message: PROMPT });
  if (status !== 200 || body.is_error) throw new Error(`the turn failed: ${JSON.stringify(body)}`);
}

/** From the request that makes a session to its first answer. */
async function firstTurns(warm: boolean): Promise<void> {
  await using world = await openWorld({
    settings: { LOG_LEVEL: 'warn', WARM_AGENTS: String(warm), MAX_LIVE_AGENTS: '8' },
  });
  const api = agentApi(world);
  const created: number[] = [];
  const answered: number[] = [];
  for (let round = 0; round < FIRST_TURNS; round++) {
    await rest(warm ? REST_MS : 500);
    let sessionId = '';
    const creating = await timed(async () => {
      sessionId = await api.create();
    });
    created.push(creating);
    answered.push(creating + (await timed(() => send(api, sessionId))));
    await api.call('DELETE', `/sessions/${sessionId}`);
  }
  console.log(
    `${warm ? 'with' : 'without'} a warm spare, median of ${FIRST_TURNS}: created in ${median(created).toFixed(1)} ms, ` +
      `first turn answered ${Math.round(median(answered))} ms after the request to create`,
  );
}

interface Bare extends AsyncDisposable {
  turn(): Promise<void>;
}

/** One live process of the SDK alone, with the options and the environment that ours has. */
async function startBare(cwd: string): Promise<Bare> {
  const directory = mkdtempSync(join(tmpdir(), 'companion-bare-'));
  const gateway = createGateway({ authorize: () => true, demo: { paceMs: 0 } });
  const server = createServer((request, response) => void gateway.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const waiting: ((prompt: SDKUserMessage | null) => void)[] = [];
  async function* prompts(): AsyncGenerator<SDKUserMessage> {
    for (;;) {
      const prompt = await new Promise<SDKUserMessage | null>((resolve) => waiting.push(resolve));
      if (!prompt) return;
      yield prompt;
    }
  }
  const access = { kind: 'gateway' as const, baseUrl, apiKey: 'none' };
  const options: Options = {
    cwd,
    env: agentEnvironment({
      source: { PATH: process.env.PATH, HOME: directory },
      access,
      configDir: join(directory, 'config'),
      runtimeDir: directory,
      model: null,
    }),
    pathToClaudeCodeExecutable: await findExecutable(undefined),
    settingSources: [],
    strictMcpConfig: true,
    permissionMode: 'default',
    includePartialMessages: true,
    forwardSubagentText: true,
    canUseTool: async () => ({ behavior: 'deny', message: 'no' }),
  };
  const running = query({ prompt: prompts(), options });
  await running.initializationResult();
  const messages = running[Symbol.asyncIterator]();
  return {
    async turn() {
      const next = waiting.shift();
      next?.({
        type: 'user',
        message: { role: 'user', content: PROMPT },
        parent_tool_use_id: null,
        uuid: randomUUID(),
      });
      for (;;) {
        const { value, done } = await messages.next();
        if (done) throw new Error('the bare process ended');
        if (value.type === 'result') return;
      }
    },
    async [Symbol.asyncDispose]() {
      waiting.shift()?.(null);
      running.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await gateway.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
