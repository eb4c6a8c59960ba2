/** Sends requests to a process and tells what each of them cost it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';

export interface Served {
  url: string;
  pid: number;
  stop(): void;
}

/** A process of this folder. */
export interface Bench extends Served {
  /** What its JavaScript holds after a collection of garbage. */
  heapMb(): Promise<number>;
}

const children = new Set<ChildProcess>();

/** Starts a script of this folder, whose first message is its port. */
export async function serve(script: string, ...parameters: string[]): Promise<Bench> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), parameters, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [...process.execArgv, '--expose-gc'],
  });
  children.add(child);
  const [port] = (await once(child, 'message')) as [number];
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    async heapMb() {
      child.send('heap');
      const [bytes] = (await once(child, 'message')) as [number];
      return bytes / 2 ** 20;
    },
    stop() {
      children.delete(child);
      child.kill();
    },
  };
}

/** CPU milliseconds of a process so far, of the user and of the system. Linux counts in hundredths of a second. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export function residentMb(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return (pages * 4096) / 2 ** 20;
}

const agent = new Agent({ connections: 32, headersTimeout: 30_000, bodyTimeout: 30_000 });

export interface Shot {
  url: string;
  body: string;
  headers?: Record<string, string>;
  /** @defaultValue /v1/messages */
  path?: string;
}

export async function shoot({ url, body, headers, path = '/v1/messages' }: Shot): Promise<string> {
  const answer = await request(url + path, {
    method: 'POST',
    dispatcher: agent,
    headers: {
      'content-type': 'application/json',
      'x-api-key': 'token',
      'anthropic-version': '2023-06-01',
      ...headers,
    },
    body,
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${text.slice(0, 300)}`);
  return text;
}

async function volley(shot: Shot, count: number, connections: number): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (left > 0) {
        left -= 1;
        await shoot(shot);
      }
    }),
  );
}

/** CPU milliseconds of the process per request, at 16 connections. */
export async function cpuPerRequest(pid: number, shot: Shot, count: number): Promise<number> {
  const before = cpuMs(pid);
  await volley(shot, count, 16);
  return (cpuMs(pid) - before) / count;
}

/** Milliseconds of one request after the other, the middle of them. */
export async function sequentialP50(shot: Shot, count: number): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const started = performance.now();
    await shoot(shot);
    times.push(performance.now() - started);
  }
  return median(times);
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

export { volley };
