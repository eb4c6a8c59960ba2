/** The words that carriers own, and what a word of a person's text does to a decision. */
import { PHRASES } from './lexicon.ts';
import { isOneSlipAway } from './one-letter.ts';

export type CarrierEffect = 'opt_out' | 'opt_in' | 'help';

/**
 * As a whole message these belong to the carrier: it unsubscribes the phone, subscribes it again or sends its own help text
 * before we hear of it. None may ever be a verb of ours, and none may ever do something of ours.
 */
const CARRIER_WORDS: ReadonlyMap<string, CarrierEffect> = new Map([
  ['STOP', 'opt_out'],
  ['STOPALL', 'opt_out'],
  ['UNSUBSCRIBE', 'opt_out'],
  ['END', 'opt_out'],
  ['QUIT', 'opt_out'],
  ['REVOKE', 'opt_out'],
  ['OPTOUT', 'opt_out'],
  ['CANCEL', 'opt_out'],
  ['START', 'opt_in'],
  ['YES', 'opt_in'],
  ['UNSTOP', 'opt_in'],
  ['HELP', 'help'],
  ['INFO', 'help'],
]);

/** Also true for `Stop.` and `stop all`: whoever writes that means the carrier's word, whether the carrier sees it or not. */
export function carrierWord(text: string): { word: string; effect: CarrierEffect } | null {
  const word = text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
  const effect = CARRIER_WORDS.get(word);
  return effect === undefined ? null : { word, effect };
}

/**
 * What a word does to a decision. Only beside a code: `weakAllow`, `weakDeny` (also plain words of a prompt: "run the
 * tests"), `negator` (turns an allow word into a denial), `link` (between verb and code), `copula` (between code and
 * verb), `all`. `doubt` and `question` take
 * certainty from the whole text. `condition` does so when an allow follows. Every word that is not listed is `other`.
 */
export type WordRole =
  | 'allow'
  | 'weakAllow'
  | 'deny'
  | 'weakDeny'
  | 'negator'
  | 'none'
  | 'all'
  | 'and'
  | 'but'
  | 'polite'
  /** Means nothing behind a decision, and is no part of one before it. */
  | 'trailing'
  | 'link'
  | 'copula'
  | 'question'
  | 'doubt'
  | 'condition'
  | 'other';

/** The same spelling for every way to type a word: case, width, apostrophes, skin tones. */
export function folded(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\p{EMod}|\u{fe0f}/gu, '')
    .replace(/[’`´ʼ]/gu, "'");
}

const once = (word: string): string => word.replace(/(.)\1+/gu, '$1');

/** `okkk`, `nooo`, `waait`: drawn out, found by their spelling without the repetition. What takes certainty away wins. */
const DRAWN_OUT: ReadonlyMap<string, WordRole> = new Map(
  (['allow', 'deny', 'question', 'doubt', 'negator'] as const).flatMap((role) =>
    [...PHRASES]
      .filter(([phrase, its]) => its === role && /^\p{L}{1,8}$/u.test(phrase))
      .map(([phrase]): [string, WordRole] => [once(phrase), role]),
  ),
);

/** The role of one folded word, or of several that stand together. */
export function roleOf(phrase: string): WordRole {
  const role = PHRASES.get(phrase);
  if (role !== undefined) return role;
  const short = once(phrase);
  return short === phrase ? 'other' : (DRAWN_OUT.get(short) ?? 'other');
}

export const isPhrase = (phrase: string): boolean => PHRASES.has(phrase);

const DOUBTS = [
  'wait',
  'maybe',
  'perhaps',
  'probably',
  'never',
  "don't",
  'actually',
  'unless',
  'unsure',
  'nevermind',
  'kidding',
  'later',
  'bad',
];
/** Of what follows these, somebody else may be the speaker, or nobody. */
const DISTANCE = ['not', 'say', 'said', 'tell', 'told', 'write', 'type', 'reply', 'answer'];

/**
 * A word that takes certainty away, misspelt by one letter: `wiat`, `mabye`, `nver`; before an answer also `ell` and `ay`, which
 * may have been "tell" and "say".
 */
export function soundsLikeDoubt(word: string, place: 'before' | 'after'): boolean {
  const words = place === 'before' ? [...DOUBTS, ...DISTANCE] : DOUBTS;
  return word.length >= 2 && words.some((doubt) => isOneSlipAway(word, doubt));
}
