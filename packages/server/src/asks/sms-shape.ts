/** A message as one letter per token, so that the grammar of answers is a few patterns that can be read. */
import type { OpenCode } from './interpret.ts';
import type { SmsToken } from './sms-tokens.ts';
import type { WordRole } from './words.ts';

export interface SmsMessage {
  text: string;
  tokens: readonly SmsToken[];
  /** One letter per token. */
  shape: string;
  openCodes: readonly OpenCode[];
}

/**
 * `C` code of an open decision, `R` of an open ask for words, `X` of none; `s` what ends a thought, `c` a colon, `q` a
 * question mark; the words by what they do to a decision.
 */
const LETTERS: Record<WordRole, string> = {
  allow: 'A',
  weakAllow: 'a',
  deny: 'D',
  weakDeny: 'd',
  negator: 'N',
  none: 'Z',
  all: '*',
  and: '&',
  but: 'B',
  polite: 'P',
  trailing: 'H',
  link: 'L',
  copula: 'I',
  question: 'Q',
  doubt: 'U',
  condition: 'K',
  other: 'W',
};

export function shapeOf(tokens: readonly SmsToken[]): string {
  return tokens.map((token, index) => letterOf(token, index, tokens)).join('');
}

function letterOf(token: SmsToken, index: number, tokens: readonly SmsToken[]): string {
  if (token.kind === 'code') return token.open ? OPEN[token.takes] : 'X';
  if (token.kind === 'separator') return token.mark === ':' ? 'c' : token.mark === '?' ? 'q' : 's';
  return LETTERS[AMBIGUOUS.get(token.word)?.(index, tokens) ?? token.role];
}

const OPEN = { decision: 'C', choice: 'C', words: 'R' } as const;

/** One letter that is a short answer in one text and a short "and" in another. */
const AMBIGUOUS: ReadonlyMap<string, (index: number, tokens: readonly SmsToken[]) => WordRole> = new Map<
  string,
  (index: number, tokens: readonly SmsToken[]) => WordRole
>([
  // `y 7k3f n m2wx` denies; `ok 7k3f n m2wx` may mean "and".
  [
    'n',
    (_index, tokens) => {
      const yes = tokens.filter((token) => token.kind === 'word' && token.role === 'allow');
      return yes.length > 0 && !yes.some((token) => token.kind === 'word' && token.word === 'y') ? 'other' : 'deny';
    },
  ],
  // `sí 7k3f y no m2wx`: Spanish "and".
  [
    'y',
    (index, tokens) => {
      const next = tokens[index + 1];
      const denies = next?.kind === 'word' && (next.role === 'deny' || next.role === 'negator');
      return tokens[index - 1]?.kind === 'code' && denies ? 'and' : 'allow';
    },
  ],
]);

/** What stands before a code and decides about it. A denial may be a negated allow word; two negations decide nothing. */
export const ALLOW_VERB = '[Aa][AaPLsc*]*';
export const DENY_VERB = '(?:[DdZ][DdPLsc*]*(?:N[PL]*(?:[Aa][AaPL]*)?)?|N[PL*]*(?:[Aa][AaPL*]*)?)';
/** A verb with its code: here another clause may begin. */
export const DECISION = `(?:${ALLOW_VERB}|${DENY_VERB})[CXR]`;

export function matchAt(pattern: RegExp, shape: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(shape);
}
