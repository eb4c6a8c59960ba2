import { lstat, mkdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import { expect, it } from 'vitest';
import { type Clock, systemClock } from '../../clock.ts';
import type { AgentRunner } from '../agent.ts';
import { type AgentWorld, createAgentWorld, RecordingHost, runTurn, until } from './testing/agent-world.ts';

/** So that the next spare does not come into a test that a busy machine makes slow. */
const unhurried: Clock = {
  now: () => systemClock.now(),
  after: (ms, callback) => systemClock.after(ms * 30, callback),
};

/** A runner whose spare is ready: it was given its key when its process was started. */
async function warmRunner(world: AgentWorld): Promise<AgentRunner> {
  const keys = world.liveKeys.size;
  const runner = world.runner({ clock: unhurried });
  runner.warm();
  await until(() => world.liveKeys.size > keys);
  return runner;
}

async function speak(world: AgentWorld, runner: AgentRunner, start = world.start()) {
  const host = new RecordingHost();
  const agent = await runner.start(start, host);
  const { end } = await runTurn(agent, host, scripted([{ text: 'Hello.' }]));
  await agent.close();
  expect(host.events.every(({ sessionId }) => sessionId === start.sessionId)).toBe(true);
  return end;
}

const linkOf = (world: AgentWorld, sessionId: string): string =>
  join(world.configDir, 'projects', world.cwd.replace(/[^a-zA-Z0-9]/g, '-'), `${sessionId}.jsonl`);

it('serves a session, which goes on under its own id afterwards', async () => {
  await using world = await createAgentWorld();
  const runner = await warmRunner(world);
  const start = world.start({ model: 'claude-haiku-4-5', permissionMode: 'acceptEdits' });
  const keys = world.liveKeys.size;
  expect(await speak(world, runner, start)).toMatchObject({ outcome: 'completed', text: 'Hello.' });
  // No second process was started for it, and the one there was is gone.
  expect(world.liveKeys.size).toBe(keys - 1);
  expect(await readlink(linkOf(world, start.sessionId))).toMatch(/^[0-9a-f-]{36}\.jsonl$/);
  expect(await runner.hasTranscript(start)).toBe(true);

  const cold = world.runner();
  expect(await cold.hasTranscript(start)).toBe(true);
  expect(await speak(world, cold, { ...start, resume: true })).toMatchObject({ outcome: 'completed' });
});

it.each([{ systemPrompt: 'You are terse.' }, { allowedTools: ['Bash(ls:*)'] }, { model: 'gpt-4' }])(
  'is left alone by a session it does not fit: %j',
  async (given) => {
    await using world = await createAgentWorld();
    const runner = await warmRunner(world);
    const keys = world.liveKeys.size;
    const agent = await runner.start(world.start(given), new RecordingHost());
    expect(world.liveKeys.size).toBe(keys + 1);
    await agent.close();
    await until(() => world.liveKeys.size === keys);
  },
);

it('that died is no obstacle', async () => {
  await using world = await createAgentWorld();
  const runner = world.runner({ executable: '/bin/false' });
  runner.warm();
  await expect(runner.start(world.start(), new RecordingHost())).rejects.toMatchObject({ code: 'AICLI_UNAVAILABLE' });
  await until(() => world.liveKeys.size === 0);
});

it('that refuses the directory gives way to a process of its own', async () => {
  await using world = await createAgentWorld();
  await mkdir(join(world.cwd, '.claude'));
  // A spare cannot take up a model from the settings of the repository.
  await writeFile(join(world.cwd, '.claude/settings.json'), JSON.stringify({ model: 'claude-haiku-4-5' }));
  const runner = world.runner({ settingSources: ['project'] });
  runner.warm();
  await until(() => world.liveKeys.size > 0);
  const start = world.start();
  expect(await speak(world, runner, start)).toMatchObject({ outcome: 'completed', text: 'Hello.' });
  expect((await lstat(linkOf(world, start.sessionId))).isSymbolicLink()).toBe(false);
});

it('that was killed is replaced by a process of its own', async () => {
  await using world = await createAgentWorld();
  const runner = await warmRunner(world);
  await until(async () => (await sparesOfThisProcess()).length > 0);
  for (const pid of await sparesOfThisProcess()) process.kill(pid, 'SIGKILL');
  expect(await speak(world, runner)).toMatchObject({ outcome: 'completed' });
});

it('ends with the runner', async () => {
  await using world = await createAgentWorld();
  const runner = await warmRunner(world);
  await runner.close();
  expect(world.liveKeys.size).toBe(0);
});

async function sparesOfThisProcess(): Promise<number[]> {
  const children = (await readFile(`/proc/self/task/${process.pid}/children`, 'utf8')).trim().split(' ').map(Number);
  const lines = await Promise.all(children.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return children.filter((_pid, index) => lines[index]?.includes('--await-claim'));
}
