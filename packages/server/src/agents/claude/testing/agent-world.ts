/** The real Claude Code against the gateway's demo model, in directories of its own, for tests. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createGateway, type GatewayOptions } from '@claude-companion/gateway';
import type { Answer, Delta, EventData, EventKind, NewEvent } from '@claude-companion/protocol';
import { systemClock } from '../../../clock.ts';
import type { Logger } from '../../../telemetry/logger.ts';
import type { AgentAsk, AgentHost, AgentProcess, AgentRunner, AgentStart, AgentUsage } from '../../agent.ts';
import { type ClaudeRunnerOptions, createClaudeRunner } from '../claude-runner.ts';

export interface AgentWorld extends AsyncDisposable {
  /** An empty project directory. */
  cwd: string;
  configDir: string;
  runtimeDir: string;
  gatewayUrl: string;
  /** `METHOD /path` of every request that reached the gateway. */
  requests: string[];
  /** Keys of processes that are alive. */
  liveKeys: Set<string>;
  runner(options?: Partial<ClaudeRunnerOptions>): AgentRunner;
  /** A start of a new session in `cwd`, unless told otherwise. */
  start(start?: Partial<AgentStart>): AgentStart;
  /** Everything the CLI has written about its sessions. */
  transcripts(): Promise<string>;
}

export interface WorldOptions {
  gateway?: Partial<GatewayOptions>;
  /** Further variables of the agents, such as proxies. */
  sourceEnv?: Record<string, string>;
}

/** Tests that mean to see retries fail would otherwise wait for minutes. */
const FEW_RETRIES = { CLAUDE_CODE_MAX_RETRIES: '1' };
const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export async function createAgentWorld(options: WorldOptions = {}): Promise<AgentWorld> {
  const base = await mkdtemp(join(tmpdir(), 'agent-'));
  const [home, cwd, configDir, runtimeDir] = ['home', 'work', 'config', 'run'].map((name) => join(base, name)) as [
    ...[string, string, string, string],
  ];
  for (const directory of [home, cwd, configDir, runtimeDir]) await mkdir(directory);
  const liveKeys = new Set<string>();
  const requests: string[] = [];
  const gateway = createGateway({
    authorize: (headers) => liveKeys.has(String(headers['x-api-key'])),
    demo: { paceMs: 0 },
    ...options.gateway,
  });
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    void gateway.handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const gatewayUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const runners: AgentRunner[] = [];

  return {
    ...{ cwd, configDir, runtimeDir, gatewayUrl, requests, liveKeys },
    runner(given = {}) {
      const access = (): ReturnType<ClaudeRunnerOptions['access']> => {
        const apiKey = `sk-ant-test-${randomUUID()}`;
        liveKeys.add(apiKey);
        return {
          access: { kind: 'gateway', baseUrl: gatewayUrl, apiKey, variables: FEW_RETRIES },
          dispose: () => void liveKeys.delete(apiKey),
        };
      };
      const sourceEnv = { PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8', TZ: 'UTC', ...options.sourceEnv };
      const parts = { configDir, runtimeDir, sourceEnv, access, clock: systemClock, logger: SILENT };
      const runner = createClaudeRunner({ ...parts, ...given });
      runners.push(runner);
      return runner;
    },
    start: (start = {}) => ({
      ...{ sessionId: randomUUID(), cwd, resume: false, model: null },
      ...{ permissionMode: 'default', systemPrompt: null, allowedTools: [], maxBudgetUsd: null },
      ...{ viaGateway: false, initialModel: start.model ?? null, fence: { name: 'test', token: 1 } },
      ...start,
    }),
    async transcripts() {
      const projects = join(configDir, 'projects');
      const names = await readdir(projects, { recursive: true }).catch((): string[] => []);
      const files = names.filter((name) => name.endsWith('.jsonl'));
      return (await Promise.all(files.map((name) => readFile(join(projects, name), 'utf8').catch(() => '')))).join('');
    },
    async [Symbol.asyncDispose]() {
      for (const runner of runners) await runner.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(base, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

type Decide = (ask: AgentAsk) => Promise<Answer> | Answer;

/** A host that remembers what it was told. Asks are decided by `decide`. */
export class RecordingHost implements AgentHost {
  readonly events: NewEvent[] = [];
  readonly usage: AgentUsage[] = [];
  readonly deltas: Delta[] = [];
  readonly asks: AgentAsk[] = [];
  /** Everything in the order it came, by a word each. */
  readonly order: string[] = [];
  exit: { error?: Error } | null = null;
  readonly #decide: Decide;

  constructor(decide: Decide = () => ({ decision: 'allow', applySuggestions: false })) {
    this.#decide = decide;
  }

  onEvents(events: NewEvent[]): void {
    this.events.push(...events);
    this.order.push(...events.map(({ kind }) => kind));
  }

  onUsage(usage: AgentUsage[]): void {
    this.usage.push(...usage);
  }

  onDelta(delta: Delta): void {
    this.deltas.push(delta);
    this.order.push('delta');
  }

  async onAsk(ask: AgentAsk): Promise<Answer> {
    this.asks.push(ask);
    this.order.push('ask');
    ask.signal.addEventListener('abort', () => this.order.push('abort'));
    return this.#decide(ask);
  }

  onExit(exit: { error?: Error }): void {
    this.exit = exit;
    this.order.push('exit');
  }

  of<K extends EventKind>(kind: K): EventData<K>[] {
    return this.events.filter((event) => event.kind === kind).map((event) => event.data as EventData<K>);
  }

  /** Resolves when `count` turns have ended, with the last of them. */
  async turnEnded(count = 1): Promise<EventData<'turn.ended'>> {
    await until(() => this.of('turn.ended').length >= count || this.exit !== null);
    const ended = this.of('turn.ended')[count - 1];
    if (!ended) throw new Error(`The process ended before its turn: ${this.exit?.error?.message}`);
    return ended;
  }
}

/** Hands over one prompt and waits for the end of its turn. */
export async function runTurn(process: AgentProcess, host: RecordingHost, text: string) {
  const ended = host.of('turn.ended').length;
  const promptId = randomUUID();
  process.prompt({ promptId, text });
  return { promptId, end: await host.turnEnded(ended + 1) };
}

/** Looks again until it holds; the test's own time limit ends a wait that does not. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(5);
}

export const NEVER = new Promise<never>(() => {});
