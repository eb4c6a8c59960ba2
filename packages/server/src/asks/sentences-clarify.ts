/** Asks back when a text is not certain. Nothing was done; each sentence says so, and what to say instead. */
import { isGsm7 } from './gsm7.ts';
import type { ClarifyReason, OpenCode } from './interpret.ts';

/** What the person may choose from. */
export interface Choices {
  codes: readonly Pick<OpenCode, 'code' | 'takes'>[];
  /** Names of sessions or projects, most likely first. */
  names: readonly string[];
}

export function clarifySentence(reason: ClarifyReason, choices: Choices): string {
  return CLARIFY[reason](choices);
}

export const HOW = 'OK and a code allows, NO and a code denies. ASKS shows what is open.';

const CLARIFY: Record<ClarifyReason, (choices: Choices) => string> = {
  empty: () => `That text was empty. ${HOW}`,
  unclear: ({ codes }) => `Not sure what you mean, so nothing was done. ${exampleFor(codes)}`,
  asked_about: ({ codes }) => {
    const [first, ...more] = codes;
    return first && more.length === 0
      ? `That sounds like a question, so nothing was done. MORE ${first.code} shows it in full, OK ${first.code} or NO ${first.code} decides.`
      : 'That sounds like a question, so nothing was done. MORE and a code shows an ask in full, OK or NO and a code decides.';
  },
  needs_code: ({ codes }) => `Which one? Nothing was done. ${exampleFor(codes)}`,
  needs_verb: ({ codes }) => `OK or NO? Nothing was done. ${exampleFor(codes)}`,
  needs_words: ({ codes }) => {
    const [first, ...more] = codes.filter(({ takes }) => takes === 'words');
    return `Write your answer after the code${first && more.length === 0 ? `: ${first.code} your words` : ''}.`;
  },
  needs_screen: () =>
    'Nothing was done: no text has told you a code for what is open. Wait for it, or ASKS gives the link to your screen.',
  needs_prompt: ({ names }) => `What shall it do? Say ${nameOf(names[0])} your words.`,
  pause_length: () => 'How long? Say PAUSE 30m, PAUSE 2h or PAUSE 1d, a week at most.',
  nothing_waits: ({ codes, names }) => {
    if (codes.length > 0) return `No session waits for words. ${exampleFor(codes)}`;
    if (names[0] === undefined) return 'Nothing is waiting for you. STATUS tells what runs.';
    return `No session waits for words. Say a session's name first: ${nameOf(names[0])}: your words. STATUS tells what runs.`;
  },
  several_wait: ({ names }) =>
    chosenFrom(names, (list, first) => `Who is that for? ${list} wait. Say ${first}: your words.`),
  several_named: ({ names }) =>
    chosenFrom(names, (list, first) => `Which one? There are ${list}. Say ${first}: your words.`),
  unknown_name: ({ names }) =>
    chosenFrom(names, (list, first) => `No session has that name. Did you mean ${list}? Say ${first}: your words.`),
  unknown_project: ({ names }) =>
    names.length === 0
      ? 'There is no project to start in: make a directory in PROJECTS_DIR on the server first.'
      : chosenFrom(names, (list, first) => `Which project? There are ${list}. Say NEW ${first} and what to do.`),
  may_not_start: () =>
    'You may not start sessions here. Ask the owner of this server to list your phone in ALLOWED_PHONES.',
  runs_elsewhere: ({ names }) =>
    `${nameOf(names[0])} runs in a terminal and takes words only when it asks. Nothing was done. STATUS tells what runs.`,
};

function exampleFor(codes: Choices['codes']): string {
  const [decision] = codes.filter(({ takes }) => takes !== 'words');
  const [first] = codes;
  if (first === undefined) return 'Nothing is waiting for your OK.';
  const shown = codes.slice(0, 8).map(({ code }) => code);
  const open = codes.length > 1 ? ` Open: ${shown.join(' ')}${shown.length < codes.length ? ' ...' : ''}.` : '';
  const example = decision ? `OK ${decision.code} or NO ${decision.code}` : `${first.code} and your answer`;
  return `Say ${example}.${open}`;
}

const MAX_NAME = 24;

/** A name as it can be typed back, in letters that every phone shows. */
export function nameOf(name: string | undefined): string {
  const plain = [...(name ?? '')].map((char) => (/[\p{L}\p{N} .:/_-]/u.test(char) && isGsm7(char) ? char : '-'));
  return plain.slice(0, MAX_NAME).join('');
}

const MAX_LENGTH = 160;

/** As many names as fit into one text. */
function chosenFrom(names: readonly string[], write: (list: string, first: string) => string): string {
  const plain = names.map(nameOf);
  const first = plain[0] ?? '';
  for (let shown = plain.length; shown > 1; shown -= 1) {
    const left = plain.length - shown;
    const text = write(`${plain.slice(0, shown).join(', ')}${left > 0 ? ` and ${left} more` : ''}`, first);
    if (text.length <= MAX_LENGTH) return text;
  }
  return write(plain.length > 1 ? `${first} and ${plain.length - 1} more` : first, first);
}
