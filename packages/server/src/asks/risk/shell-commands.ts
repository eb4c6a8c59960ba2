/** From shell words to simple commands: what runs, with which variables, reading and writing which files. */
import { lexShell, type ShellToken, type ShellWord } from './shell-lexer.ts';

export interface Redirection {
  operator: string;
  target: ShellWord | null;
}

export interface SimpleCommand {
  assignments: { name: string; value: ShellWord }[];
  /** The program and its arguments. Empty for a bare assignment or redirection. */
  words: ShellWord[];
  redirections: Redirection[];
}

export interface ShellScript {
  commands: SimpleCommand[];
  /** What could not be understood for certain, in words. Not empty: never low risk. */
  doubts: string[];
}

const SEPARATORS: ReadonlySet<string> = new Set(['\n', ';', '&&', '||', '|', '|&', '&', ';;', '(', ')']);
const KEYWORDS: ReadonlySet<string> = new Set(
  '! { } [[ ]] if then elif else fi for while until do done case esac in select function coproc'.split(' '),
);
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)(\[[^\]]*\])?\+?=/;
const MAX_COMMANDS = 200;

export function parseShell(source: string): ShellScript {
  const { tokens, doubts } = lexShell(source);
  const commands: SimpleCommand[] = [];
  let current = emptyCommand();
  const finish = () => {
    if (current.words.length + current.assignments.length + current.redirections.length > 0) commands.push(current);
    current = emptyCommand();
  };
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined) break;
    if (token.kind === 'operator' && SEPARATORS.has(token.operator)) finish();
    else if (token.kind === 'operator') {
      const target = wordAt(tokens, index + 1);
      if (target === null) doubts.add('redirects to nowhere');
      else index += 1;
      current.redirections.push({ operator: token.operator, target });
    } else addWord(current, token.word, doubts);
  }
  finish();
  if (commands.length > MAX_COMMANDS) doubts.add('is very long');
  return { commands: commands.slice(0, MAX_COMMANDS), doubts: [...doubts] };
}

function emptyCommand(): SimpleCommand {
  return { assignments: [], words: [], redirections: [] };
}

function wordAt(tokens: readonly ShellToken[], index: number): ShellWord | null {
  const token = tokens[index];
  return token?.kind === 'word' ? token.word : null;
}

function addWord(command: SimpleCommand, word: ShellWord, doubts: Set<string>): void {
  if (command.words.length > 0) {
    command.words.push(word);
    return;
  }
  if (KEYWORDS.has(word.text)) {
    doubts.add('is a compound command');
    return;
  }
  const assignment = ASSIGNMENT.exec(word.text);
  const length = assignment?.[0].length ?? 0;
  // With a quote before the `=` the shell takes the word for a program's name.
  const isAssignment = assignment !== null && (word.quotedFrom === null || word.quotedFrom >= length);
  if (!isAssignment || assignment[1] === undefined) command.words.push(word);
  else {
    if (assignment[2] !== undefined) doubts.add('uses a shell expansion');
    const quotedFrom = word.quotedFrom === null ? null : word.quotedFrom - length;
    command.assignments.push({ name: assignment[1], value: { ...word, text: word.text.slice(length), quotedFrom } });
  }
}
