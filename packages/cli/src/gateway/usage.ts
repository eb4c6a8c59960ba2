/** `companion usage`: what models were asked for, and what it cost. */
import type { UsageReport, UsageSum } from '@claude-companion/client';
import { CompanionError } from '@claude-companion/protocol';
import pc from 'picocolors';
import { connect, type ServerOptions } from '../connect.ts';
import type { Surroundings } from '../surroundings.ts';

export interface UsageFlags extends ServerOptions {
  from?: string;
  to?: string;
  session?: string;
  json?: boolean;
}

export async function usage(surroundings: Surroundings, flags: UsageFlags): Promise<number> {
  const client = await connect(surroundings, flags);
  const { from, to, session } = flags;
  const sessionId = session === undefined ? undefined : await fullId(client.usage(), session);
  const report = await client.usage({
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(sessionId !== undefined && { sessionId }),
  });
  const lines = flags.json ? [JSON.stringify(report, null, 2)] : usageLines(report);
  for (const line of lines) surroundings.stdout(line);
  return 0;
}

async function fullId(all: Promise<UsageReport>, start: string): Promise<string> {
  const [found, another] = (await all).sessions.filter(({ sessionId }) => sessionId?.startsWith(start));
  if (!found?.sessionId) throw new CompanionError('SESSION_NOT_FOUND', `No session with usage begins with ${start}.`);
  if (another)
    throw new CompanionError('INVALID_PARAMETERS', `Several sessions begin with ${start}. Give more of the id.`);
  return found.sessionId;
}

/** Everything the server knows, as a person reads it. */
export function usageLines(report: UsageReport): string[] {
  if (report.total.answers === 0) return ['No model was asked for anything yet.'];
  const { sessions, people, days, models, total, timeZone } = report;
  return [
    ...section('Sessions', sessions, ({ sessionId, project }) =>
      sessionId === null ? 'own clients of the gateway' : `${sessionId.slice(0, 8)} ${project ?? ''}`,
    ),
    ...section('People', people, ({ personId, role, phone }) => `${role} ${phone ?? personId.slice(0, 8)}`),
    ...section(`Days (${timeZone})`, days, ({ day }) => day),
    ...section('Models', models, ({ provider, model }) => `${provider}/${model}`),
    ...table([['In all', total]]),
    ...(total.estimated ? [pc.dim('  ~ some of the tokens are estimates: the provider did not tell them')] : []),
  ];
}

function section<T extends UsageSum>(title: string, rows: readonly T[], nameOf: (row: T) => string): string[] {
  return [pc.bold(title), ...table(rows.map((row) => [`  ${nameOf(row)}`, row])), ''];
}

const count = (tokens: number): string => tokens.toLocaleString('en-US');

export function costText({ costUsd, knownCostUsd }: Pick<UsageSum, 'costUsd' | 'knownCostUsd'>): string {
  if (costUsd !== null) return `$${costUsd.toFixed(4)}`;
  return knownCostUsd > 0 ? `over $${knownCostUsd.toFixed(4)}, price partly unknown` : 'price unknown';
}

function table(rows: readonly (readonly [name: string, sum: UsageSum])[]): string[] {
  const cells = rows.map(([name, sum]) => {
    const taken = sum.inputTokens + sum.cacheReadTokens + sum.cacheWriteTokens;
    const mark = sum.estimated ? '~' : '';
    return [name, `${mark}${count(taken)} in`, `${mark}${count(sum.outputTokens)} out`, costText(sum)] as const;
  });
  const width = (column: 0 | 1 | 2): number => Math.max(0, ...cells.map((row) => row[column].length));
  const [first, second, third] = [Math.max(width(0), 28), Math.max(width(1), 12), Math.max(width(2), 12)];
  return cells.map(
    ([name, taken, given, cost]) => `${name.padEnd(first)} ${taken.padStart(second)} ${given.padStart(third)}  ${cost}`,
  );
}
