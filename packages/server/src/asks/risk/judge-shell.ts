/** The risk of a shell command: every simple command in it, its variables and redirections, and every doubt about it. */
import { elevated, type Finding, high, low, worstOf } from './finding.ts';
import { judgePath, type Place } from './paths.ts';
import { type JudgeContext, judgeArgumentPaths, judgeByRule } from './program-rule.ts';
import { PROGRAMS } from './programs.ts';
import { parseShell, type Redirection, type SimpleCommand } from './shell-commands.ts';
import type { ShellWord } from './shell-lexer.ts';
import { judgeAssignment, placeAfter } from './wrappers.ts';

/** A script inside a script inside a script: past this the inner one is not read any more. */
const MAX_DEPTH = 4;
const MAX_LENGTH = 20_000;

export function judgeShell(source: string, place: Place): Finding[] {
  if (source.trim() === '') return [elevated('the command is empty')];
  if (source.length > MAX_LENGTH) return [high('the command is too long to judge')];
  const findings = judgeScript(source, place, 0);
  return findings.length > 0 ? findings : [low('runs only known programs inside the project')];
}

function judgeScript(source: string, place: Place, depth: number): Finding[] {
  if (depth > MAX_DEPTH) return [high('the command is nested too deeply to judge')];
  const { commands, doubts } = parseShell(source);
  const findings = judgeCommands(commands, place, depth);
  if (doubts.length === 0) return findings;
  findings.push(...doubts.map((doubt) => elevated(doubt)), ...judgeWordsAnywhere(source));
  // Something may be hidden in quotes that a second shell opens: read the text again with every quote as a line end.
  const opened = source.replace(/["'`]/g, '\n');
  findings.push(...judgeCommands(parseShell(opened).commands, place, depth).filter(({ risk }) => risk === 'high'));
  return findings;
}

function judgeCommands(commands: readonly SimpleCommand[], start: Place, depth: number): Finding[] {
  let place = start;
  return commands.flatMap((command) => {
    const context = contextFor(place, depth);
    const findings = judgeSimple(command, context);
    place = placeAfter(command.words, context);
    return findings;
  });
}

function contextFor(place: Place, depth: number): JudgeContext {
  const context: JudgeContext = {
    place,
    judgeWords: (words) =>
      depth > MAX_DEPTH
        ? [high('the command is nested too deeply to judge')]
        : judgeProgram(words, contextFor(place, depth + 1)),
    judgeScript: (source) => judgeScript(source, place, depth + 1),
    judgeText: judgeWordsAnywhere,
  };
  return context;
}

function judgeSimple(command: SimpleCommand, context: JudgeContext): Finding[] {
  const findings = command.assignments.flatMap(({ name, value }) => judgeAssignment(name, value.text));
  findings.push(...command.redirections.flatMap((redirection) => judgeRedirection(redirection, context.place)));
  if (command.words.length > 0) findings.push(...judgeProgram(command.words, context));
  else if (command.assignments.length > 0) findings.push(elevated('sets a variable for later commands'));
  // What is not known to be safe may run its arguments (`trap`, `awk`, `busybox`).
  if (worstOf(findings) === 'elevated') {
    findings.push(...context.judgeText(command.words.map(({ text }) => text).join(' ')));
  }
  return findings;
}

function judgeProgram(words: readonly ShellWord[], context: JudgeContext): Finding[] {
  const [program, ...args] = words;
  if (program === undefined) return [];
  if (program.expands || program.glob) return [elevated('the program to run is not known')];
  const name = program.text.slice(program.text.lastIndexOf('/') + 1);
  const rule = PROGRAMS.get(name);
  const byPath = program.text.includes('/');
  if (rule === undefined || (byPath && rule.rule !== 'high')) {
    const paths = judgeArgumentPaths(args, { place: context.place, access: 'read' });
    const inner = rule === undefined ? [] : judgeByRule(rule, args, context);
    return [elevated('runs a program that is not known to be safe'), ...paths, ...inner];
  }
  return judgeByRule(rule, args, context);
}

/** A file that is written: `>` and its family, and `>&` followed by anything but a descriptor. */
function judgeRedirection(redirection: Redirection, place: Place): Finding[] {
  const { operator, target } = redirection;
  if (target === null || operator.startsWith('<<')) return [];
  if ((operator === '>&' || operator === '<&') && /^(\d+|-)$/.test(target.text)) return [];
  if (target.expands || target.glob) return [elevated('redirects to a file that is not known')];
  return judgePath(target.text, operator === '<' ? 'read' : 'write', place).filter(({ risk }) => risk !== 'low');
}

/** For commands that are not fully understood: a dangerous program's name anywhere counts as its use. */
function judgeWordsAnywhere(source: string): Finding[] {
  const words = new Set(source.split(/[^A-Za-z0-9_.+-]+/));
  return [...words].flatMap((word) => {
    const rule = PROGRAMS.get(word);
    return rule?.rule === 'high' ? [high(rule.reason)] : [];
  });
}
