/**
 * How dangerous an ask is, from the ask alone. The rule of thumb: `low` only when every part was understood and stays inside
 * the project; `high` when any part deletes, uses the network, gains rights, leaves the project or touches secrets;
 * `elevated` for everything that could not be judged.
 */
import type { AskKind, Risk } from '@claude-companion/protocol';
import { elevated, type Finding, high, low, worstOf } from './finding.ts';
import { judgeShell } from './judge-shell.ts';
import { type Access, judgePath, type Place, placeOf } from './paths.ts';

export interface RiskQuestion {
  kind: AskKind;
  tool: string | null;
  input: Record<string, unknown> | null;
  cwd: string;
  /** The path that made the agent ask. It may lie inside the project: a redirection into a file of it asks too. */
  blockedPath: string | null;
  /** The answer would also grant later calls ("always", a looser permission mode). */
  alwaysRequested: boolean;
}

export interface AssessedRisk {
  risk: Risk;
  /** In words, the worst first, never containing text the agent wrote. */
  reasons: string[];
}

export function assessRisk(question: RiskQuestion): AssessedRisk {
  const findings = judgeKind[question.kind](question);
  if (question.blockedPath !== null) findings.push(...judgePath(question.blockedPath, 'write', placeOf(question.cwd)));
  if (question.alwaysRequested) findings.push(high('would also allow later calls without asking'));
  const risk = worstOf(findings);
  const reasons = (['high', 'elevated', 'low'] as const)
    .filter((level) => level !== 'low' || risk === 'low')
    .flatMap((level) => findings.filter((finding) => finding.risk === level).map(({ reason }) => reason));
  return { risk, reasons: [...new Set(reasons)] };
}

const judgeKind: Record<AskKind, (question: RiskQuestion) => Finding[]> = {
  permission: judgeTool,
  question: () => [low('a question; nothing runs')],
  plan: () => [low('a plan; each step still asks')],
  waiting: () => [low('the session waits for words')],
  limit: () => [low('a usage limit')],
  done: () => [low('nothing to decide')],
  error: () => [low('nothing to decide')],
};

type ToolRule =
  | { rule: 'fixed'; finding: Finding }
  /** The first of these fields that is a text names the file; without one the working directory is meant. */
  | { rule: 'path'; access: Access; fields: readonly string[]; optional: boolean }
  | { rule: 'shell' };

const reads = (optional: boolean, ...fields: string[]): ToolRule => ({
  rule: 'path',
  access: 'read',
  fields,
  optional,
});
const writes = (...fields: string[]): ToolRule => ({ rule: 'path', access: 'write', fields, optional: false });
const fixed = (finding: Finding): ToolRule => ({ rule: 'fixed', finding });

const TOOLS: ReadonlyMap<string, ToolRule> = new Map([
  ['Bash', { rule: 'shell' }],
  ['Read', reads(false, 'file_path')],
  ['NotebookRead', reads(false, 'notebook_path')],
  ['LS', reads(true, 'path')],
  ['Glob', reads(true, 'path', 'pattern')],
  ['Grep', reads(true, 'path', 'glob')],
  ['Write', writes('file_path')],
  ['Edit', writes('file_path')],
  ['MultiEdit', writes('file_path')],
  ['NotebookEdit', writes('notebook_path')],
  ['TodoWrite', fixed(low('only the list of things to do'))],
  ['AskUserQuestion', fixed(low('a question; nothing runs'))],
  ['ExitPlanMode', fixed(low('a plan; each step still asks'))],
  ['BashOutput', fixed(low('reads the output of a command already running'))],
  ['KillShell', fixed(high('ends processes'))],
  ['KillBash', fixed(high('ends processes'))],
  ['WebFetch', fixed(high('uses the network'))],
  ['WebSearch', fixed(high('uses the network'))],
  ['Task', fixed(elevated('starts another agent'))],
  ['Agent', fixed(elevated('starts another agent'))],
  ['Skill', fixed(elevated('runs a skill'))],
  ['SlashCommand', fixed(elevated('runs a command of the agent'))],
]);

function judgeTool(question: RiskQuestion): Finding[] {
  const { tool, input, cwd } = question;
  if (tool === null || input === null) return [elevated('the ask does not say what would run')];
  if (tool.startsWith('mcp__')) return [elevated('runs a tool of an outside server')];
  const rule = TOOLS.get(tool);
  if (rule === undefined) return [elevated('runs a tool that is not known')];
  if (rule.rule === 'fixed') return [rule.finding];
  return rule.rule === 'shell' ? judgeBash(input, placeOf(cwd)) : judgeFileTool(rule, input, placeOf(cwd));
}

/** Fields of the Bash tool that change nothing about what runs. */
const BASH_FIELDS: ReadonlySet<string> = new Set([
  'command',
  'description',
  'timeout',
  'run_in_background',
  'dangerouslyDisableSandbox',
]);

function judgeBash(input: Record<string, unknown>, place: Place): Finding[] {
  if (typeof input.command !== 'string') return [elevated('the command is not a text')];
  const findings = judgeShell(input.command, place);
  if (isSet(input.dangerouslyDisableSandbox)) findings.push(high('runs outside the sandbox'));
  if (isSet(input.run_in_background)) findings.push(elevated('goes on in the background'));
  if (Object.keys(input).some((field) => !BASH_FIELDS.has(field)))
    findings.push(elevated('has a setting that is not known'));
  return findings;
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}

function judgeFileTool(
  rule: Extract<ToolRule, { rule: 'path' }>,
  input: Record<string, unknown>,
  place: Place,
): Finding[] {
  const paths = rule.fields.map((field) => input[field]).filter((value) => value !== undefined && value !== null);
  if (paths.length === 0) return [rule.optional ? low('stays inside the project') : elevated('names no file')];
  return paths.flatMap((path) =>
    typeof path === 'string' ? judgePath(path, rule.access, place) : [elevated('the path is not a text')],
  );
}
