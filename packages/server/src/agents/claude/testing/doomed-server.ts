/**
 * Stands for a server that is about to be killed: starts one agent per prompt it is given on stdin, lets each get to where
 * its prompt leads, prints the process ids as one line of JSON and waits for its end.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { systemClock } from '../../../clock.ts';
import { createClaudeRunner } from '../claude-runner.ts';
import { RecordingHost, until } from './agent-world.ts';

type Stage = 'idle' | 'asking' | 'streaming' | 'ticking';

interface Orders {
  cwd: string;
  configDir: string;
  runtimeDir: string;
  gatewayUrl: string;
  apiKey: string;
  prompts: Record<Stage, string>;
}

const orders = (await json(process.stdin)) as Orders;
const { cwd, configDir, runtimeDir, gatewayUrl: baseUrl, apiKey } = orders;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const runner = createClaudeRunner({
  ...{ configDir, runtimeDir, clock: systemClock, logger: silent },
  sourceEnv: { PATH: process.env.PATH, HOME: cwd, LANG: 'C.UTF-8' },
  access: () => ({ access: { kind: 'gateway', baseUrl, apiKey } }),
});

const REACHED: Record<Stage, (host: RecordingHost) => boolean> = {
  idle: (host) => host.of('turn.ended').length > 0,
  asking: (host) => host.asks.length > 0,
  streaming: (host) => host.deltas.length > 1,
  ticking: () => existsSync(join(cwd, 'ticks.txt')),
};

const pids = await Promise.all(
  (Object.keys(REACHED) as Stage[]).map(async (stage) => {
    const host = new RecordingHost(() =>
      stage === 'ticking' ? { decision: 'allow', applySuggestions: false } : new Promise<never>(() => {}),
    );
    const start = {
      cwd,
      sessionId: randomUUID(),
      resume: false,
      model: null,
      systemPrompt: null,
      allowedTools: [],
      maxBudgetUsd: null,
    };
    const served = { viaGateway: false, initialModel: null, fence: { name: 'test', token: 1 } };
    const agent = await runner.start({ ...start, ...served, permissionMode: 'default' }, host);
    agent.prompt({ promptId: stage, text: orders.prompts[stage] });
    await until(() => REACHED[stage](host));
    return agent.pid;
  }),
);
console.log(JSON.stringify(pids));
setInterval(() => {}, 60_000);
