/** How processes begin and end: resumed, killed, closed in the middle of an ask, refused, orphaned by their server. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentWorld, createAgentWorld, NEVER, RecordingHost, runTurn, until } from './testing/agent-world.ts';

let world: AgentWorld;
beforeAll(async () => {
  world = await createAgentWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const touch = (file: string) => ({ tool: 'Bash', input: { command: `touch ${file}` } });

/** A session whose process waits for the decision about `touch <file>`, which is on record. */
async function askingSession(file: string) {
  const start = world.start();
  const host = new RecordingHost(() => NEVER);
  const process = await world.runner().start(start, host);
  process.prompt({ promptId: `prompt-${file}`, text: scripted([touch(file), { text: 'Done.' }]) });
  await until(() => host.asks.length > 0);
  await until(async () => (await world.transcripts()).includes(host.asks[0]?.toolUseId ?? 'none'));
  return { start, host, process };
}

describe('a session that goes on', () => {
  it('is resumed by another runner with its history and its costs', async () => {
    const start = world.start();
    const before = new RecordingHost();
    const first = world.runner();
    expect(await first.hasTranscript(start)).toBe(false);
    const process = await first.start(start, before);
    const { end } = await runTurn(process, before, scripted([{ text: 'One.' }, { text: 'Two.' }]));
    await process.close();

    const second = world.runner();
    expect(await second.hasTranscript(start)).toBe(true);
    expect(await second.hasTranscript({ ...start, cwd: join(world.cwd, 'elsewhere') })).toBe(true);
    await expect(second.start(start, before)).rejects.toMatchObject({ code: 'SESSION_INVALID_STATE' });
    const after = new RecordingHost();
    const resumed = await second.start({ ...start, resume: true }, after);
    // The script came with the first prompt: its second step shows that the model got the history.
    const next = await runTurn(resumed, after, 'Go on.');
    await resumed.close();
    expect(next.end).toMatchObject({ outcome: 'completed', text: 'Two.' });
    expect(next.end.totalCostUsd).toBeGreaterThan(end.totalCostUsd ?? Number.POSITIVE_INFINITY);
  });

  it('starts anew over what a process left that never took a prompt', async () => {
    const start = world.start();
    const directory = join(world.configDir, 'projects', start.cwd.replace(/[^a-zA-Z0-9]/g, '-'));
    await mkdir(directory, { recursive: true });
    const line = {
      type: 'queue-operation',
      operation: 'enqueue',
      sessionId: start.sessionId,
      content: '"type":"user"',
    };
    await writeFile(join(directory, `${start.sessionId}.jsonl`), `${JSON.stringify(line)}\n`);
    const host = new RecordingHost();
    const runner = world.runner();
    expect(await runner.hasTranscript(start)).toBe(false);
    await expect(runner.start({ ...start, resume: true }, host)).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
    const process = await runner.start(start, host);
    expect((await runTurn(process, host, scripted([{ text: 'Hello.' }]))).end.outcome).toBe('completed');
    await process.close();
  });
});

