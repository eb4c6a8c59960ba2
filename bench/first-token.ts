/**
 * From a prompt to the first piece of the answer, through our runner and through the bare agent SDK, in turn in the same run
 * against the same demo model: in a live session, from a warm spare, and cold. And what an idle live session costs in memory.
 * Budget: 60 / 300 / 900 ms over the model, which answers here at once.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type Options, prewarm, type Query, query } from '@anthropic-ai/claude-agent-sdk';
import { scripted } from '@claude-companion/gateway';
import type { Delta } from '@claude-companion/protocol';
import { agentEnvironment } from '../packages/server/src/agents/claude/environment.ts';
import { findExecutable } from '../packages/server/src/agents/claude/executable.ts';
import { messageUuid, PromptQueue } from '../packages/server/src/agents/claude/prompt-queue.ts';
import {
  type AgentWorld,
  createAgentWorld,
  RecordingHost,
} from '../packages/server/src/agents/claude/testing/agent-world.ts';

const STAGES = ['live', 'warm', 'cold'] as const;
type Stage = (typeof STAGES)[number];

interface Report {
  /** Medians in milliseconds. */
  stages: Record<Stage, { oursMs: number; bareMs: number; ratio: number; addedMs: number }>;
  /** Of one idle live process after one turn; null where the system does not tell. */
  idleProcess: { rssMb: number; pssMb: number } | null;
  rounds: number;
}

const PROMPT = scripted([{ text: 'The answer in a few pieces.' }]);
/** A process that has just become ready still has work of its own; both sides get the same rest. */
const REST_MS = 1000;
const LIVE_TURNS = 4;
const ROUNDS = 6;

export async function run(): Promise<void> {
  const { stages, idleProcess, rounds } = await measure(ROUNDS);
  console.log(`medians of ${rounds} rounds (live: ${rounds * 2 * LIVE_TURNS} turns)`);
  for (const stage of STAGES) {
    const { oursMs, bareMs, ratio, addedMs } = stages[stage];
    const figures = `${oursMs.toFixed(0)} ms, bare SDK ${bareMs.toFixed(0)} ms`;
    console.log(`  ${stage}: ${figures}, ${ratio.toFixed(2)}x, ${addedMs >= 0 ? '+' : ''}${addedMs.toFixed(1)} ms`);
  }
  if (idleProcess) console.log(`  idle live session: RSS ${idleProcess.rssMb} MB, PSS ${idleProcess.pssMb} MB`);
}

async function measure(rounds: number): Promise<Report> {
  await using world = await createAgentWorld();
  const ours: Samples = { live: [], warm: [], cold: [] };
  const bare: Samples = { live: [], warm: [], cold: [] };
  // The first start of all reads 377 MB from the disk; nobody's figures should hold that.
  await oursOnce(world, { stage: 'cold', samples: { live: [], warm: [], cold: [] } });
  let memory: Report['idleProcess'] = null;
  for (let round = 0; round < rounds; round++) {
    for (const stage of ['cold', 'warm'] as const) {
      // Each side goes first as often as the other.
      if (round % 2 === 1) await bareOnce(world, { stage, samples: bare });
      memory = await oursOnce(world, { stage, samples: ours });
      if (round % 2 === 0) await bareOnce(world, { stage, samples: bare });
    }
  }
  const stages = Object.fromEntries(
    STAGES.map((stage) => [stage, compare(median(ours[stage]), median(bare[stage]))]),
  ) as Report['stages'];
  return { stages, idleProcess: memory, rounds };
}

type Samples = Record<Stage, number[]>;
interface Task {
  stage: 'warm' | 'cold';
  samples: Samples;
}

async function oursOnce(world: AgentWorld, { stage, samples }: Task): Promise<Report['idleProcess']> {
  const runner = world.runner();
  if (stage === 'warm') {
    runner.warm();
    await delay(2 * REST_MS);
  }
  const host = new TimedHost();
  const begun = performance.now();
  const agent = await runner.start(world.start(), host);
  for (let turn = 0; turn <= LIVE_TURNS; turn++) {
    const from = turn === 0 ? begun : performance.now();
    const piece = host.nextPiece();
    agent.prompt({ promptId: randomUUID(), text: PROMPT });
    samples[turn === 0 ? stage : 'live'].push((await piece) - from);
    await host.turnEnded(turn + 1);
    await delay(REST_MS / 10);
  }
  const memory = await memoryOf(agent.pid);
  await agent.close();
  await runner.close();
  return memory;
}

class TimedHost extends RecordingHost {
  #told: ((at: number) => void) | null = null;

  /** The time at which the next piece of text comes. */
  nextPiece(): Promise<number> {
    return new Promise((resolve) => {
      this.#told = resolve;
    });
  }

  override onDelta(delta: Delta): void {
    this.#told?.(performance.now());
    super.onDelta(delta);
  }
}

async function bareOnce(world: AgentWorld, { stage, samples }: Task): Promise<void> {
  const options = await bareOptions(world);
  const spare = stage === 'warm' ? await prewarm({ options }) : null;
  if (spare) await delay(2 * REST_MS);
  const queue = new PromptQueue();
  let from = performance.now();
  let running: Query | null = null;
  for (let turn = 0; turn <= LIVE_TURNS; turn++) {
    if (turn > 0) from = performance.now();
    queue.push({ uuid: messageUuid(randomUUID()), text: PROMPT });
    running ??= spare
      ? spare.claim({ prompt: queue, options: { cwd: world.cwd } })
      : query({ prompt: queue, options: { ...options, cwd: world.cwd } });
    samples[turn === 0 ? stage : 'live'].push((await firstPiece(running)) - from);
    await endOfTurn(running);
    await delay(REST_MS / 10);
  }
  running?.close();
  await delay(REST_MS / 2);
}

async function bareOptions(world: AgentWorld): Promise<Options> {
  const apiKey = `sk-ant-${randomUUID()}`;
  world.liveKeys.add(apiKey);
  const { configDir, runtimeDir, gatewayUrl: baseUrl } = world;
  const access = { kind: 'gateway', baseUrl, apiKey } as const;
  const source = { PATH: process.env.PATH, HOME: world.cwd };
  return {
    env: agentEnvironment({ source, access, configDir, runtimeDir, model: null }),
    pathToClaudeCodeExecutable: await findExecutable(),
    settingSources: [],
    strictMcpConfig: true,
    permissionMode: 'default',
    includePartialMessages: true,
    canUseTool: async (_tool, updatedInput) => ({ behavior: 'allow', updatedInput }),
  };
}

/** The time at which the first piece of text came. Reads on by hand: leaving a `for await` would end the query. */
async function firstPiece(running: Query): Promise<number> {
  while (true) {
    const { value } = await running.next();
    if (!value) throw new Error('The agent ended before it answered.');
    const isPiece = value.type === 'stream_event' && value.event.type === 'content_block_delta';
    if (isPiece) return performance.now();
  }
}

async function endOfTurn(running: Query): Promise<void> {
  while (true) {
    const { value } = await running.next();
    if (!value || value.type === 'result') return;
  }
}

async function memoryOf(pid: number | undefined): Promise<Report['idleProcess']> {
  await delay(REST_MS);
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => null);
  if (text === null) return null;
  const mb = (name: string): number =>
    Math.round(Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / 1024);
  return { rssMb: mb('Rss'), pssMb: mb('Pss') };
}

function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

function compare(oursMs: number, bareMs: number): Report['stages'][Stage] {
  return { oursMs, bareMs, ratio: oursMs / bareMs, addedMs: oursMs - bareMs };
}
