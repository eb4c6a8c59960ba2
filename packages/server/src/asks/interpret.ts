/**
 * What a text message asks for.
 *
 * Two rules outweigh every other: an ask is allowed only by an allow word right beside the code of an open ask, in a message
 * whose every word is explained by this grammar; and whatever is not certain does nothing and asks back. Denying is safe, so
 * a reason in free words may follow it.
 */
import { readClauses } from './sms-clauses.ts';
import { type SmsToken, tokenise } from './sms-tokens.ts';
import { type CarrierEffect, carrierWord } from './words.ts';

export interface OpenCode {
  code: string;
  /** `decision`: permission, plan, limit. `words`: question, waiting. */
  takes: 'decision' | 'words';
}

export interface SmsContext {
  /** The open asks this phone was given a code for. */
  openCodes: readonly OpenCode[];
  /** Ids of this person's sessions that wait for words. */
  waiting: readonly string[];
  /** The operator lets a bare OK or NO decide when exactly one ask is open. Default false. */
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
  | { kind: 'prompt'; sessionId: string; text: string };

export type ClarifyReason =
  | 'empty'
  | 'unclear'
  | 'needs_code'
  | 'needs_verb'
  | 'needs_words'
  | 'pause_length'
  | 'nothing_waits'
  | 'several_wait';

export type Interpretation =
  | { kind: 'commands'; commands: Command[] }
  /** The carrier has acted on it; nothing of ours may happen. */
  | { kind: 'carrier'; word: string; effect: CarrierEffect }
  | { kind: 'clarify'; reason: ClarifyReason; codes: string[] };

/** Longer messages are not answers to asks; they are read as plain text only. */
const MAX_LENGTH = 1_600;
/** The longest pause by text: a week. */
const MAX_PAUSE_SECONDS = 7 * 86_400;

export function interpret(text: string, context: SmsContext): Interpretation {
  const carrier = carrierWord(text);
  if (carrier !== null) return { kind: 'carrier', ...carrier };
  const clarify = (reason: ClarifyReason): Interpretation => ({
    kind: 'clarify',
    reason,
    codes: context.openCodes.map(({ code }) => code),
  });
  if (text.length > MAX_LENGTH) return plainText(text, context, clarify);
  const tokens = tokenise(text, new Set(context.openCodes.map(({ code }) => code)));
  const words = tokens.filter(({ kind }) => kind !== 'separator');
  if (words.length === 0) return clarify('empty');
  const general = generalCommand(text, words, context);
  if (general !== null) return typeof general === 'string' ? clarify(general) : commands([general]);
  if (tokens.some((token) => token.kind === 'code' && token.open) || beginsWithCode(words)) {
    const clauses = readClauses({ text, tokens, openCodes: context.openCodes });
    return typeof clauses === 'string' ? clarify(clauses) : commands(clauses);
  }
  return withoutCode(text, words, context) ?? plainText(text, context, clarify);

  function withoutCode(
    whole: string,
    spoken: readonly SmsToken[],
    { openCodes, bareOk }: SmsContext,
  ): Interpretation | null {
    const decisions = openCodes.filter(({ takes }) => takes === 'decision');
    const roles = spoken.map((token) => (token.kind === 'word' ? token.role : 'other'));
    const decides = roles[0] === 'allow' || roles[0] === 'deny' || roles.every((role) => role === 'polite');
    if (decisions.length === 0 || !decides) return null;
    const [only] = decisions;
    const pure = roles.every((role) => role === 'polite' || role === roles[0]);
    const certain = pure && roles[0] !== 'polite' && !whole.includes('?');
    if (bareOk !== true || only === undefined || openCodes.length !== 1 || !certain) return clarify('needs_code');
    return commands([
      roles[0] === 'allow' ? { kind: 'allow', code: only.code } : { kind: 'deny', code: only.code, reason: null },
    ]);
  }
}

function commands(list: Command[]): Interpretation {
  return { kind: 'commands', commands: list };
}

/** A code at the start, or right after a verb: the shape of an answer, to an ask that is not open any more. */
function beginsWithCode(words: readonly SmsToken[]): boolean {
  const [first, second] = words;
  const verb = first?.kind === 'word' && (first.role === 'allow' || first.role === 'deny');
  return first?.kind === 'code' || (verb && second?.kind === 'code');
}

function plainText(
  text: string,
  context: SmsContext,
  clarify: (reason: ClarifyReason) => Interpretation,
): Interpretation {
  const [sessionId, ...others] = context.waiting;
  if (sessionId === undefined) return clarify('nothing_waits');
  if (others.length > 0) return clarify('several_wait');
  return commands([{ kind: 'prompt', sessionId, text: text.trim() }]);
}

const PLAIN_VERBS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['status', { kind: 'status' }],
  ['asks', { kind: 'asks' }],
  ['resume', { kind: 'resume' }],
]);

const SECONDS: ReadonlyMap<string, number> = new Map(Object.entries({ m: 60, h: 3_600, d: 86_400 }));

/** Commands about no ask: the whole message or nothing, so that "status of the tests?" still reaches an agent. */
function generalCommand(text: string, words: readonly SmsToken[], context: SmsContext): Command | ClarifyReason | null {
  const [first, second, ...rest] = words.filter((token) => token.kind !== 'word' || token.role !== 'polite');
  if (first?.kind !== 'word') return null;
  if (first.word === 'pause') return pauseCommand(text);
  if (second === undefined) {
    const plain = PLAIN_VERBS.get(first.word);
    if (plain !== undefined) return plain;
  }
  return first.word === 'more' && rest.length === 0 ? moreCommand(second, context) : null;
}

function moreCommand(code: SmsToken | undefined, { openCodes }: SmsContext): Command | ClarifyReason | null {
  const [only, ...others] = openCodes;
  if (code === undefined)
    return only !== undefined && others.length === 0 ? { kind: 'more', code: only.code } : 'needs_code';
  if (code.kind !== 'code') return null;
  return code.open ? { kind: 'more', code: code.code } : { kind: 'unknown_code', code: code.code };
}

const PAUSE = /^\W*pause(?:\s+(?:for\s+)?(\d{1,4})\s*(m|min|mins|minutes?|h|hrs?|hours?|d|days?)?)?\W*$/i;

function pauseCommand(text: string): Command | ClarifyReason | null {
  const match = PAUSE.exec(text.normalize('NFKC'));
  if (match === null) return null;
  if (match[1] === undefined) return { kind: 'pause', seconds: null };
  const unit = SECONDS.get(match[2]?.charAt(0).toLowerCase() ?? '');
  const seconds = unit === undefined ? 0 : Number(match[1]) * unit;
  return seconds > 0 && seconds <= MAX_PAUSE_SECONDS ? { kind: 'pause', seconds } : 'pause_length';
}
