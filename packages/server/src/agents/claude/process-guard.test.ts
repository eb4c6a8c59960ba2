import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { ProcessGuard } from './process-guard.ts';
import { until } from './testing/agent-world.ts';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** A process with a grandchild in a group of its own, as tools of an agent are. */
async function startTree(): Promise<{ child: ChildProcess; pid: number; grandchild: number }> {
  const child = spawn('/bin/sh', ['-c', 'setsid sleep 60 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
  started.push(child);
  const [line] = await once(child.stdout ?? child, 'data');
  return { child, pid: child.pid ?? Number.NaN, grandchild: Number(String(line)) };
}

const state = async (pid: number): Promise<string> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '0 (gone) Z');
  return stat.slice(stat.lastIndexOf(')') + 2).charAt(0);
};
const isDead = async (pid: number): Promise<boolean> => (await state(pid)) === 'Z';

async function shells(): Promise<number[]> {
  const children = (await readFile(`/proc/self/task/${process.pid}/children`, 'utf8')).trim().split(' ').map(Number);
  const lines = await Promise.all(children.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return children.filter((_pid, index) => lines[index]?.includes('watched='));
}

it('kills a process with everything below it, and nothing else', async () => {
  const guard = new ProcessGuard({ path: process.env.PATH });
  const [ended, spared] = [await startTree(), await startTree()];
  guard.watch(ended.pid);
  guard.watch(spared.pid);
  expect(guard.end(ended.pid)).toBe(true);
  await until(async () => (await isDead(ended.pid)) && (await isDead(ended.grandchild)));
  expect(await isDead(spared.grandchild)).toBe(false);
  guard.forget(ended.pid);
  guard.forget(spared.pid);
  expect(guard.end(spared.pid)).toBe(false);
  guard.close();
  await until(async () => (await shells()).length === 0);
  expect(await isDead(spared.pid)).toBe(false);
  process.kill(spared.grandchild, 'SIGKILL');
});

it('is replaced when it is killed, and still knows whom it watches', async () => {
  const guard = new ProcessGuard({ path: process.env.PATH });
  const { child, pid, grandchild } = await startTree();
  guard.watch(pid);
  await until(async () => (await shells()).length > 0);
  const [first] = await shells();
  process.kill(first ?? Number.NaN, 'SIGKILL');
  await until(async () => {
    const [now] = await shells();
    return now !== undefined && now !== first;
  });
  guard.end(pid);
  await once(child, 'exit');
  await until(() => isDead(grandchild));
  guard.forget(pid);
  guard.close();
  await until(async () => (await shells()).length === 0);
});

it('kills what it watches when the heartbeat stops, and not before', async () => {
  const guard = new ProcessGuard({ path: process.env.PATH });
  const { pid, grandchild } = await startTree();
  guard.beat(2);
  guard.watch(pid);
  for (let beat = 0; beat < 5; beat++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    guard.beat(2);
  }
  expect(await isDead(grandchild)).toBe(false);
  await until(async () => (await isDead(pid)) && (await isDead(grandchild)));
  guard.forget(pid);
  guard.close();
  await until(async () => (await shells()).length === 0);
});
