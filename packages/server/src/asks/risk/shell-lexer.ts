/**
 * Splits a shell command into words and operators. It understands plain words, quotes and operators; everything else
 * (expansions, substitutions, comments, odd characters) it passes over *and* records as a doubt. A command with a doubt is
 * never low risk, so this lexer may be ignorant but must not be fooled: whatever it does not name as a doubt must mean the
 * same to bash and zsh.
 */

export interface ShellWord {
  /** What the program gets, after quotes are removed. Meaningless where `expands`. */
  text: string;
  /** Holds a parameter, command or arithmetic expansion. */
  expands: boolean;
  /** Holds an unquoted `*`, `?` or `[`. */
  glob: boolean;
  /** Where in `text` the first quoted character stands; null when none is. */
  quotedFrom: number | null;
}

export type ShellToken = { kind: 'word'; word: ShellWord } | { kind: 'operator'; operator: string };

export interface LexedShell {
  tokens: ShellToken[];
  doubts: Set<string>;
}

/** Longest first. */
const OPERATORS = '&>> <<< <<- && || |& ;; &> >> << >& <& >| <> ; & | < > ( )'.split(' ');
const BLANK = /[ \t]/;
const ENDS_WORD = /[ \t\n;&|<>()]/;
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}]/u;
const NOT_A_PLAIN_SPACE = /[^\P{Zs} ]/u;
/** A word of digits right before `<` or `>` is a file descriptor, not an argument. */
const DESCRIPTOR = /\d+(?=[<>])/y;

interface Scan {
  source: string;
  at: number;
  doubts: Set<string>;
}

export function lexShell(source: string): LexedShell {
  const scan: Scan = { source, at: 0, doubts: new Set() };
  const tokens: ShellToken[] = [];
  const visible = source.replace(/[\n\t]/g, ' ');
  if (INVISIBLE.test(visible) || NOT_A_PLAIN_SPACE.test(visible))
    scan.doubts.add('holds control or invisible characters');
  while (scan.at < source.length) {
    const char = source.charAt(scan.at);
    if (BLANK.test(char)) scan.at += 1;
    else if (source.startsWith('\\\n', scan.at)) scan.at += 2;
    else if (char === '\n') {
      tokens.push({ kind: 'operator', operator: '\n' });
      scan.at += 1;
    } else if (char === '#') {
      // Not every shell takes this for a comment, so what follows is read as commands too.
      scan.doubts.add('holds a comment');
      tokens.push({ kind: 'operator', operator: '\n' });
      scan.at += 1;
    } else {
      skipDescriptor(scan);
      const operator = OPERATORS.find((candidate) => source.startsWith(candidate, scan.at));
      if (operator === undefined) tokens.push({ kind: 'word', word: readWord(scan) });
      else {
        readOperator(scan, operator);
        tokens.push({ kind: 'operator', operator });
      }
    }
  }
  return { tokens, doubts: scan.doubts };
}

function skipDescriptor(scan: Scan): void {
  DESCRIPTOR.lastIndex = scan.at;
  if (DESCRIPTOR.test(scan.source)) scan.at = DESCRIPTOR.lastIndex;
}

function readOperator(scan: Scan, operator: string): void {
  scan.at += operator.length;
  if (operator === '(' || operator === ')') scan.doubts.add('holds a subshell or substitution');
  if (operator.startsWith('<<')) scan.doubts.add('holds a here-document');
  if (operator === '>|' || operator === '<>') scan.doubts.add('redirects in an unusual way');
  if (operator === '&' || operator === ';;') scan.doubts.add('runs in the background or branches');
}

function readWord(scan: Scan): ShellWord {
  const word: ShellWord = { text: '', expands: false, glob: false, quotedFrom: null };
  if (scan.source.charAt(scan.at) === '=') scan.doubts.add('uses a shell expansion');
  while (scan.at < scan.source.length) {
    const char = scan.source.charAt(scan.at);
    if (ENDS_WORD.test(char)) break;
    scan.at += 1;
    if (char === '\\') readBackslash(scan, word);
    else if (char === "'") readSingleQuotes(scan, word);
    else if (char === '"') readDoubleQuotes(scan, word);
    else {
      noteExpansion({ scan, word, char, quoted: false });
      if (char === '*' || char === '?' || char === '[') word.glob = true;
      if (char === '{' || char === '}') scan.doubts.add('uses a shell expansion');
      if (char > '~') scan.doubts.add('holds letters that are not plain ASCII outside quotes');
      word.text += char;
    }
  }
  return word;
}

function readBackslash(scan: Scan, word: ShellWord): void {
  const next = scan.source.charAt(scan.at);
  scan.at += 1;
  if (next === '') scan.doubts.add('ends in the middle of a word');
  else if (next !== '\n') {
    word.quotedFrom ??= word.text.length;
    word.text += next;
    if (next > '~') scan.doubts.add('holds letters that are not plain ASCII outside quotes');
  }
}

function readSingleQuotes(scan: Scan, word: ShellWord): void {
  const end = scan.source.indexOf("'", scan.at);
  word.quotedFrom ??= word.text.length;
  if (end === -1) scan.doubts.add('has an unfinished quote');
  const stop = end === -1 ? scan.source.length : end;
  word.text += scan.source.slice(scan.at, stop);
  scan.at = stop + 1;
}

function readDoubleQuotes(scan: Scan, word: ShellWord): void {
  word.quotedFrom ??= word.text.length;
  while (scan.at < scan.source.length) {
    const char = scan.source.charAt(scan.at);
    scan.at += 1;
    if (char === '"') return;
    const next = scan.source.charAt(scan.at);
    if (char === '\\' && /[$`"\\\n]/.test(next)) {
      if (next !== '\n') word.text += next;
      scan.at += 1;
    } else {
      // `!` is history expansion in an interactive shell and nothing elsewhere: not worth a guess.
      if (char === '!') scan.doubts.add('uses a shell expansion');
      noteExpansion({ scan, word, char, quoted: true });
      word.text += char;
    }
  }
  scan.doubts.add('has an unfinished quote');
}

function noteExpansion(step: { scan: Scan; word: ShellWord; char: string; quoted: boolean }): void {
  const { scan, word, char, quoted } = step;
  const next = scan.source.charAt(scan.at);
  const plainDollar = next === '' || /\s/.test(next) || (quoted && next === '"');
  const expands = char === '`' || (char === '$' && !plainDollar);
  if (!expands) return;
  word.expands = true;
  scan.doubts.add('uses a shell expansion');
}
