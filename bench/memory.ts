/**
 * Memory of the server and its agent processes with 0, 1 and 8 live sessions. Read from /proc, so on Linux only. A page shared by
 * several processes counts in each of them as resident and divided among them as proportional: the sum of the latter is what
 * the machine lacks.
 */
import { readFileSync } from 'node:fs';
import type { ClaudeCompanionClient } from '@claude-companion/client';
import { scripted } from '@claude-companion/gateway';
import { eventually } from '../test/world/server.ts';
import { agentsOf, makeHome, startProcess } from '../test/world/server-process.ts';

const SETTLE_MS = 3_000;
const STEPS = [0, 1, 8];

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
  const server = await startProcess(home, { MAX_LIVE_AGENTS: String(Math.max(...STEPS)) });
  let live = 0;
  try {
    for (const wanted of STEPS) {
      for (; live < wanted; live++) await oneTurn(server.client);
      await settle();
      const agents = agentsOf(server.pid);
      const sum = (field: 'Rss' | 'Pss'): number => agents.reduce((total, pid) => total + megabytes(pid, field), 0);
      const each = (field: 'Rss' | 'Pss'): number => Math.round(sum(field) / Math.max(agents.length, 1));
      console.log(
        `${wanted} live: server ${Math.round(megabytes(server.pid, 'Rss'))} MB resident (budget 200 MB with PGlite)` +
          (agents.length === 0
            ? ''
            : `; ${agents.length} agents, each ${each('Rss')} MB resident, ${each('Pss')} MB proportional, together ${Math.round(sum('Pss'))} MB`),
      );
    }
  } finally {
    await server.kill();
  }
}

async function oneTurn(client: ClaudeCompanionClient): Promise<void> {
  const { session_id } = await client.startSession({ project: 'my-app', message: scripted([{ text: 'Here.' }]) });
  await eventually(async () => {
    const all = await client.listSessions();
    return all.find((session) => session.session_id === session_id)?.state === 'idle';
  });
}
