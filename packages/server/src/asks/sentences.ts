/**
 * Every sentence that goes back to the person who wrote or answered. Short, in GSM-7, each says what is so now; none asks
 * anybody to send a word that carriers own.
 */
import type { Answer, AnswerResult, Ask, AskKind, Door } from '@claude-companion/protocol';
import type { Misfit } from './answer-shape.ts';
import type { AnswerProblem } from './decide.ts';
import { describeCall } from './describe-call.ts';
import { cut, fits } from './render.ts';
import type { AnswerRefusal } from './risk/may-answer.ts';
import { HOW, nameOf } from './sentences-clarify.ts';
import { defanged, imitatesUs, proseText } from './visible-text.ts';

/** Of a command only the start is repeated: the person has just decided about it. */
const MAX_SUBJECT = 60;

export type SentencedAsk = Pick<Ask, 'kind' | 'tool' | 'input' | 'cwd' | 'answer' | 'answeredVia'>;

/** What became of an answer. `reason`: why it was refused, a key of the tables below, or words of the server. */
export function answerSentence(
  outcome: AnswerResult['outcome'],
  facts: { ask: SentencedAsk | null; reason: string | null },
): string {
  return OUTCOMES[outcome](facts.ask, facts.reason);
}

const OUTCOMES: Record<AnswerResult['outcome'], (ask: SentencedAsk | null, reason: string | null) => string> = {
  answered: () => 'Taken: the agent gets your answer as soon as it runs.',
  applied: (ask) =>
    ask === null ? 'Applied.' : `Applied: ${APPLIED[ask.kind][ask.answer?.decision ?? 'deny'](subjectOf(ask))}`,
  already_answered: (ask) => `Already answered${answeredBy(ask)}. Nothing changed.`,
  expired: (ask) => `Too late: nobody answered in time, so ${subjectOf(ask)} was denied. The agent can ask again.`,
  superseded: () => 'Already answered by you at the desk. Nothing changed.',
  withdrawn: () => 'The agent no longer needs an answer. Nothing changed.',
  refused: (_ask, reason) => `Not taken: ${refusalWords(reason)}`,
  not_found: () => 'There is no such ask. Text ASKS to see what is open.',
};

const APPLIED: Record<AskKind, Record<Answer['decision'], (subject: string) => string>> = {
  permission: {
    allow: (subject) => `${subject} runs now.`,
    deny: (subject) => `${subject} does not run.`,
    reply: () => 'the agent has your words.',
  },
  plan: {
    allow: () => 'the agent follows the plan.',
    deny: () => 'the agent does not follow the plan.',
    reply: () => 'the agent has your words.',
  },
  limit: {
    allow: () => 'the session goes on.',
    deny: () => 'the session stays where it is.',
    reply: () => 'the session goes on with the cheaper model.',
  },
  question: {
    allow: () => 'the agent has your answer.',
    deny: () => 'the agent knows that you do not answer.',
    reply: () => 'the agent has your answer.',
  },
  waiting: {
    allow: () => 'the agent goes on.',
    deny: () => 'the session stays where it is.',
    reply: () => 'the agent has your words.',
  },
  done: { allow: () => 'noted.', deny: () => 'noted.', reply: () => 'noted.' },
  error: { allow: () => 'noted.', deny: () => 'noted.', reply: () => 'noted.' },
};

const VIA: Record<Door, string> = {
  api: ' on a screen',
  screen: ' on a screen',
  socket: ' on a screen',
  terminal: ' in the terminal',
  sms: ' by text',
  push: ' from a notification',
  desk: ' at the desk',
  deadline: ': nobody answered in time, so it was denied',
  server: ' by the server',
};

const DECIDED: Record<Answer['decision'], string> = { allow: ' with OK', deny: ' with NO', reply: '' };

function answeredBy(ask: SentencedAsk | null): string {
  const decision = ask?.answer?.decision;
  return `${ask?.answeredVia == null ? '' : VIA[ask.answeredVia]}${decision === undefined ? '' : DECIDED[decision]}`;
}

const REFUSED: Record<AnswerRefusal | Misfit, string> = {
  needs_screen: 'this needs your screen. NO works by text.',
  suggestions_need_screen: 'a standing permission needs your screen.',
  needs_passkey: 'you are signed in by a text only, and this needs your passkey. Denying works without.',
  not_a_person: 'only a person may allow this.',
  needs_yes_or_no: 'answer with OK or NO and the code.',
  not_an_option: 'choose one of the options.',
  needs_words: 'this needs words or a number after the code.',
  unknown_question: 'answer each question that was asked.',
  nothing_to_decide: 'there is nothing to decide.',
};

function refusalWords(reason: string | null): string {
  if (reason !== null && Object.hasOwn(REFUSED, reason)) return REFUSED[reason as keyof typeof REFUSED];
  return 'the call is not the one you were shown. The agent has to ask again.';
}

