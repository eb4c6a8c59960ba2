/**
 * Text written by an agent, made safe to put into a message of ours: one line, nothing invisible, nothing that a phone turns
 * into a link, nothing that looks like our own frame or codes.
 */
import { isCode } from './code.ts';

/** What a reader would not see, or take for a plain space: control, format, separator, private and unassigned characters, odd spaces. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{2800}]|[^\P{Zs} ]/u;
/** A mark over a plain letter draws something else than what runs. */
const MARK = /\p{M}/u;
const SHORT: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/**
 * The exact text, for what a person approves. Hidden characters become `\n`, `\t`, `\u200b`, `\u{e0041}`; a backslash that could
 * be taken for the start of one of these is doubled. No two different texts look the same.
 */
export function exactText(text: string): string {
  const chars = [...text];
  return chars
    .map((char, index) => {
      const after = chars[index + 1];
      if (char !== '\\') return needsEscape(char, chars[index - 1]) ? (SHORT.get(char) ?? escaped(char)) : char;
      return after !== undefined && (/[nrtu\\]/.test(after) || needsEscape(after, char)) ? '\\\\' : '\\';
    })
    .join('');
}

/** The exact text between double quotes; one inside is `\"`, so that the end of the text cannot be faked. */
export function quotedText(text: string): string {
  return `"${exactText(text).replace(/(\\*)("|$)/g, (_match, slashes: string, quote: string) => `${slashes}${slashes}${quote && '\\"'}`)}"`;
}

/** True for a character that a reader would not see as what it is, after the one `before` it. */
export const isHidden = needsEscape;

/** A hidden character by name: `\n`, `\t`, `\u200b`, `\u{e0041}`. */
export const namedCharacter = (char: string): string => SHORT.get(char) ?? escaped(char);

function needsEscape(char: string, before: string | undefined): boolean {
  return HIDDEN.test(char) || (MARK.test(char) && (before === undefined || before <= '~'));
}

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Common punctuation that would turn a whole text into UCS-2 for nothing. */
const PLAIN: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '‘': "'",
    '’': "'",
    '‚': "'",
    '‛': "'",
    '′': "'",
    '“': '"',
    '”': '"',
    '„': '"',
    '″': '"',
    '«': '"',
    '»': '"',
    '‹': "'",
    '›': "'",
    '‐': '-',
    '‑': '-',
    '‒': '-',
    '–': '-',
    '—': '-',
    '―': '-',
    '−': '-',
    '…': '...',
    '•': '-',
    '·': '-',
    '→': '->',
    '←': '<-',
    '⇒': '=>',
    '×': 'x',
    '✓': 'ok',
    '✔': 'ok',
    '✅': 'ok',
    '✗': 'x',
    '✘': 'x',
    '❌': 'x',
    '≤': '<=',
    '≥': '>=',
    '≠': '!=',
    '`': "'",
    '´': "'",
    '©': '(c)',
    '®': '(r)',
    '™': '(tm)',
    '\t': ' ',
    '\u00a0': ' ',
    '\u202f': ' ',
    '\u2009': ' ',
    '\u200d': '',
    '\ufe0f': '',
    '\r': '',
  }),
);

/** Prose (a question, a last message): common punctuation in plain spelling, line ends as ` / `, the rest escaped. */
export function proseText(text: string): string {
  const plain = [...text.trim().replace(/\s*\n\s*/g, '\n')].map((char) => PLAIN.get(char) ?? char);
  return plain
    .map((char, index) => (char === '\n' ? ' / ' : needsEscape(char, plain[index - 1]) ? escaped(char) : char))
    .join('')
    .replace(/ {2,}/g, ' ');
}

const SCHEME = /\b[a-z][a-z0-9+.-]{0,30}:(?=\/\/|[^\s/]{0,60}@)|\b(mailto|tel|sms|facetime|javascript):(?=\S)/giu;
/**
 * A host that a phone would underline: any name under a domain that is no file ending, or any name with a path, port or
 * user in front. `hello.md` and `src/main.rs` stay as they are.
 */
const HOST =
  /(?<![\p{L}\p{N}_-]|(?<!\/)\/)((?:[\p{L}\p{N}_-]{1,63}\.){1,8})(com|net|org|io|dev|app|info|biz|co|me|cn|ru|uk|de|fr|eu|us|in|xyz|top|site|online|shop|link|click|live|club|page|cloud|gg|to|ly|tv|cc|ws|zip|mov|[\p{L}]{2,}(?=\/|:\d{4,5}\b|\?\w))(?![\p{L}\p{N}_-])/giu;
const IPV4 = /\b(\d{1,3})\.(\d{1,3}\.\d{1,3}\.\d{1,3})\b/g;

/** `https[:]//evil[.]com/x`: readable, and no phone makes it a link. */
export function defanged(text: string): string {
  return text
    .replace(SCHEME, (match) => `${match.slice(0, -1)}[:]`)
    .replace(/\bwww\./giu, 'www[.]')
    .replace(HOST, (_match, names: string, top: string) => `${names.replaceAll('.', '[.]')}${top}`)
    .replace(IPV4, '$1[.]$2');
}

/** Our frame `[project] Tool:`, an address in our spelling, and any sentence of ours that tells what to reply. */
const FRAME = /\[[^\]\n]{1,60}\]\s*(?:[A-Za-z0-9]{4}\s+)?[\w.-]{1,40}(?:\s\S{1,80})?:(?:\s|$)/u;
const INSTRUCTION =
  /\b(reply|text|send|respond)\b.{0,12}\b(ok|okay|yes|no|allow|approve|start|stop)\b|\bneeds your screen\b/iu;
const VERB_AND_WORD = /\b(?:ok|okay|yes|no|allow|approve|deny|more)\W{1,3}([A-Za-z0-9]{4})\b/giu;

/**
 * True when text of an agent could pass for ours: a frame, an instruction to reply, or a verb beside something spelled like
 * a code. Such text is never shown in a message that carries a code.
 */
export function imitatesUs(text: string): boolean {
  const folded = text.normalize('NFKC');
  if (FRAME.test(folded) || INSTRUCTION.test(folded)) return true;
  return [...folded.matchAll(VERB_AND_WORD)].some((match) => isCode((match[1] ?? '').toUpperCase()));
}
