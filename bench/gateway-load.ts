/** Sends requests to processes and tells what each of them cost. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';

/** A process that answers requests, and questions about itself. */
export interface Served {
  url: string;
  process: ChildProcess;
}

const inThisFolder = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** How Node is started, so that the process tells its figures. */
export const TELLS_FIGURES = ['--expose-gc', '--import', inThisFolder('gateway-figures.ts')];

/** Starts a script of this folder, whose first message is its port. */
export async function serve(script: string, ...parameters: string[]): Promise<Served> {
  const child = fork(inThisFolder(script), parameters, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [...process.execArgv, ...TELLS_FIGURES],
  });
  const [port] = (await once(child, 'message')) as [number];
  return { url: `http://127.0.0.1:${port}`, process: child };
}

async function figure(served: Served, name: 'heapBytes' | 'residentBytes' | 'cpuMicroseconds'): Promise<number> {
  served.process.send(name);
  const [value] = (await once(served.process, 'message')) as [number];
  return value;
}

export const heapMb = async (served: Served): Promise<number> => (await figure(served, 'heapBytes')) / 2 ** 20;
export const residentMb = async (served: Served): Promise<number> => (await figure(served, 'residentBytes')) / 2 ** 20;

const agent = new Agent({ connections: 32, headersTimeout: 30_000, bodyTimeout: 30_000 });

export interface Shot {
  url: string;
  body: string;
  headers?: Record<string, string>;
}

export async function shoot({ url, body, headers }: Shot): Promise<string> {
  const answer = await request(`${url}/v1/messages`, {
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

const AT_ONCE = 16;

export async function volley(shot: Shot, count: number): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left > 0) {
        left -= 1;
        await shoot(shot);
      }
    }),
  );
}

/** CPU milliseconds of the process per request, 16 at once. Garbage from before is collected first, and not counted. */
export async function cpuPerRequest(served: Served, shot: Shot, count: number): Promise<number> {
  await figure(served, 'heapBytes');
  const before = await figure(served, 'cpuMicroseconds');
  await volley(shot, count);
  return ((await figure(served, 'cpuMicroseconds')) - before) / 1000 / count;
}

/** Milliseconds of one request after the other, the middle of them. */
export async function sequentialP50(shot: Shot, count: number): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const started = performance.now();
    await shoot(shot);
    times.push(performance.now() - started);
  }
  return quantile(times, 0.5);
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