function subjectOf(ask: SentencedAsk | null): string {
  if (ask === null || ask.kind !== 'permission') return 'it';
  const call = describeCall(ask.tool ?? 'the tool', ask.input ?? {}, ask.cwd).replace(/^Bash: /, '');
  const text = proseText(defanged(call.slice(0, 4 * MAX_SUBJECT)));
  if (imitatesUs(text)) return 'it';
  return text.length <= MAX_SUBJECT ? text : cut(text, (shorter) => shorter.length <= MAX_SUBJECT);
}

/** What to do about an answer that does not fit its ask. The ask stays open. */
export function problemSentence(problem: AnswerProblem): string {
  return PROBLEMS[problem];
}

const PROBLEMS: Record<AnswerProblem, string> = {
  needs_words: 'Not taken: this needs words or a number after the code.',
  no_such_option: 'Not taken: there is no option with that number.',
  one_option_only: 'Not taken: choose one option only.',
  not_an_option: 'Not taken: answer with OK, NO or the number of an option.',
  one_answer_each: 'Not taken: several questions were asked. Answer each, with ; between them.',
  nothing_to_decide: 'There is nothing to decide about that.',
};

/** Facts of each sentence that answers no ask. */
export interface SentenceFacts {
  /** `until`: ISO 8601. `timeZone`: the person's own; default UTC. */
  paused: { until: string; timeZone?: string };
  resumed: Record<string, never>;
  /** `name`: of the session. `held`: it reads the words only after an ask of it is answered. */
  promptSent: { name: string; held: boolean };
  started: { name: string };
  ended: { name: string };
  notStarted: { name: string };
  wrongCode: { code: string };
  locked: Record<string, never>;
  /** `until`: ISO 8601. `timeZone`: the person's own; default UTC. */
  approvalsRest: { limit: number; until: string; timeZone?: string };
  /** `open`: only codes this phone has been told. `title` is agent-written. */
  status: {
    open: readonly { code: string; title: string }[];
    /** Open asks that no text can decide, and where they are shown. */
    elsewhere: { count: number; link: string };
    /** Names of sessions at work. */
    running: readonly string[];
    idle: number;
  };
  howTo: Record<string, never>;
}

export function sentenceFor<K extends keyof SentenceFacts>(kind: K, facts: SentenceFacts[K]): string {
  return SENTENCES[kind](facts);
}

const SENTENCES: { [K in keyof SentenceFacts]: (facts: SentenceFacts[K]) => string } = {
  paused: ({ until, timeZone = 'UTC' }) =>
    `Texts pause until ${clockTime(until, timeZone)}. What cannot wait still comes. RESUME ends the pause.`,
  resumed: () => 'Texts are on again.',
  promptSent: ({ name, held }) =>
    held
      ? `Sent to ${nameOf(name)}. It reads that once its open ask is answered: ASKS shows it.`
      : `Sent to ${nameOf(name)}. You get a text when it is done or needs you.`,
  started: ({ name }) =>
    `Started ${nameOf(name)}. You get a text when it is done or needs you. Say ${nameOf(name)}: your words to add something.`,
  ended: ({ name }) =>
    `Not sent: ${nameOf(name)} has ended. STATUS tells what runs, NEW and a project starts a session.`,
  notStarted: ({ name }) => `Not started: no session can be made in ${nameOf(name)} now. Look at the server's log.`,
  wrongCode: ({ code }) => `No open ask has the code ${code.slice(0, 8)}. ASKS lists what is open.`,
  locked: () => 'Too many wrong codes: OK by text is locked for an hour. NO still works, and so does your screen.',
  approvalsRest: ({ limit, until, timeZone = 'UTC' }) =>
    `You allowed ${limit} by text within an hour: OK by text rests until ${clockTime(until, timeZone)}. NO still works, and so does your screen.`,
  status: statusSentence,
  howTo: () => HOW,
};

function clockTime(iso: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return `${format.format(Date.parse(iso)).replace(',', '')}${timeZone === 'UTC' ? ' UTC' : ''}`;
}

function statusSentence({ open, elsewhere, running, idle }: SentenceFacts['status']): string {
  const work = `${running.length} running, ${idle} idle`;
  const lines = open.map(({ code, title }) => `${code} ${defanged(proseText(title))}`);
  const screen = elsewhere.count === 0 ? [] : [`${elsewhere.count} more on your screen: ${elsewhere.link}`];
  const at = running.length === 0 ? [] : [`Running: ${running.slice(0, MAX_RUNNING).map(nameOf).join(', ')}.`];
  const first =
    open.length + screen.length === 0 ? `Nothing is waiting for you. ${work}.` : `${open.length} waiting, ${work}:`;
  const textOf = (shown: number) =>
    [
      first,
      ...lines.slice(0, shown),
      ...(shown < lines.length ? [`and ${lines.length - shown} more`] : []),
      ...screen,
      ...at,
    ].join('\n');
  let shown = lines.length;
  while (shown > 0 && !fits(textOf(shown))) shown -= 1;
  return textOf(shown);
}

const MAX_RUNNING = 5;
