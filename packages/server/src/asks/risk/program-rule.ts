import { elevated, type Finding, high } from './finding.ts';
import { type Access, judgePath, type Place } from './paths.ts';
import type { ShellWord } from './shell-lexer.ts';

/** What a rule may look at besides its own arguments. */
export interface JudgeContext {
  place: Place;
  /** Judges a command that another one runs (`env X=1 npm test`, `xargs rm`). */
  judgeWords(words: readonly ShellWord[]): Finding[];
  /** Judges a whole script given as one argument (`sh -c '…'`). */
  judgeScript(source: string): Finding[];
  /** Finds the names of dangerous programs anywhere in a text, for arguments that are not understood. */
  judgeText(text: string): Finding[];
}

export type JudgeProgram = (args: readonly ShellWord[], context: JudgeContext) => Finding[];

/** How one program is judged. The first two need no look at the arguments. */
export type ProgramRule =
  | { rule: 'high'; reason: string }
  | { rule: 'elevated'; reason: string }
  /** Prints or computes; arguments are text, not paths. */
  | { rule: 'prints'; unless?: RegExp }
  /** Only reads the files it is given. `unless`: an argument that makes it do more. */
  | { rule: 'reads'; unless?: RegExp }
  /** Creates or changes the files it is given. */
  | { rule: 'writes'; unless?: RegExp }
  /** Runs the project's own code or checks, as the person set them up. */
  | { rule: 'builds'; unless?: RegExp }
  | { rule: 'judged'; judge: JudgeProgram };

/** What another interpreter may expand inside an argument that the shell itself left alone (`make X='$(shell …)'`). */
const INNER_EXPANSION = /[$`\n\r]/;
const ADDRESS = /[a-z][a-z0-9+.-]*:\/\/|^[\w.-]+@[\w.-]+:/i;
const LOOKS_LIKE_PATH = /^\.\.$|[/\\]|^~/;

/** Every place an argument may name: `src/a.ts`, `--out=/tmp/x`, `-o/tmp/x`, `HEAD:.env`, `X=~/y`. */
export function judgeArgumentPaths(args: readonly ShellWord[], context: { place: Place; access: Access }): Finding[] {
  return args.flatMap(({ text, glob }) => {
    const findings = glob && /(^|[/=])\.[^/]*[*?[]/.test(text) ? [elevated('a pattern may match hidden files')] : [];
    const pieces = new Set([text, ...text.split(/[=:,]/)]);
    if (/^-[A-Za-z]/.test(text)) {
      // A value may be attached to a cluster of short options: look from each mark that can begin a path outside.
      for (const mark of ['/', '..', '~']) if (text.includes(mark)) pieces.add(text.slice(text.indexOf(mark)));
      pieces.add(text.slice(2));
    }
    for (const piece of pieces) {
      if (piece === '' || piece === '/dev/null') continue;
      const found = judgePath(piece, context.access, context.place).filter(({ risk }) => risk !== 'low');
      // Without a slash it is a word as often as a file; only a name that matters by itself counts.
      findings.push(...(LOOKS_LIKE_PATH.test(piece) ? found : found.filter(({ risk }) => risk === 'high')));
    }
    return findings;
  });
}

/** For arguments handed on to project code: nothing that another interpreter expands, no address, no path outside. */
export function judgeToolArguments(args: readonly ShellWord[], context: JudgeContext): Finding[] {
  const findings = judgeArgumentPaths(args, { place: context.place, access: 'read' });
  if (args.some(({ text }) => INNER_EXPANSION.test(text))) findings.push(elevated('an argument may be expanded again'));
  if (args.some(({ text }) => ADDRESS.test(text))) findings.push(high('names a network address'));
  return findings;
}

export function unlessMatches(args: readonly ShellWord[], unless: RegExp | undefined): Finding[] {
  if (unless === undefined || !args.some(({ text }) => unless.test(text))) return [];
  return [elevated('an option makes the program do more than usual')];
}

export const applyRule = {
  high: (rule) => [high(rule.reason)],
  elevated: (rule) => [elevated(rule.reason)],
  prints: (rule, args) => unlessMatches(args, rule.unless),
  reads: (rule, args, context) => [
    ...judgeArgumentPaths(args, { place: context.place, access: 'read' }),
    ...unlessMatches(args, rule.unless),
  ],
  writes: (rule, args, context) => [
    ...judgeArgumentPaths(args, { place: context.place, access: 'write' }),
    ...unlessMatches(args, rule.unless),
  ],
  builds: (rule, args, context) => [...judgeToolArguments(args, context), ...unlessMatches(args, rule.unless)],
  judged: (rule, args, context) => rule.judge(args, context),
} satisfies {
  [K in ProgramRule['rule']]: (
    rule: Extract<ProgramRule, { rule: K }>,
    args: readonly ShellWord[],
    context: JudgeContext,
  ) => Finding[];
};

/** Joins a rule with its arguments; the table above is complete by its type. */
export function judgeByRule(rule: ProgramRule, args: readonly ShellWord[], context: JudgeContext): Finding[] {
  const apply = applyRule[rule.rule] as (
    rule: ProgramRule,
    args: readonly ShellWord[],
    context: JudgeContext,
  ) => Finding[];
  return apply(rule, args, context);
}

/** Many programs with one rule, as entries of a table. */
export function programs(names: string, rule: ProgramRule): [string, ProgramRule][] {
  return names
    .trim()
    .split(/\s+/)
    .map((name) => [name, rule]);
}
