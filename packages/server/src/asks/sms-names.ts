/**
 * Texts that name where their words shall go: `my-app: also run the linter`, `NEW my-app fix the flaky test`.
 *
 * What must stay true: nothing that is addressed by a name or begins a session ever allows anything. What looks like an
 * answer to an ask is asked back.
 */
import type { AskedBack, Command, NamedSession, SmsContext } from './interpret.ts';
import { isOneSlipAway } from './one-letter.ts';
import { trimmedWords } from './sms-clauses.ts';
import { shapeOf } from './sms-shape.ts';
import { tokenise } from './sms-tokens.ts';

export type Named = { commands: Command[] } | AskedBack;

/** A name as it is told and typed back: `my-app`, and `api 2` where several sessions have the name. */
export function labelOf(session: NamedSession, sessions: readonly NamedSession[]): string {
  const several = sessions.filter(({ name }) => same(name, session.name)).length > 1;
  return several ? `${session.name} ${session.number}` : session.name;
}

/** Letters and digits only: `My App` and `my_app` are `my-app`. */
function plain(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

const same = (one: string, other: string): boolean => plain(one) !== '' && plain(one) === plain(other);

/** `name:`, `[name]`, `@name`, with its words up to the end of the line. */
const ADDRESS =
  /^[\s"'“”‘’„]*(?:\[([^\]\n:：]{1,60})\]\s*[:：]?|@([^\s:：]{1,60})\s*[:：]?|@?([^\n:：[\]]{1,60})[:：])([^\n]*)$/u;

interface Addressed {
  found: Found;
  words: string;
}

type Found = NamedSession | { several: NamedSession[] } | { near: NamedSession[] };

/** Null when no line is addressed to a session of this person. */
export function namedPrompts(text: string, context: SmsContext): Named | null {
  const parts: Addressed[] = [];
  for (const line of text.trim().split('\n')) {
    const part = addressOf(line, context.sessions);
    const last = parts.at(-1);
    if (part !== null) parts.push(part);
    else if (last !== undefined) last.words += `\n${line}`;
    else return null;
  }
  const commands: Command[] = [];
  for (const { found, words } of parts) {
    const step = promptTo(found, trimmedWords(words.replace(/["”’]\s*$/u, ''), false), context);
    if ('clarify' in step) return step;
    commands.push(...step.commands);
  }
  return { commands };
}

function addressOf(line: string, sessions: readonly NamedSession[]): Addressed | null {
  const match = ADDRESS.exec(line);
  if (match === null) return null;
  const [, framed, at, colon, words = ''] = match;
  const found = sessionsCalled(framed ?? at ?? colon ?? '', sessions);
  // Without a colon only the exact name is an address.
  return found === null || (colon === undefined && 'near' in found) ? null : { found, words };
}

function sessionsCalled(typed: string, sessions: readonly NamedSession[]): Found | null {
  const numbered = sessions.find((session) => same(`${session.name}${session.number}`, typed));
  const called = sessions.filter(({ name }) => same(name, typed));
  const [only, ...others] = called;
  if (only === undefined) {
    if (numbered) return numbered;
    const near = sessions.filter(
      ({ name }) => isNear(plain(typed), plain(name)) || isNear(plain(typed).replace(/\d+$/, ''), plain(name)),
    );
    return near.length > 0 ? { near } : null;
  }
  if (others.length === 0) return only;
  const engaged = called.filter((session) => session.engaged);
  return engaged.length === 1 && engaged[0] ? engaged[0] : { several: called };
}

const SHORTEST_GUESS = 4;

/** Asked back, never guessed. */
const isNear = (typed: string, name: string): boolean => name.length >= SHORTEST_GUESS && isOneSlipAway(typed, name);

/** An answer, and not an instruction: only words that decide, or the code of an ask. */
const ANSWERS = /^[AaDdNZPHLIBs*&cqUQ]*[AaDdNZPU][AaDdNZPHLIBs*&cqUQ]*$/;

function promptTo(found: Found, words: string, context: SmsContext): Named {
  const { sessions, openCodes, untold } = context;
  if ('near' in found) return { clarify: 'unknown_name', names: found.near.map((each) => labelOf(each, sessions)) };
  if ('several' in found)
    return { clarify: 'several_named', names: found.several.map((each) => labelOf(each, sessions)) };
  const name = labelOf(found, sessions);
  const own = openCodes.filter(({ sessionId }) => sessionId === found.id);
  const decisions = own.filter(({ takes }) => takes !== 'words');
  const questions = own.filter(({ takes }) => takes === 'words');
  const shape = shapeOf(tokenise(words, openCodes));
  if (words === '') return { clarify: 'needs_prompt', names: [`${name}:`] };
  if (/[CR]/.test(shape)) return { clarify: 'unclear' };
  const undecided = decisions.length > 0 || untold.includes(found.id);
  if (undecided && (ANSWERS.test(shape) || shape === '')) {
    return decisions.length > 0 ? { clarify: 'needs_code', codes: codesOf(decisions) } : { clarify: 'needs_screen' };
  }
  const [question, ...more] = questions;
  if (question && decisions.length === 0) {
    return more.length > 0
      ? { clarify: 'needs_code', codes: codesOf(questions) }
      : { commands: [{ kind: 'reply', code: question.code, text: words }] };
  }
  if (found.kind === 'monitored') return { clarify: 'runs_elsewhere', names: [name] };
  return { commands: [{ kind: 'prompt', sessionId: found.id, name, text: words }] };
}

const codesOf = (open: readonly { code: string }[]): string[] => open.map(({ code }) => code);

/** `NEW`, and what people put between it and the project. */
const NEW =
  /^[\s"'“”‘’„]*(new)\b[\s:,.-]*(?:(?:session|agent|task|chat)\b[\s:,-]*)?(?:(?:in|on|for|with)\b[\s:,-]*)?([\s\S]*)$/iu;

export const beginsSession = (text: string): boolean => NEW.test(text);

/** Null when the text does not start a session: "New idea: …" is for the agent that waits. */
export function newSession(text: string, context: SmsContext): Named | null {
  const match = NEW.exec(text);
  if (match === null) return null;
  const [, verb = '', rest = ''] = match;
  const { openCodes } = context;
  const projects = context.projects ?? [];
  const split = projectAtStart(rest.trim(), projects);
  if (/[CR]/.test(shapeOf(tokenise(rest, openCodes)))) return { clarify: 'unclear' };
  if (split !== null) {
    return split.words === ''
      ? { clarify: 'needs_prompt', names: [`NEW ${split.project}`] }
      : { commands: [{ kind: 'start', project: split.project, text: split.words }] };
  }
  const first = /^\S+/.exec(rest.trim())?.[0] ?? '';
  const meant = verb === 'NEW' || first === '' || projects.some((project) => isNear(plain(first), plain(project)));
  if (!meant && context.waiting.length > 0) return null;
  if (context.projects === null) return { clarify: 'may_not_start' };
  return { clarify: 'unknown_project', names: projects };
}

/** The longest name of a project that the words begin with, in any spelling: `my app fix …`. */
function projectAtStart(rest: string, projects: readonly string[]): { project: string; words: string } | null {
  const matches = projects.flatMap((project) => {
    const letters = [...plain(project)];
    if (letters.length === 0) return [];
    const found = new RegExp(`^${letters.join('[\\s\\p{Pd}_./]?')}(?![\\p{L}\\p{N}_-])`, 'iu').exec(rest);
    return found
      ? [
          {
            project,
            words: trimmedWords(rest.slice(found[0].length).replace(/["”’]\s*$/u, ''), false),
            length: found[0].length,
          },
        ]
      : [];
  });
  const [longest] = matches.sort((one, other) => other.length - one.length);
  return longest ?? null;
}
