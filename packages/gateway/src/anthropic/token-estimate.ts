/**
 * Estimates, not counts: every model has its own tokenizer. They err upwards, because a client that is told too little never
 * compacts its conversation and then meets the real limit.
 *
 * Characters are weighed by what the greediest of the tokenizers of OpenAI (o200k, cl100k), Llama 3 and Claude 2 makes of
 * them. Over the 29 texts of `token-counts.json` — prose, code, JSON, numbers, base64, paths, terminal output, 13 scripts —
 * the estimate is 1.0 to 1.9 times the largest of the four counts. Digits count one each, as some models take them. A text made
 * to defeat it, such as short words without meaning, may come out lower.
 */

/** Anthropic's ceiling for one image. */
const IMAGE_TOKENS = 1600;
/** A PDF page is about 1,500 to 3,000 tokens and rarely less than 30 KB of base64. */
const DOCUMENT_CHARACTERS_PER_TOKEN = 10;

const LOWER = 0;
const UPPER = 1;
const DIGIT = 2;
const SPACE = 3;
const BREAK = 4;
const SIGN = 5;
const BEYOND = 6;

const CLASS_OF = new Uint8Array(128).fill(SIGN);
for (let code = 97; code <= 122; code += 1) CLASS_OF[code] = LOWER;
for (let code = 65; code <= 90; code += 1) CLASS_OF[code] = UPPER;
for (let code = 48; code <= 57; code += 1) CLASS_OF[code] = DIGIT;
for (const code of [9, 10, 11, 12, 13]) CLASS_OF[code] = BREAK;
CLASS_OF[32] = SPACE;

/** Words by their length: the common ones are one token, long ones are pieced together. */
const WORD = [0, 1.05, 1.2, 1.2, 1.2, 1.3, 1.5, 1.8, 2.1, 2.5, 3, 3.5, 4, 4.5, 5];
/** Letters that make no word, such as one endless run of them. */
const LOOSE_LETTER = 0.62;
/** Fewer words are known with a capital letter. */
const CAPITAL = 0.5;
/** One character by its class. The space before a word belongs to it; some models take every digit for itself. */
const WEIGHT = [1, 1, 1, 0.05, 0.75, 0.9, 3];
/** The same character once more: rules, frames and blank lines are few tokens. */
const WEIGHT_AGAIN = [1, 1, 1, 0.1, 0.3, 0.3, 1];

function wordWeight(letters: number): number {
  return WORD[letters] ?? letters * LOOSE_LETTER;
}

/** Ends (exclusive) of ranges of characters beyond ASCII, and the tokens of one character in them. */
const RANGES: readonly (readonly [end: number, weight: number])[] = [
  [0x0100, 1.2], // marks of western Europe
  [0x0250, 2], // other Latin letters
  [0x0400, 1.45], // Greek
  [0x0590, 0.8], // Cyrillic
  [0x0900, 1.25], // Hebrew, Arabic
  [0x0980, 1.5], // Devanagari
  [0x0e00, 3], // other scripts of India
  [0x0e80, 2.1], // Thai
  [0x1200, 3], // Lao to Georgian
  [0x1380, 3.4], // Ethiopic
  [0x2000, 3], // Khmer, Mongolian …
  [0x2070, 1.5], // dashes and quotation marks
  [0x3000, 2.5], // arrows, frames, symbols
  [0x3400, 1.2], // punctuation of East Asia, kana
  [0xa000, 1.4], // Han
  [0xac00, 3],
  [0xd7b0, 1.4], // Hangul
  [0xe000, 2], // halves of characters beyond 16 bits: emoji, rare Han
  [0x10000, 2.5],
];

function weightBeyondAscii(code: number): number {
  for (const [end, weight] of RANGES) if (code < end) return weight;
  return 3;
}

/** 0 only for the empty text. One pass without a call per character: a request of Claude Code is 50 KB and more. */
export function estimateTokens(text: string): number {
  const { length } = text;
  let tokens = 0;
  let before = -1;
  let index = 0;
  while (index < length) {
    const code = text.charCodeAt(index);
    const kind = code < 128 ? CLASS_OF[code] : BEYOND;
    const from = index;
    index += 1;
    if (kind === LOWER) {
      while (index < length && CLASS_OF[text.charCodeAt(index)] === LOWER) index += 1;
      tokens += WORD[index - from] ?? (index - from) * LOOSE_LETTER;
    } else if (kind === UPPER) {
      while (index < length && CLASS_OF[text.charCodeAt(index)] === UPPER) index += 1;
      const capitals = index - from;
      const small = index;
      while (index < length && CLASS_OF[text.charCodeAt(index)] === LOWER) index += 1;
      tokens += capitalized(capitals, index - small);
    } else if (code === before) tokens += WEIGHT_AGAIN[kind ?? SIGN] ?? 1;
    else tokens += kind === BEYOND ? weightBeyondAscii(code) : (WEIGHT[kind ?? SIGN] ?? 1);
    before = code;
  }
  return Math.ceil(tokens);
}

/** A piece of a name in camel case: `HTTPResponse` is HTTP and Response. */
function capitalized(upper: number, lower: number): number {
  if (upper === 1) return CAPITAL + wordWeight(1 + lower);
  const capitals = lower > 0 ? upper - 1 : upper;
  return Math.max(1, capitals * LOOSE_LETTER) + (lower > 0 ? wordWeight(lower + 1) : 0);
}

function isBase64Source(value: object): value is { type: 'base64'; media_type?: unknown; data: string } {
  return 'type' in value && value.type === 'base64' && 'data' in value && typeof value.data === 'string';
}

function estimate(value: unknown): number {
  if (typeof value === 'string') return estimateTokens(value) + 1;
  if (typeof value !== 'object' || value === null) return 1;
  if (isBase64Source(value)) {
    const isImage = String(value.media_type).startsWith('image/');
    return isImage
      ? IMAGE_TOKENS
      : Math.max(IMAGE_TOKENS, Math.ceil(value.data.length / DOCUMENT_CHARACTERS_PER_TOKEN));
  }
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + estimate(item), 1);
  return Object.entries(value).reduce((sum, [key, item]) => sum + estimateTokens(key) + estimate(item), 1);
}

/** Input tokens of a whole request body: its system text, messages and tools. */
export function estimateInputTokens(body: { system?: unknown; messages?: unknown; tools?: unknown }): number {
  return estimate([body.system ?? '', body.messages ?? '', body.tools ?? '']);
}
