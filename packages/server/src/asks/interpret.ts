/**
 * What a text message asks for.
 *
 * Two rules outweigh every other: an ask is allowed only by an allow word right beside the code of an open ask, in a message
 * whose every word is explained by this grammar; and whatever is not certain does nothing and asks back. Denying is safe, so
 * a reason in free words may follow it.
 */
import { readClauses, trimmedWords } from './sms-clauses.ts';
import { generalCommand } from './sms-general.ts';
import { labelOf, namedPrompts, newSession } from './sms-names.ts';
import { withoutNoise } from './sms-noise.ts';
import { shapeOf } from './sms-shape.ts';
import { type SmsToken, tokenise } from './sms-tokens.ts';
import { readWithoutCode } from './sms-without-code.ts';
import { type CarrierEffect, carrierWord } from './words.ts';

export interface OpenCode {
  code: string;
  /** `decision`: permission, plan. `choice`: limit, a decision with numbered options. `words`: question, waiting. */
  takes: 'decision' | 'choice' | 'words';
  sessionId: string;
}

/** A session of this person that has not ended. */
export interface NamedSession {
  id: string;
  /** Its project: what texts about it begin with, and what a person calls it. */
  name: string;
  /** Counts this person's sessions of that name, from 1 for the first that was made; stays the same for ever. */
  number: number;
  kind: 'hosted' | 'monitored';
  /** A turn is in progress, or it waits for this person: of several sessions of a name the one that is meant. */
  engaged: boolean;
}

export interface SmsContext {
  /** The open asks this phone was given a code for. */
  openCodes: readonly OpenCode[];
  /** Sessions of the open asks that a text cannot decide: no code was told. */
  untold: readonly string[];
  /** Ids of this person's sessions that wait for words. */
  waiting: readonly string[];
  sessions: readonly NamedSession[];
  /** Where this person may start a session; null: this person may start none. */
  projects: readonly string[] | null;
  /** The operator lets a bare OK decide when exactly one ask is open. Default false. */
  bareOk?: boolean;
}

export type Command =
  | { kind: 'allow'; code: string }
  | { kind: 'deny'; code: string; reason: string | null }
  /** Free words for one ask: a choice, an answer, or (for a decision) what to do instead. */
  | { kind: 'reply'; code: string; text: string }
  | { kind: 'unknown_code'; code: string }
  | { kind: 'more'; code: string }
  | { kind: 'status' }
  | { kind: 'asks' }
  /** `seconds` is null when the message names no time. */
  | { kind: 'pause'; seconds: number | null }
  | { kind: 'resume' }
  /** `name`: what the person calls the session. */
  | { kind: 'prompt'; sessionId: string; name: string; text: string }
  | { kind: 'start'; project: string; text: string };

export type ClarifyReason =
  | 'empty'
  | 'unclear'
  | 'asked_about'
  | 'needs_code'
  | 'needs_verb'
  | 'needs_words'
  | 'needs_screen'
  | 'needs_prompt'
  | 'pause_length'
  | 'nothing_waits'
  | 'several_wait'
  | 'several_named'
  | 'unknown_name'
  | 'unknown_project'
  | 'may_not_start'
  | 'runs_elsewhere';

export type Interpretation =
  | { kind: 'commands'; commands: Command[] }
  /** The carrier has acted on it; nothing of ours may happen. */
  | { kind: 'carrier'; word: string; effect: CarrierEffect }
  /** `codes`, `names`: what the person may choose from: codes of asks, names of sessions or projects. */
  | { kind: 'clarify'; reason: ClarifyReason; codes: Pick<OpenCode, 'code' | 'takes'>[]; names: string[] };

/** Longer messages are not answers to asks; they are read as plain text only. */
const MAX_LENGTH = 1_600;

export function interpret(text: string, context: SmsContext): Interpretation {
  const carrier = carrierWord(text);
  if (carrier !== null) return { kind: 'carrier', ...carrier };
  const read = understood(text, context);
  if (Array.isArray(read)) return { kind: 'commands', commands: read };
  const { clarify, codes = [], names = [] } = typeof read === 'string' ? { clarify: read } : read;
  const chosen = context.openCodes.filter(({ code }) => codes.length === 0 || codes.includes(code));
  return {
    kind: 'clarify',
    reason: clarify,
    codes: chosen.map(({ code, takes }) => ({ code, takes })),
    names: [...names],
  };
}

/** `codes`, `names`: what to choose from; without codes it is all that are open. */
export interface AskedBack {
  clarify: ClarifyReason;
  codes?: readonly string[];
  names?: readonly string[];
}

type Read = Command[] | ClarifyReason | AskedBack;

function understood(text: string, context: SmsContext): Read {
  if (text.length > MAX_LENGTH) return plainText(text, context);
  const typed = withoutNoise(text);
  if (typed === null) return 'unclear';
  const named = newSession(typed, context) ?? namedPrompts(typed, context);
  if (named !== null) return 'commands' in named ? named.commands : named;
  const { openCodes } = context;
  const tokens = tokenise(typed, openCodes);
  if (tokens.every(({ kind }) => kind === 'separator')) return tokens.some(isQuestion) ? 'unclear' : 'empty';
  const general = generalCommand({ text: typed, tokens, openCodes });
  if (general !== null) return typeof general === 'string' ? general : [general];
  const shape = shapeOf(tokens);
  if (/[CR]/.test(shape) || ANSWERS_CLOSED.test(shape)) return readClauses({ text: typed, tokens, shape, openCodes });
  return readWithoutCode({ text: typed, tokens, shape }, context) ?? plainText(typed, context);
}

const isQuestion = (token: SmsToken): boolean => token.kind === 'separator' && token.mark === '?';

/** A code at the start, or right after a verb: the shape of an answer, to an ask that is not open any more. */
const ANSWERS_CLOSED = /^[Ps]*(?:[ADN][AaDdPLs]*|[AaDdPLs]*)X/;

/** Words without any code, for the one session or the one question that waits for them. */
function plainText(text: string, context: SmsContext): Read {
  const { waiting, openCodes, sessions, untold } = context;
  const words = text.trim();
  const [sessionId, ...others] = waiting;
  const questions = openCodes.filter(({ takes }) => takes === 'words');
  if (sessionId === undefined) {
    const [question] = questions;
    if (question && openCodes.length === 1 && untold.length === 0)
      return [{ kind: 'reply', code: question.code, text: words }];
    if (untold.length > 0 && openCodes.length === 0) return 'needs_screen';
    return { clarify: 'nothing_waits', names: sessions.map((each) => labelOf(each, sessions)) };
  }
  if (others.length > 0) {
    const waits = sessions.filter(({ id }) => waiting.includes(id));
    return { clarify: 'several_wait', names: waits.map((each) => labelOf(each, sessions)) };
  }
  // A bare number is the answer to a question, but nobody said to which.
  if (/^\W*\d{1,2}\W*$/.test(words) && questions.some((each) => each.sessionId !== sessionId)) return 'needs_code';
  const own = questions.filter((each) => each.sessionId === sessionId);
  const [ask] = own;
  if (ask && own.length === 1) return [{ kind: 'reply', code: ask.code, text: words }];
  const session = sessions.find(({ id }) => id === sessionId);
  const name = session ? labelOf(session, sessions) : '';
  const start =
    words.slice(0, name.length).toLowerCase() === name.toLowerCase() && /^[\s,-]/.test(words.slice(name.length));
  const meant = name !== '' && start ? trimmedWords(words.slice(name.length), false) : words;
  return [{ kind: 'prompt', sessionId, name, text: meant === '' ? words : meant }];
}
