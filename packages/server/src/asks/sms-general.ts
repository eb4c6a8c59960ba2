/** Commands about no decision: STATUS, ASKS, MORE, PAUSE, RESUME. The whole text or the whole clause, or nothing. */
import type { ClarifyReason, Command, OpenCode } from './interpret.ts';
import type { SmsToken } from './sms-tokens.ts';

/** The longest pause by text: a week. */
const MAX_PAUSE_SECONDS = 7 * 86_400;

export interface SmsPart {
  text: string;
  tokens: readonly SmsToken[];
  openCodes: readonly OpenCode[];
}

const PLAIN_VERBS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['status', { kind: 'status' }],
  ['stat', { kind: 'status' }],
  ['stats', { kind: 'status' }],
  ['asks', { kind: 'asks' }],
  ['ask', { kind: 'asks' }],
  ['resume', { kind: 'resume' }],
  ['unpause', { kind: 'resume' }],
  ['unmute', { kind: 'resume' }],
  ['unsnooze', { kind: 'resume' }],
]);
const PAUSES = new Set(['pause', 'mute', 'snooze']);
export const SHOWS = new Set(['more', 'show', 'details']);
/** What the texts themselves are called, and what else adds nothing: `resume texts`, `show me 7k3f`. */
const TEXTS = new Set(['text', 'texts', 'message', 'messages', 'notifications', 'me', 'info', 'about', 'on']);

/** So that "status of the tests?" still reaches an agent, every word must belong to the command. */
export function generalCommand(part: SmsPart): Command | ClarifyReason | null {
  const words = part.tokens.filter(({ kind }) => kind !== 'separator');
  const meant = words.filter((token) => token.kind !== 'word' || token.role !== 'polite');
  const [first, second, ...rest] = meant.filter((token) => token.kind !== 'word' || !TEXTS.has(token.word));
  if (first?.kind !== 'word' || words[0] === undefined) return null;
  const pause = PAUSES.has(first.word) || /^pause\d/.test(first.word);
  if (pause) return pauseCommand(part.text);
  if (second === undefined) {
    const plain = PLAIN_VERBS.get(first.word) ?? PLAIN_VERBS.get(swapped(first.word));
    if (plain !== undefined) return plain;
  }
  return SHOWS.has(first.word) && rest.length === 0 ? moreCommand(first.word, second, part) : null;
}

const MISSPELT = ['status', 'resume'];

/** The command that is meant by a word with one letter too few or two letters swapped; the word itself when none is. */
function swapped(word: string): string {
  const variants = (meant: string): string[] =>
    [...meant].flatMap((char, index) => [
      meant.slice(0, index) + meant.slice(index + 1),
      meant.slice(0, index) + meant.charAt(index + 1) + char + meant.slice(index + 2),
    ]);
  return MISSPELT.find((meant) => variants(meant).includes(word)) ?? word;
}

function moreCommand(verb: string, code: SmsToken | undefined, { openCodes }: SmsPart): Command | ClarifyReason | null {
  const [only, ...others] = openCodes;
  if (code === undefined) {
    if (verb !== 'more') return null;
    return only !== undefined && others.length === 0 ? { kind: 'more', code: only.code } : 'needs_code';
  }
  if (code.kind !== 'code') return null;
  return code.open ? { kind: 'more', code: code.code } : { kind: 'unknown_code', code: code.code };
}

const PAUSE =
  /^\W*(?:pause|mute|snooze)\s*(?:(?:the |all |my )?(?:texts?|messages?|notifications?)\b)?\s*(?:for\b)?\s*(.*?)\W*$/isu;
const NUMBER = String.raw`\d{1,4}(?:[.,]\d)?|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve`;
const UNIT = 'minutes?|mins?|m|hours?|hrs?|h|days?|d';
const LENGTH = new RegExp(
  `^(?:(half) an? (hour|day)|(${NUMBER})\\s*(${UNIT})(?:\\s*(?:and\\s+)?(\\d{1,2})\\s*(?:m|min|mins|minutes)?)?)(?:\\s+(?:please|pls|thanks))*$`,
  'i',
);
/** What begins a time that we cannot tell, as against something that an agent should pause. */
const SOME_TIME = /^(?:\d|half|until|till|til|forever|tonight|overnight|tomorrow|a (?:while|bit)|the night)\b|^\d/i;
const SECONDS: ReadonlyMap<string, number> = new Map(Object.entries({ m: 60, h: 3_600, d: 86_400 }));
const NUMBERS = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

function pauseCommand(text: string): Command | ClarifyReason | null {
  const rest = PAUSE.exec(text.normalize('NFKC'))?.[1]?.trim() ?? null;
  if (rest === null) return null;
  if (/^(?:(?:please|pls|thanks)\b\W*)*$/i.test(rest)) return { kind: 'pause', seconds: null };
  const match = LENGTH.exec(rest);
  if (match === null) return SOME_TIME.test(rest) ? 'pause_length' : null;
  const [, half, halfUnit, amount = '', unit = '', more] = match;
  const single = (name: string): number => SECONDS.get(name.charAt(0).toLowerCase()) ?? 0;
  const seconds = half ? single(halfUnit ?? '') / 2 : numberOf(amount) * single(unit) + Number(more ?? 0) * 60;
  return seconds > 0 && seconds <= MAX_PAUSE_SECONDS ? { kind: 'pause', seconds } : 'pause_length';
}

function numberOf(words: string): number {
  const spelled = NUMBERS.indexOf(words.toLowerCase());
  if (spelled >= 0) return spelled;
  return /^an?$/i.test(words) ? 1 : Number(words.replace(',', '.'));
}
