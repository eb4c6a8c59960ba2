/** `npm start` to ready on a warm machine: the second start on the same data, against a bare Node process that prints a line. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { makeHome, startProcess } from '../test/world/server-process.ts';

const ROUNDS = 5;

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

export async function run(): Promise<void> {
  using home = makeHome();
  let server: Awaited<ReturnType<typeof startProcess>> | null = null;
  const first = await timed(async () => {
    server = await startProcess(home);
  });
  await (server as unknown as Awaited<ReturnType<typeof startProcess>>).kill();
  const starts: number[] = [];
  const floors: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    floors.push(await timed(async () => once(spawn(process.execPath, ['-e', 'console.log(1)']), 'exit')));
    let again: Awaited<ReturnType<typeof startProcess>> | null = null;
    starts.push(
      await timed(async () => {
        again = await startProcess(home);
      }),
    );
    await (again as unknown as Awaited<ReturnType<typeof startProcess>>).kill();
  }
  const ready = median(starts);
  const floor = median(floors);
  console.log(`first start with new data: ${Math.round(first)} ms`);
  console.log(
    `start to ready, median of ${ROUNDS}: ${Math.round(ready)} ms = ${(ready / floor).toFixed(1)} × a bare node process (${Math.round(floor)} ms)`,
  );
}
