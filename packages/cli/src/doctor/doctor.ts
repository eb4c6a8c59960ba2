/** `companion doctor`: says in words why a text would not reach you now, and what else would stop the server. */
import pc from 'picocolors';
import type { Surroundings } from '../surroundings.ts';
import { gather } from './facts.ts';
import { type Finding, problem, type Status } from './finding.ts';
import { BASICS } from './rules-basics.ts';
import { PHONE } from './rules-phone.ts';
import type { Outside } from './twilio-account.ts';

export interface DoctorFlags {
  url?: string;
  json?: boolean;
}

const here: Outside = { fetch, now: () => new Date() };

/** @returns 0 when nothing is wrong, else 1 */
export async function doctor(surroundings: Surroundings, flags: DoctorFlags, outside = here): Promise<number> {
  const findings = await examine(surroundings, flags, outside);
  const problems = findings.filter(({ status }) => status === 'problem');
  if (flags.json) {
    surroundings.stdout(JSON.stringify({ ok: problems.length === 0, verdict: verdict(findings), findings }, null, 2));
  } else {
    for (const line of findings.flatMap(lines)) surroundings.stdout(line);
    surroundings.stdout('');
    surroundings.stdout(`  ${pc.bold(verdict(findings))}`);
  }
  return problems.length === 0 ? 0 : 1;
}

async function examine(surroundings: Surroundings, flags: DoctorFlags, outside: Outside): Promise<Finding[]> {
  const gathered = await gather(surroundings, flags, outside);
  if ('settingsProblem' in gathered) {
    return gathered.settingsProblem.split('\n').map((line) => ({
      ...problem('settings', line, 'Correct it where it is set: the environment, or .env.'),
      stopsTexts: true,
    }));
  }
  return [...BASICS, ...PHONE].map((rule) => rule(gathered.facts)).filter((finding) => finding !== null);
}

/** The one question: would a text reach me now? */
export function verdict(findings: readonly Finding[]): string {
  const stopping = findings.find(({ stopsTexts }) => stopsTexts);
  if (stopping) return `A text would not reach you and come back now. ${stopping.says}`;
  if (findings.some(({ id, status }) => id === 'server' && status === 'problem')) {
    return 'No text would reach you now: the server does not run.';
  }
  if (findings.some(({ id }) => id === 'carrier')) return 'Texts reach the simulated phone only.';
  return 'A text would reach you now, and your answer would come back.';
}

const MARKS: Record<Status, string> = {
  ok: pc.green('ok     '),
  note: pc.yellow('note   '),
  problem: pc.red('problem'),
};

function lines({ status, says, next }: Finding): string[] {
  return [`  ${MARKS[status]}  ${says}`, ...(next === undefined ? [] : [`           ${pc.dim(next)}`])];
}
