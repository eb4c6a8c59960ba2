/** What each command of a text does. One action per kind, in the transaction that received the text. */
import type { NewEvent } from '@claude-companion/protocol';
import { answerFromCommand } from '../asks/decide.ts';
import type { Command } from '../asks/interpret.ts';
import { nextAskState } from '../asks/lifecycle.ts';
import { answerSentence, problemSentence, sentenceFor } from '../asks/sentences.ts';
import { approvalsRestUntil, TEXT_APPROVAL_LIMIT, TEXT_APPROVAL_WINDOW_MS } from '../asks/text-approvals.ts';
import { lockedUntil, WRONG_CODE_WINDOW_MS } from '../asks/wrong-codes.ts';
import { sessionStep } from '../sessions/lifecycle.ts';
import { addWrongCode, findCode, nextPage, wrongCodesSince } from '../store/ask-codes.ts';
import { findAsk } from '../store/asks.ts';
import { approvalsByText } from '../store/conversation.ts';
import type { Transaction } from '../store/database.ts';
import { type Person, pausePerson } from '../store/people.ts';
import { lockSession, type SessionRow } from '../store/sessions.ts';
import type { TextResult } from '../store/texts.ts';
import { acceptPrompt } from './accept-prompt.ts';
import { answerAskIn, publicAsk } from './answer-ask.ts';
import type { Context } from './context.ts';
import { labelOfSession, morePage, statusReply } from './describe-work.ts';
import type { SessionStart } from './start-by-text.ts';
import { insertPrepared } from './start-session.ts';

export interface TextFrame {
  context: Context;
  tx: Transaction;
  person: Person;
  now: string;
  textId: number;
  /** For a text that starts a session. */
  start: SessionStart;
}

/** PAUSE without a time. */
const DEFAULT_PAUSE_SECONDS = 3_600;

type Actions = {
  [K in Command['kind']]: (frame: TextFrame, command: Extract<Command, { kind: K }>) => Promise<TextResult>;
};

const ACTIONS: Actions = {
  allow: decide,
  deny: decide,
  reply: decide,
  unknown_code: lateOrWrong,
  status: (frame) => status(frame),
  asks: (frame) => status(frame),
  more,
  pause: async ({ context, tx, person }, { seconds }) => {
    const ms = (seconds ?? DEFAULT_PAUSE_SECONDS) * 1000;
    const until = new Date(context.clock.now().getTime() + ms).toISOString();
    await pausePerson(tx, person.id, until);
    return { sentence: sentenceFor('paused', { until, timeZone: context.policy.timeZone }) };
  },
  resume: async ({ tx, person }) => {
    await pausePerson(tx, person.id, null);
    return { sentence: sentenceFor('resumed', {}) };
  },
  prompt,
  start,
};

export const actOnCommand = (frame: TextFrame, command: Command): Promise<TextResult> =>
  ACTIONS[command.kind](frame, command as never);

async function status({ context, tx, person }: TextFrame): Promise<TextResult> {
  return { sentence: await statusReply(context, tx, person.id) };
}

/** A code of an ask that is settled is no wrong one: the person is told what became of it. */
async function lateOrWrong(frame: TextFrame, { code }: { code: string }): Promise<TextResult> {
  const known = await findCode(frame.tx, frame.person.id, code);
  const ask = known ? await findAsk(frame.tx, known.askId) : undefined;
  const step = ask ? nextAskState(ask.state, 'answer') : undefined;
  if (!ask || !step || !('refused' in step)) return wrongCode(frame, code);
  return { sentence: answerSentence(step.refused, { ask: publicAsk(ask), reason: ask.closedReason }) };
}

/** Counts towards the lock. A code that was never told is as wrong as one that never was. */
async function wrongCode({ tx, person, now }: TextFrame, code: string): Promise<TextResult> {
  await addWrongCode(tx, person.id, now);
  return { sentence: sentenceFor('wrongCode', { code }) };
}

async function decide(
  frame: TextFrame,
  command: Extract<Command, { kind: 'allow' | 'deny' | 'reply' }>,
): Promise<TextResult> {
  const { context, tx, person } = frame;
  const known = await findCode(tx, person.id, command.code);
  const ask = known ? await findAsk(tx, known.askId) : undefined;
  if (!known || !ask) return wrongCode(frame, command.code);
  const decided = answerFromCommand(command, ask);
  if ('problem' in decided) return { sentence: problemSentence(decided.problem) };
  const refused = decided.answer.decision === 'allow' ? await mayNotAllow(frame) : null;
  if (refused !== null) return { sentence: refused };
  const { outcome, message } = await answerAskIn(context, tx, { askId: ask.id, answer: decided.answer, via: 'sms' });
  return outcome === 'answered' ? { askId: ask.id } : { askId: ask.id, sentence: message };
}

/** Why this phone may allow nothing by text now; null when it may. */
async function mayNotAllow({ context, tx, person }: TextFrame): Promise<string | null> {
  const now = context.clock.now().getTime();
  const since = (ms: number): string => new Date(now - ms).toISOString();
  const times = (texts: readonly string[]): number[] => texts.map((at) => Date.parse(at));
  const wrong = await wrongCodesSince(tx, person.id, since(2 * WRONG_CODE_WINDOW_MS));
  if (lockedUntil(times(wrong), now) !== null) return sentenceFor('locked', {});
  const allowed = await approvalsByText(tx, person.id, since(TEXT_APPROVAL_WINDOW_MS));
  const rest = approvalsRestUntil(times(allowed), now);
  if (rest === null) return null;
  const until = new Date(rest).toISOString();
  return sentenceFor('approvalsRest', { limit: TEXT_APPROVAL_LIMIT, until, timeZone: context.policy.timeZone });
}

async function more(frame: TextFrame, { code }: Extract<Command, { kind: 'more' }>): Promise<TextResult> {
  const { context, tx, person } = frame;
  const known = await findCode(tx, person.id, code);
  const ask = known ? await findAsk(tx, known.askId) : undefined;
  if (!ask) return wrongCode(frame, code);
  const page = await nextPage(tx, person.id, code);
  return { sentence: morePage(context, publicAsk(ask), { code, page }) };
}

async function prompt(frame: TextFrame, command: Extract<Command, { kind: 'prompt' }>): Promise<TextResult> {
  const session = await lockSession(frame.tx, command.sessionId);
  if (!session || !sessionStep(session.state, 'prompt').ok) {
    return { sentence: sentenceFor('ended', { name: command.name }) };
  }
  const held = session.state === 'waiting';
  await promptIn(frame, session, command.text);
  return { sentence: sentenceFor('promptSent', { name: command.name, held }) };
}

async function start(frame: TextFrame, { project, text }: Extract<Command, { kind: 'start' }>): Promise<TextResult> {
  const { context, tx, person } = frame;
  const { prepared } = frame.start;
  if (prepared === null) return { sentence: sentenceFor('notStarted', { name: project }) };
  await insertPrepared(context, tx, prepared);
  await promptIn(frame, prepared, text);
  return { sentence: sentenceFor('started', { name: await labelOfSession(tx, person.id, prepared.id) }) };
}

async function promptIn({ context, tx, now }: TextFrame, session: SessionRow, text: string): Promise<void> {
  const append = async (...events: NewEvent[]): Promise<void> => {
    await context.store.log.appendIn(tx, events);
  };
  await acceptPrompt(context, { tx, session, now, append }, { text, source: 'person', via: 'sms' });
}
