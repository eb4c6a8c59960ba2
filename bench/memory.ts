/** Resident memory of the server: idle, and for each live agent process. Read from /proc, so on Linux only. */
import { readFileSync } from 'node:fs';
import { scripted } from '@claude-companion/gateway';
import { eventually } from '../test/world/server.ts';
import { descendants, makeHome, startProcess } from '../test/world/server-process.ts';

const SETTLE_MS = 3_000;

function megabytes(pid: number, field: 'Rss' | 'Pss'): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(rollup)?.[1] ?? 0) / 1024;
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, SETTLE_MS));

export async function run(): Promise<void> {
  if (process.platform !== 'linux') {
    console.log('skipped: needs /proc');
    return;
  }
  using home = makeHome();
  const server = await startProcess(home);
  try {
    await settle();
    console.log(`server, idle: ${Math.round(megabytes(server.pid, 'Rss'))} MB resident (budget 200 MB with PGlite)`);
    for (const sessions of [1, 2, 3]) {
      const { session_id: sessionId } = await server.client.startSession({
        project: 'my-app',
        message: scripted([{ text: 'Here.' }]),
      });
      await eventually(async () => {
        const all = await server.client.listSessions();
        return all.find((session) => session.session_id === sessionId)?.state === 'idle';
      });
      await settle();
      const agents = descendants(server.pid).filter((pid) => megabytes(pid, 'Rss') > 50);
      const sum = (field: 'Rss' | 'Pss'): number => agents.reduce((total, pid) => total + megabytes(pid, field), 0);
      console.log(
        `${sessions} live: server ${Math.round(megabytes(server.pid, 'Rss'))} MB, ${agents.length} agent processes, ` +
          `each ${Math.round(sum('Rss') / agents.length)} MB resident, ${Math.round(sum('Pss') / agents.length)} MB proportional`,
      );
    }
  } finally {
    await server.kill();
  }
}
