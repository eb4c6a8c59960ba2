/**
 * Records what the real CLI says into `fixtures/`, with everything that differs from run to run replaced, and writes beside
 * it what `translate` makes of it. Run it after a new version of the SDK and read the difference:
 *
 *     node packages/server/src/agents/claude/testing/record-fixtures.ts
 */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CanUseTool, type Query, query } from '@anthropic-ai/claude-agent-sdk';
import { type ScriptStep, scripted } from '@claude-companion/gateway';
import { agentEnvironment } from '../environment.ts';
import { findExecutable } from '../executable.ts';
import { Launch } from '../launch.ts';
import { messageUuid, PromptQueue } from '../prompt-queue.ts';
import type { ClaudeMessage } from '../translate.ts';
import { createAgentWorld } from './agent-world.ts';
import { translateAll } from './golden.ts';
import { Normaliser } from './normaliser.ts';

interface Scene {
  steps: ScriptStep[];
  canUseTool?: CanUseTool;
  /** Sees each message and may act on the running process. */
  onMessage?: (message: ClaudeMessage, running: Query, queue: PromptQueue) => void;
}

const allow: CanUseTool = async (_tool, updatedInput) => ({ behavior: 'allow', updatedInput });
const isTextPiece = (message: ClaudeMessage): boolean =>
  message.type === 'stream_event' && message.event.type === 'content_block_delta';
const bash = (command: string): ScriptStep => ({ tool: 'Bash', input: { command } });

const SCENES: Record<string, Scene> = {
  'text-and-thinking': { steps: [{ thinking: 'A thought.', text: 'A sentence in pieces.' }] },
  'tools-allowed': {
    steps: [
      { ...bash('echo one'), text: 'I look.' },
      { tools: [call('echo two'), call('echo three')] },
      { text: 'Seen.' },
    ],
  },
  'tool-denied': {
    steps: [bash('touch a'), { text: 'Then not.' }],
    canUseTool: async () => ({ behavior: 'deny', message: 'Not today.' }),
  },
  'prompt-folded-in': {
    steps: [bash('sleep 0.3'), { text: 'Both done.' }],
    onMessage(message, _running, queue) {
      if (message.type === 'assistant' && message.message.content[0]?.type === 'tool_use') {
        queue.push({ uuid: messageUuid(randomUUID()), text: 'And this.' });
      }
    },
  },
  'interrupted-while-streaming': {
    steps: [{ text: 'word '.repeat(200) }],
    onMessage: (message, running) => void (isTextPiece(message) && running.interrupt()),
  },
  'interrupted-while-asking': {
    steps: [bash('touch a')],
    canUseTool: () => new Promise(() => {}),
    onMessage: (message, running) =>
      void (message.type === 'assistant' && setTimeout(() => void running.interrupt(), 300)),
  },
  'sub-agent': {
    steps: [
      {
        tool: 'Agent',
        input: {
          description: 'look',
          prompt: scripted([bash('echo sub'), { text: 'Sub says.' }]),
          subagent_type: 'general-purpose',
          run_in_background: false,
        },
      },
      { text: 'Main says.' },
    ],
  },
  'api-error-400': { steps: [{ status: 400, message: 'scripted failure' }] },
  'api-error-529': { steps: [{ status: 529, message: 'scripted failure' }] },
};

function call(command: string): { tool: string; input: { command: string } } {
  return { tool: 'Bash', input: { command } };
}

async function record(scene: Scene): Promise<ClaudeMessage[]> {
  await using world = await createAgentWorld({ gateway: { authorize: () => true, demo: { paceMs: 20 } } });
  const { cwd, configDir, runtimeDir, gatewayUrl: baseUrl } = world;
  const access = { kind: 'gateway', baseUrl, apiKey: 'key', variables: { CLAUDE_CODE_MAX_RETRIES: '1' } } as const;
  const source = { PATH: process.env.PATH, HOME: cwd };
  const launch = new Launch({
    executable: await findExecutable(),
    environment: agentEnvironment({ source, access, configDir, runtimeDir, model: null }),
    settingSources: [],
    guard: null,
    mirror: null,
    onOwner: () => {},
    onGone: () => {},
  });
  launch.bind(scene.canUseTool ?? allow);
  const queue = new PromptQueue();
  queue.push({ uuid: messageUuid(randomUUID()), text: scripted(scene.steps) });
  const running = query({ prompt: queue, options: { ...launch.options, cwd } });
  const messages: ClaudeMessage[] = [];
  for await (const message of running as AsyncIterable<ClaudeMessage>) {
    messages.push(message);
    scene.onMessage?.(message, running, queue);
    if (
      message.type === 'command_lifecycle' &&
      message.state !== 'queued' &&
      message.state !== 'started' &&
      ended(messages)
    )
      break;
  }
  running.close();
  await launch.exited;
  return new Normaliser({ base: join(cwd, '..') }).messages(messages);
}

function ended(messages: readonly ClaudeMessage[]): boolean {
  return messages.some(({ type }) => type === 'result');
}

for (const [name, scene] of Object.entries(SCENES)) {
  const messages = await record(scene);
  const file = join(import.meta.dirname, '../fixtures', name);
  await writeFile(`${file}.jsonl`, messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
  await writeFile(`${file}.expected.json`, `${JSON.stringify(translateAll(messages), null, 2)}\n`);
  console.log(`${name}: ${messages.length} messages`);
}
