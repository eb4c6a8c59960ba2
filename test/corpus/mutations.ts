/**
 * What happens to a text between a head and a server, without changing what it says: other case, other spaces, added
 * punctuation and emoji, quotes, fillers, signatures, misspelt words.
 *
 * None of them takes a word away or turns one into a yes, because that would change the meaning: a mutation that makes an
 * allow word, or a code, where there was none is dropped.
 */
import { folded, roleOf } from '../../packages/server/src/asks/words.ts';

type Mutation = (text: string, pick: (count: number) => number) => string;

/** Applies mutations until the choices are used up; three choices or so make one. */
export function mutationOf(text: string, choices: readonly number[]): string {
  const left = [...choices];
  const pick = (count: number): number => (left.shift() ?? 0) % Math.max(count, 1);
  let mutated = text;
  let slips = 0;
  while (left.length > 0) {
    const mutate = MUTATIONS[pick(MUTATIONS.length)];
    if (mutate === undefined || (SLIPS.includes(mutate) && slips === MAX_SLIPS)) continue;
    const next = mutate(mutated, pick);
    if (!keepsMeaning(text, next)) continue;
    mutated = next;
    if (SLIPS.includes(mutate)) slips += 1;
  }
  return mutated;
}

const words = (text: string): string[] => folded(text).split(/[^\p{L}\p{N}\p{Extended_Pictographic}']+/u);
const isYes = (word: string): boolean => roleOf(word) === 'allow' || roleOf(word) === 'weakAllow';

/** No yes and no code that was not there; and a question stays one. */
function keepsMeaning(before: string, after: string): boolean {
  const known = new Set(words(before));
  const glued = words(before).join('');
  return words(after).every((word) => known.has(word) || (!isYes(word) && !(/\d/.test(word) && !glued.includes(word))));
}

const insertAt = (text: string, at: number, added: string): string => text.slice(0, at) + added + text.slice(at);
const gaps = (text: string): number[] => [...text.matchAll(/\s+/g)].map(({ index }) => index);

/**
 * A pause right before a code may begin another answer: `ok 7k3f m2wx no` could mean two things, and with a line end in the
 * middle only one.
 */
const PAUSE = /^[,.;!\n]/;
const beforeCode = (text: string, at: number): boolean => /^\s*\S*\d/.test(text.slice(at));

const insertAtGap =
  (added: readonly string[]): Mutation =>
  (text, pick) => {
    const places = [0, text.length, ...gaps(text)];
    const piece = added[pick(added.length)] ?? '';
    const at = places[pick(places.length)] ?? 0;
    return PAUSE.test(piece) && at > 0 && beforeCode(text, at) ? text : insertAt(text, at, piece);
  };

/** The letters of one word that is no code, changed. */
const misspelt =
  (change: (word: string, at: number) => string): Mutation =>
  (text, pick) => {
    const found = [...text.matchAll(/\p{sc=Latin}{3,}/gu)];
    const word = found[pick(found.length)];
    if (word === undefined) return text;
    const changed = change(word[0], pick(word[0].length));
    return text.slice(0, word.index) + changed + text.slice(word.index + word[0].length);
  };

/** More of them in one text make other words of it. */
const MAX_SLIPS = 1;
const SLIPS: readonly Mutation[] = [
  misspelt((word, at) => word.slice(0, at) + word.slice(at + 1)),
  misspelt((word, at) => word.slice(0, at) + word.charAt(at) + word.slice(at)),
  misspelt((word, at) => word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2)),
  misspelt((word, at) => `${word.slice(0, at)}x${word.slice(at + 1)}`),
];

/** Around the whole text: in the middle one could make a clear answer of an unclear one. */
const DOUBTS = ['not', "don't", 'never', 'no', 'wait', 'maybe', 'if', 'unless'];

const MUTATIONS: readonly Mutation[] = [
  ...SLIPS,
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  (text, pick) => {
    const at = pick(text.length);
    return text.slice(0, at) + text.charAt(at).toUpperCase() + text.slice(at + 1);
  },
  (text) => text.replace(/ /g, '  '),
  (text) => ` ${text} `,
  insertAtGap(['\n', ',', '.', '!', '...', ';', ' -', ' –', ':', '?', '\u200b', '\u200e', '\u00a0']),
  insertAtGap([' 🙂', ' 😂', ' 🙏', ' ❤️', ' 🤔', ' 👀']),
  insertAtGap([
    ' please',
    ' pls',
    ' thanks',
    ' bitte',
    ' por favor',
    ' ji',
    ' um',
    ' so',
    ' well',
    ' hey',
    ' the',
    ' it',
    ' is',
    ' to',
    ' and',
    ' but',
    ' now',
    ' then',
  ]),
  (text, pick) => {
    const doubt = DOUBTS[pick(DOUBTS.length)] ?? '';
    return pick(2) === 0 ? `${doubt} ${text}` : `${text} ${doubt}`;
  },
  (text) => text.replace(/'/g, '’'),
  (text) => text.replace(/[’']/g, ''),
  (text) => text.replace(/"/g, '”'),
  (text) => `“${text}”`,
  (text) => `${text}\n\nSent from my iPhone`,
  (text) => `${text}\n> [my-app] Bash: npm test\n> Reply OK 7K3F or NO 7K3F`,
  (text) => `Re: ${text}`,
  (text) => text.normalize('NFD'),
  (text) => text.replace(/[a-z]/gi, (char) => String.fromCodePoint((char.codePointAt(0) ?? 0) + 0xfee0)),
];
