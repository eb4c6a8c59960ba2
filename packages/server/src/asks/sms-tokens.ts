/** A text message as words, separators and codes, each with its place in the text. */
import { CODE_LENGTH, isCode, normaliseCode } from './code.ts';
import { GLUED_VERB, roleOf, type WordRole } from './words.ts';

interface Span {
  start: number;
  end: number;
}

export type SmsToken = Span &
  (
    | { kind: 'word'; role: WordRole; word: string }
    /** Ends a thought: comma, full stop, line end. */
    | { kind: 'separator'; mark: string }
    /** `open`: this phone has an open ask with this code. Otherwise it is only spelled like one. */
    | { kind: 'code'; code: string; open: boolean }
  );

/** Quotes, brackets and dashes around a word mean nothing. Any other sign counts as a word, so that nothing goes unread. */
const TOKEN =
  /[\p{L}\p{N}\p{M}]+(?:['’][\p{L}]+)*|\p{Extended_Pictographic}(?:\p{EMod}|\u{fe0f})*|[,;.!?:\n]|(?!\u{fe0f})[^\s\p{Cf}\p{Pd}"'“”‘’„()[\]<>#*_/\\]/gu;
const SEPARATOR = /^[,;.!?:\n]$/;
/** What may stand between the halves of a code that a keyboard tore apart. */
const SMALL_GAP = /^[\s\p{Cf}\p{Pd}]{0,2}$/u;

export function tokenise(text: string, openCodes: ReadonlySet<string>): SmsToken[] {
  const raw = [...text.matchAll(TOKEN)].map((match) => ({
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));
  const tokens: SmsToken[] = [];
  for (let index = 0; index < raw.length; index += 1) {
    const piece = raw[index];
    if (piece === undefined) break;
    const found = codeAt({ text, raw, index, openCodes });
    if (found !== null) {
      if (found.verb !== null) tokens.push(wordToken({ text: found.verb, start: piece.start, end: piece.start }));
      tokens.push({ kind: 'code', code: found.code, open: found.open, start: piece.start, end: found.end });
      index += found.pieces - 1;
    } else if (SEPARATOR.test(piece.text))
      tokens.push({ kind: 'separator', mark: piece.text, start: piece.start, end: piece.end });
    else tokens.push(wordToken(piece));
  }
  return tokens;
}

function wordToken(piece: Span & { text: string }): SmsToken {
  const word = folded(piece.text);
  return { kind: 'word', role: roleOf(word), word, start: piece.start, end: piece.end };
}

function folded(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\p{EMod}|\u{fe0f}/gu, '')
    .replaceAll('’', "'");
}

interface CodeFound {
  code: string;
  open: boolean;
  /** A verb glued in front. */
  verb: string | null;
  end: number;
  pieces: number;
}

/**
 * Whole words may be any code; a code with a mistyped character or in pieces counts only when it is an open one, so that
 * ordinary words never become codes.
 */
function codeAt(at: {
  text: string;
  raw: readonly (Span & { text: string })[];
  index: number;
  openCodes: ReadonlySet<string>;
}): CodeFound | null {
  const first = at.raw[at.index];
  if (first === undefined) return null;
  const word = folded(first.text);
  const whole = codeIn(word, at.openCodes);
  if (whole !== null) return { ...whole, verb: null, end: first.end, pieces: 1 };
  const glued = GLUED_VERB.exec(word);
  const [verb, start] = [glued?.[1] ?? null, glued?.[2] ?? word];
  const unglued = glued === null ? null : codeIn(start, at.openCodes);
  if (unglued !== null) return { ...unglued, verb, end: first.end, pieces: 1 };
  return joinedCode(at, { verb, start });
}

function joinedCode(at: Parameters<typeof codeAt>[0], glued: { verb: string | null; start: string }): CodeFound | null {
  let letters = glued.start;
  for (let next = at.index + 1; next < at.raw.length && letters.length < CODE_LENGTH; next += 1) {
    const [before, piece] = [at.raw[next - 1], at.raw[next]];
    if (before === undefined || piece === undefined || !SMALL_GAP.test(at.text.slice(before.end, piece.start)))
      return null;
    letters += folded(piece.text);
    const code = letters.length === CODE_LENGTH ? openCode(letters, at.openCodes) : null;
    if (code !== null) return { code, open: true, verb: glued.verb, end: piece.end, pieces: next - at.index + 1 };
  }
  return null;
}

function codeIn(word: string, openCodes: ReadonlySet<string>): { code: string; open: boolean } | null {
  const open = openCode(word, openCodes);
  if (open !== null) return { code: open, open: true };
  const exact = word.toUpperCase();
  return isCode(exact) ? { code: exact, open: false } : null;
}

function openCode(word: string, openCodes: ReadonlySet<string>): string | null {
  if (!/^[a-z0-9]{4}$/.test(word)) return null;
  const code = normaliseCode(word);
  return code !== null && openCodes.has(code) ? code : null;
}
