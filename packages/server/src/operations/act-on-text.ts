/** What each command of a text does. One action per kind, in the transaction that received the text. */
import { answerFromCommand } from '../asks/decide.ts';
import type { Command } from '../asks/interpret.ts';
import { nextAskState } from '../asks/lifecycle.ts';
import { answerSentence, problemSentence, sentenceFor } from '../asks/sentences.ts';
import { lockedUntil, WRONG_CODE_WINDOW_MS } from '../asks/wrong-codes.ts';
import { addWrongCode, findCode, nextPage, wrongCodesSince } from '../store/ask-codes.ts';
import { findAsk } from '../store/asks.ts';
import type { Transaction } from '../store/database.ts';
import { type Person, pausePerson } from '../store/people.ts';
import { lockSession } from '../store/sessions.ts';
import type { TextResult } from '../store/texts.ts';
import { acceptPrompt } from './accept-prompt.ts';
import { answerAskIn, publicAsk } from './answer-ask.ts';
import type { Context } from './context.ts';
import { morePage, statusReply } from './describe-work.ts';

export interface TextFrame {
  context: Context;
  tx: Transaction;
  person: Person;
  now: string;
  textId: number;
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
};

export const actOnCommand = (frame: TextFrame, command: Command): Promise<TextResult> =>
  ACTIONS[command.kind](frame, command as never);

async function status({ tx, person }: TextFrame): Promise<TextResult> {
  return { sentence: await statusReply(tx, person.id) };
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
  const now = context.clock.now().getTime();
  const wrong = await wrongCodesSince(tx, person.id, new Date(now - 2 * WRONG_CODE_WINDOW_MS).toISOString());
  const locked = lockedUntil(
    wrong.map((at) => Date.parse(at)),
    now,
  );
  if (locked !== null && command.kind === 'allow') return { sentence: sentenceFor('locked', {}) };
  const known = await findCode(tx, person.id, command.code);
  const ask = known ? await findAsk(tx, known.askId) : undefined;
  if (!known || !ask) return wrongCode(frame, command.code);
  const decided = answerFromCommand(command, ask);
  if ('problem' in decided) return { sentence: problemSentence(decided.problem) };
  const { outcome, message } = await answerAskIn(context, tx, { askId: ask.id, answer: decided.answer, via: 'sms' });
  return outcome === 'answered' ? { askId: ask.id } : { askId: ask.id, sentence: message };
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
  const { context, tx, now } = frame;
  const session = await lockSession(tx, command.sessionId);
  if (!session) return { sentence: sentenceFor('howTo', {}) };
  await acceptPrompt(
    context,
    {
      tx,
      session,
      now,
      append: async (...events) => {
        await context.store.log.appendIn(tx, events);
      },
    },
    { text: command.text, source: 'person', via: 'sms' },
  );
  return { sentence: sentenceFor('promptSent', {}) };
}