describe('a process that ends', () => {
  it('by SIGKILL during an ask: tells its end, then aborts the ask; the session can be resumed', async () => {
    const { start, host, process: agent } = await askingSession('killed.txt');
    process.kill(agent.pid ?? Number.NaN, 'SIGKILL');
    await until(() => host.asks[0]?.signal.aborted === true);
    expect(host.exit?.error).toMatchObject({ code: 'AICLI_CRASH', message: expect.stringContaining('SIGKILL') });
    expect(host.order.slice(-2)).toEqual(['exit', 'abort']);
    await agent.close();

    const after = new RecordingHost();
    const runner = world.runner();
    expect(await runner.hasPrompt({ ...start, promptId: 'prompt-killed.txt' })).toBe(true);
    const resumed = await runner.start({ ...start, resume: true }, after);
    expect((await runTurn(resumed, after, scripted([{ text: 'Here again.' }]))).end.outcome).toBe('completed');
    await resumed.close();
  });

  it('by close during an ask: leaves the call open in the transcript and asks the model nothing', async () => {
    const { host, process: agent } = await askingSession('closed.txt');
    const asked = world.requests.length;
    await agent.close();
    expect(host.exit).toEqual({});
    expect(host.order.slice(-2)).toEqual(['exit', 'abort']);
    expect(world.requests.length).toBe(asked);
    expect(await world.transcripts()).not.toContain(`"tool_use_id":"${host.asks[0]?.toolUseId}"`);
    expect(existsSync(join(world.cwd, 'closed.txt'))).toBe(false);
  });

  it('by close during a tool: takes the tool with it', async () => {
    const host = new RecordingHost();
    const agent = await world.runner().start(world.start(), host);
    const command = 'while true; do echo tick >> ticks.txt; sleep 0.05; done';
    agent.prompt({ promptId: 'ticking', text: scripted([{ tool: 'Bash', input: { command } }]) });
    await until(() => existsSync(join(world.cwd, 'ticks.txt')));
    await agent.close();
    await expectQuiet(join(world.cwd, 'ticks.txt'));
  });

  it('with its server: whether it waits, streams or runs a tool', async () => {
    await using slow = await createAgentWorld({ gateway: { demo: { paceMs: 40 } } });
    const ticks = join(slow.cwd, 'ticks.txt');
    const prompts = {
      idle: scripted([{ text: 'Hi.' }]),
      asking: scripted([touch('orphan.txt')]),
      streaming: scripted([{ text: 'word '.repeat(2000) }]),
      ticking: scripted([
        { tool: 'Bash', input: { command: `while true; do echo tick >> ${ticks}; sleep 0.05; done` } },
      ]),
    };
    const server = spawn(process.execPath, [join(import.meta.dirname, 'testing/doomed-server.ts')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const apiKey = 'key-of-the-doomed';
    slow.liveKeys.add(apiKey);
    const { cwd, configDir, runtimeDir, gatewayUrl } = slow;
    server.stdin.end(JSON.stringify({ cwd, configDir, runtimeDir, gatewayUrl, apiKey, prompts }));
    const pids = await firstLine(server.stdout);
    process.kill(server.pid ?? Number.NaN, 'SIGKILL');
    await until(() => JSON.parse(pids).every((pid: number) => !isAlive(pid)));
    await expectQuiet(ticks);
    const transcripts = await slow.transcripts();
    expect(transcripts).toContain('"type":"tool_use"');
    expect(transcripts).not.toContain('"type":"tool_result"');
  });
});

describe('a start that cannot be', () => {
  const host = new RecordingHost();

  it('names a directory that is missing or none', async () => {
    const runner = world.runner();
    const cwd = join(world.cwd, 'missing');
    const refusal = { code: 'WORKING_DIRECTORY_MISSING', message: expect.stringContaining(cwd) };
    await expect(runner.start(world.start({ cwd }), host)).rejects.toMatchObject(refusal);
    await writeFile(join(world.cwd, 'file'), '');
    await expect(runner.start(world.start({ cwd: join(world.cwd, 'file') }), host)).rejects.toMatchObject({
      code: 'WORKING_DIRECTORY_MISSING',
    });
  });

  it('says what to do when there is no executable, or one that is not Claude Code', async () => {
    const missing = world.runner({ executable: join(world.cwd, 'no-claude') });
    await expect(missing.start(world.start(), host)).rejects.toMatchObject({
      code: 'AICLI_UNAVAILABLE',
      message: expect.stringContaining('Install Claude Code'),
    });
    const keys = world.liveKeys.size;
    await expect(world.runner({ executable: '/bin/false' }).start(world.start(), host)).rejects.toMatchObject({
      code: 'AICLI_UNAVAILABLE',
      message: expect.stringContaining('exited with code 1'),
    });
    expect(world.liveKeys.size).toBe(keys);
    expect(host.exit).toBe(null);
  });

  it('never runs without anybody being asked', async () => {
    const start = world.start({ permissionMode: 'bypassPermissions' });
    await expect(world.runner().start(start, host)).rejects.toMatchObject({ code: 'INVALID_PARAMETERS' });
  });
});

/** A process that nobody has buried yet is dead too. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Nobody writes to the file any more: after an end mark of ours comes nothing. */
async function expectQuiet(file: string): Promise<void> {
  await appendFile(file, 'END');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect((await readFile(file, 'utf8')).endsWith('END')).toBe(true);
}

function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.setEncoding('utf8');
    stream.on('data', (part: string) => {
      text += part;
      if (text.includes('\n')) resolve(text);
    });
    stream.once('end', () => reject(new Error('The doomed server ended before it was killed.')));
  });
}
