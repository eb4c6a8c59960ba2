/** A text message as words, separators and codes, each with its place in the text. */
import { CODE_LENGTH, isCode, normaliseCode } from './code.ts';
import type { OpenCode } from './interpret.ts';
import { LONGEST_PHRASE } from './lexicon.ts';
import { isEveryday, latin, readingsOf } from './spoken-code.ts';
import { folded, isPhrase, roleOf, type WordRole } from './words.ts';

export interface Span {
  start: number;
  end: number;
}

export type SmsToken = Span &
  (
    | { kind: 'word'; role: WordRole; word: string }
    /** Ends a thought: comma, full stop, line end. */
    | { kind: 'separator'; mark: string }
    /** `open`: this phone has an open ask with this code, which `takes` that. Otherwise it is only spelled like one. */
    | { kind: 'code'; code: string; open: boolean; takes: OpenCode['takes'] }
  );

type Piece = Span & { text: string };
type OpenCodes = ReadonlyMap<string, OpenCode['takes']>;

/**
 * Quotes, brackets and dashes around a word mean nothing. Any other sign counts as a word, so that nothing goes unread.
 * Scripts that are written without spaces are torn from what they are glued to.
 */
const TOKEN =
  /[oO0]\.\s?[kK]\.?(?![\p{L}\p{N}])|[xX][-\s]ray\b|(?:\p{sc=Han}|\p{sc=Hiragana}|\p{sc=Katakana}|\p{sc=Hangul}|ー)+|(?:(?!\p{sc=Han}|\p{sc=Hiragana}|\p{sc=Katakana}|\p{sc=Hangul}|ー)[\p{L}\p{N}\p{M}])+(?:['’`´ʼ][\p{L}]+)*|\p{Extended_Pictographic}(?:\p{EMod}|\u{fe0f})*|->|[:;]-?\)|[,;.!?:\n、。，！？：；،؟…¿¡]|(?!\u{fe0f})[^\s\p{Cf}\p{Pd}"'“”‘’„«»‹›「」『』()（）[\]#*_/\\]/gu;
const MARKS: ReadonlyMap<string, string> = new Map(
  Object.entries({ '、': ',', '，': ',', '،': ',', '。': '.', '…': '.', '！': '!', '¡': '!', '：': ':', '；': ';' }),
);
const QUESTION_MARKS = /^[？؟¿]$/;
const SEPARATOR = /^[,;.!?:\n]$/;
/** What may stand between the halves of a code that a keyboard tore apart. */
const SMALL_GAP = /^[\s\p{Cf}\p{Pd}]{0,2}$/u;
const WORD_GAP = /^[ \t\u3000\p{Pd}]*$/u;

export function tokenise(text: string, openCodes: readonly OpenCode[]): SmsToken[] {
  const open: OpenCodes = new Map(openCodes.map(({ code, takes }) => [code, takes]));
  const raw = [...text.matchAll(TOKEN)].map(
    (match): Piece => ({ text: match[0], start: match.index, end: match.index + match[0].length }),
  );
  const tokens: SmsToken[] = [];
  for (let index = 0; index < raw.length; ) {
    const found = codesAt({ text, raw, index, open }) ?? phraseAt(text, raw, index);
    tokens.push(...found.tokens);
    index += found.pieces;
  }
  return tokens;
}

interface Found {
  tokens: SmsToken[];
  pieces: number;
}

/** The longest phrase of the lexicon that begins here, a separator, or one word. */
function phraseAt(text: string, raw: readonly Piece[], index: number): Found {
  const first = raw[index];
  if (first === undefined) return { tokens: [], pieces: 1 };
  const mark = QUESTION_MARKS.test(first.text) ? '?' : (MARKS.get(first.text) ?? first.text);
  if (SEPARATOR.test(mark))
    return { tokens: [{ kind: 'separator', mark, start: first.start, end: first.end }], pieces: 1 };
  let words = folded(first.text);
  let best: Found = { tokens: [wordToken(words, first)], pieces: 1 };
  for (let pieces = 2; pieces <= LONGEST_PHRASE; pieces += 1) {
    const [before, piece] = [raw[index + pieces - 2], raw[index + pieces - 1]];
    if (before === undefined || piece === undefined || !WORD_GAP.test(text.slice(before.end, piece.start))) break;
    words = `${words} ${folded(piece.text)}`;
    if (isPhrase(words)) best = { tokens: [wordToken(words, { start: first.start, end: piece.end })], pieces };
  }
  return best;
}

function wordToken(word: string, { start, end }: Span): SmsToken {
  return { kind: 'word', role: roleOf(word), word, start, end };
}

/**
 * Whole words may be any code; a code with a mistyped character, in pieces, spoken or glued to something counts only when it
 * is an open one, so that ordinary words never become codes.
 */
function codesAt(at: { text: string; raw: readonly Piece[]; index: number; open: OpenCodes }): Found | null {
  const first = at.raw[at.index];
  if (first === undefined) return null;
  const word = folded(first.text);
  const code = openCode(word, at.open);
  if (code !== null) return { tokens: [codeToken(code, at.open, first)], pieces: 1 };
  return gluedCode(word, first, at.open) ?? joinedCode(at, word) ?? closedCode(word, first);
}

function codeToken(code: string, open: OpenCodes, { start, end }: Span): SmsToken {
  return { kind: 'code', code, open: open.has(code), takes: open.get(code) ?? 'decision', start, end };
}

function closedCode(word: string, piece: Piece): Found | null {
  const exact = word.toUpperCase();
  return isCode(exact) ? { tokens: [codeToken(exact, new Map(), piece)], pieces: 1 } : null;
}

const isVerb = (word: string): boolean => {
  const role = roleOf(word);
  return role === 'allow' || role === 'deny' || word === 'more';
};

/** `Ok7k3f`, `7k3fok`, `7k3fm2wx`, and `q4rt2` where words are wanted. */
function gluedCode(word: string, piece: Piece, open: OpenCodes): Found | null {
  for (let at = 0; at + CODE_LENGTH <= word.length; at += 1) {
    const [before, inner, after] = [word.slice(0, at), word.slice(at, at + CODE_LENGTH), word.slice(at + CODE_LENGTH)];
    const code = openCode(inner, open);
    if (code === null || !(before === '' || isVerb(before))) continue;
    const tail = tailAfter(after, { code, open, piece });
    if (tail === null) continue;
    const head = before === '' ? [] : [wordToken(before, { start: piece.start, end: piece.start })];
    const end = piece.end - (after.length > 0 && tail[0]?.kind === 'word' ? after.length : 0);
    return { tokens: [...head, codeToken(code, open, { start: piece.start, end }), ...tail], pieces: 1 };
  }
  return null;
}

function tailAfter(after: string, first: { code: string; open: OpenCodes; piece: Piece }): SmsToken[] | null {
  const { code, open, piece } = first;
  if (after === '') return [];
  const span = { start: piece.end - after.length, end: piece.end };
  const second = openCode(after, open);
  if (second !== null && second !== code) return [codeToken(second, open, span)];
  const answers = (open.get(code) ?? 'decision') !== 'decision' && /^\d{1,2}$/.test(after);
  return isVerb(after) || answers ? [wordToken(after, span)] : null;
}

/** `7k 3f`, `seven k three f`: pieces that stand close together and make an open code. */
function joinedCode(at: Parameters<typeof codesAt>[0], word: string): Found | null {
  const first = at.raw[at.index];
  if (first === undefined) return null;
  const verb = ['okay', 'ok', 'yes', 'no'].find((each) => word.startsWith(each) && word.length > each.length) ?? null;
  for (const [glued, start] of [
    [null, word] as const,
    ...(verb === null ? [] : [[verb, word.slice(verb.length)] as const]),
  ]) {
    const joined = join(at, { letters: readingsOf(start), next: at.index + 1 });
    if (joined === null) continue;
    const head = glued === null ? [] : [wordToken(glued, { start: first.start, end: first.start })];
    const last = at.raw[joined.next - 1] ?? first;
    const code = codeToken(joined.code, at.open, { start: first.start, end: last.end });
    return { tokens: [...head, code], pieces: joined.next - at.index };
  }
  return null;
}

function join(
  at: Parameters<typeof codesAt>[0],
  so: { letters: readonly string[]; next: number },
): { code: string; next: number } | null {
  const [before, piece] = [at.raw[so.next - 1], at.raw[so.next]];
  const short = so.letters.filter((letters) => letters.length < CODE_LENGTH);
  if (before === undefined || piece === undefined || short.length === 0) return null;
  if (!SMALL_GAP.test(at.text.slice(before.end, piece.start))) return null;
  const word = folded(piece.text);
  const readings = readingsOf(word);
  const spelled = so.next - at.index;
  const letters = short
    .filter((start) => start.length === spelled || !isEveryday(word))
    .flatMap((start) => readings.map((reading) => start + reading));
  const found = letters.map((each) => openCode(each, at.open)).find((code) => code !== null);
  if (found !== undefined) return { code: found, next: so.next + 1 };
  return join(at, { letters, next: so.next + 1 });
}

function openCode(word: string, open: OpenCodes): string | null {
  const plain = latin(word);
  if (!/^[a-z0-9]{4}$/.test(plain)) return null;
  const code = normaliseCode(plain);
  return code !== null && open.has(code) ? code : null;
}
