/** From a command in a text to an answer the ask accepts, or the reason why it does not fit. */
import type { Answer, AskKind, Question } from '@claude-companion/protocol';
import type { Command } from './interpret.ts';
import { choiceOfWords, type LimitChoice } from './limit-choice.ts';

export type AnswerProblem =
  | 'needs_words'
  | 'no_such_option'
  | 'one_option_only'
  | 'one_answer_each'
  | 'not_an_option'
  | 'nothing_to_decide';

export type Decided = { answer: Answer } | { problem: AnswerProblem };

type DecidingCommand = Extract<Command, { kind: 'allow' | 'deny' | 'reply' }>;

/** What an ask of this kind does with each decision. */
const ACCEPTS: Record<
  AskKind,
  Record<Answer['decision'], (words: string, questions: readonly Question[]) => Decided>
> = {
  permission: { allow, deny, reply: deny },
  plan: { allow, deny, reply: deny },
  limit: { allow, deny, reply: readLimit },
  question: { allow: () => ({ problem: 'needs_words' }), deny, reply: readChoices },
  waiting: { allow: () => ({ problem: 'needs_words' }), deny, reply: say },
  done: { allow: nothing, deny: nothing, reply: nothing },
  error: { allow: nothing, deny: nothing, reply: nothing },
};

/** Free words for a permission or a plan deny it and tell the agent what to do instead. */
export function answerFromCommand(
  command: DecidingCommand,
  ask: { kind: AskKind; questions: readonly Question[] },
): Decided {
  const words: Record<DecidingCommand['kind'], string> = {
    allow: '',
    deny: command.kind === 'deny' ? (command.reason ?? '') : '',
    reply: command.kind === 'reply' ? command.text : '',
  };
  return ACCEPTS[ask.kind][command.kind](words[command.kind], ask.questions);
}

function allow(): Decided {
  return { answer: { decision: 'allow', applySuggestions: false } };
}

function deny(words: string): Decided {
  return { answer: { decision: 'deny', ...(words !== '' && { message: words }) } };
}

const LIMIT_ANSWERS: Record<LimitChoice, () => Decided> = {
  continue: allow,
  cheaper: () => say('cheaper'),
  leave: () => deny(''),
};

/**
 * Words that are no option decide nothing: money is at stake. An option is its number, or how its label begins and no more:
 * "continue, but not before noon" is none.
 */
function readLimit(words: string, questions: readonly Question[]): Decided {
  const said = words.toLowerCase().replace(POLITE_END, '').trim();
  const labels = questions.flatMap(({ options }) => options.map(({ label }) => label.toLowerCase()));
  const exact = /^(?:#?\d{1,2}|[a-z]+)$/.test(said) || labels.some((label) => label.startsWith(said));
  const choice = exact ? choiceOfWords(said, questions) : null;
  return choice === null ? { problem: 'not_an_option' } : LIMIT_ANSWERS[choice]();
}

const POLITE_END = /[\s,]*\b(?:please|pls|thanks|thank you|thx)\b|[.)!]+\s*$/g;

function say(words: string): Decided {
  return { answer: { decision: 'reply', message: words } };
}

function nothing(): Decided {
  return { problem: 'nothing_to_decide' };
}

/** `2`, `1,3`, a label, or free words. Several questions: one answer each, `1; 2,3; my words`. */
function readChoices(words: string, questions: readonly Question[]): Decided {
  const [first] = questions;
  if (first === undefined) return say(words);
  const parts = questions.length === 1 ? [words] : words.split(/[;\n]/).map((part) => part.trim());
  if (parts.length !== questions.length || parts.includes('')) return { problem: 'one_answer_each' };
  const answers: Record<string, string | string[]> = {};
  for (const [index, question] of questions.entries()) {
    const choice = readChoice(parts[index] ?? '', question);
    if ('problem' in choice) return choice;
    answers[question.question] = choice.chosen;
  }
  return { answer: { decision: 'reply', answers } };
}

const NUMBERS = /^#?\d{1,2}(?:\s*(?:,|&|\+|\band\b|\s)\s*#?\d{1,2})*[.)]?$/i;

function readChoice(words: string, question: Question): { chosen: string | string[] } | { problem: AnswerProblem } {
  const { options, multiSelect } = question;
  if (options.length > 0 && NUMBERS.test(words)) {
    const numbers = [...new Set([...words.matchAll(/\d+/g)].map(([digits]) => Number(digits)))];
    const labels = numbers.map((number) => options[number - 1]?.label);
    const known = labels.filter((label) => label !== undefined);
    if (known.length !== labels.length) return { problem: 'no_such_option' };
    if (multiSelect) return { chosen: known };
    return known.length === 1 ? { chosen: known[0] ?? '' } : { problem: 'one_option_only' };
  }
  const same = options.find(({ label }) => label.trim().toLowerCase() === words.trim().toLowerCase());
  if (same === undefined) return { chosen: words };
  return { chosen: multiSelect ? [same.label] : same.label };
}
