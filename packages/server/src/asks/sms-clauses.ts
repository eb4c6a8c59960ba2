/**
 * The part of the grammar that decides: `OK 7K3F, NO M2WX because …`, `7K3F 2`, `7K3F use pnpm`. All of it is understood, or
 * none.
 */
import type { ClarifyReason, Command } from './interpret.ts';
import { generalCommand, SHOWS } from './sms-general.ts';
import { decisionOn, wholeMessage } from './sms-lists.ts';
import { ALLOW_VERB, DECISION, DENY_VERB, matchAt, type SmsMessage } from './sms-shape.ts';
import type { SmsToken } from './sms-tokens.ts';
import { soundsLikeDoubt } from './words.ts';

/** `free`: the tokens that were taken as somebody's own words. */
type Step = { commands: Command[]; next: number; free?: { start: number; end: number } } | ClarifyReason;

/** Before the first clause: nothing that goes on from something. */
const OPENING = /[sP]*/y;
/** Between clauses. A "but" only leads to a denial: `ok 7k3f but not m2wx`. */
const FILLER = /[sP&]*(?:B(?=[DdN]))?P*/y;

export function readClauses(message: SmsMessage): Command[] | ClarifyReason {
  const whole = wholeMessage(message);
  if (whole !== null) return whole;
  const { shape } = message;
  const commands: Command[] = [];
  const free: FreeWords[] = [];
  let at = matchAt(OPENING, shape, 0)?.[0].length ?? 0;
  while (at < shape.length) {
    const step = readClause(message, at, commands.length === 0 ? LOOSE : TIGHT);
    if (typeof step === 'string') return step;
    if (step.free) free.push({ ...step.free, before: commands.length });
    commands.push(...step.commands);
    at = step.next + (matchAt(FILLER, shape, step.next)?.[0].length ?? 0);
  }
  if (commands.length === 0 || takenBack(message, commands, free)) return 'unclear';
  return withoutRepetition(commands);
}

/**
 * Words of a person beside an allow: none that could take it back, or make somebody else say it ("tell them: ok 7k3f"). Before
 * it also no negation and no question ("no m2wx, I won't, ok 7k3f"), because punctuation may be a phone's; after it a reason
 * to deny may well hold a "not".
 */
function takenBack(
  { shape, text, tokens }: SmsMessage,
  commands: readonly Command[],
  free: readonly FreeWords[],
): boolean {
  const lastAllow = commands.findLastIndex(({ kind }) => kind === 'allow');
  if (lastAllow < 0) return false;
  if (free.some(({ start, end }) => /[a-zA-Z]/.test(shape.slice(start, end))) && /["“”„«»]/.test(text)) return true;
  return free.some(({ start, end, before }) => {
    const words = tokens.slice(start, end).filter((token) => token.kind === 'word');
    const place = before < lastAllow ? 'before' : 'after';
    // A misspelt "don't" is one too; but a correct one after the allow belongs to the denial.
    return (
      TAKES_BACK[place].test(shape.slice(start, end)) ||
      words.some(({ role, word }) => role === 'other' && soundsLikeDoubt(word, place))
    );
  });
}

const TAKES_BACK = { before: /[UQNKq]|.[LIB&]s*$/, after: /[UAB*Z]/ } as const;

/** Tokens of somebody's own words, and how many commands came before those they belong to. */
interface FreeWords {
  start: number;
  end: number;
  before: number;
}

/** The same decision twice is one; two different answers to one ask are none. */
function withoutRepetition(commands: readonly Command[]): Command[] | ClarifyReason {
  const known = new Map<string, Command>();
  const kept: Command[] = [];
  for (const command of commands) {
    const before = 'code' in command ? known.get(command.code) : undefined;
    if (before !== undefined) {
      if (JSON.stringify(before) !== JSON.stringify(command)) return 'unclear';
      continue;
    }
    if ('code' in command) known.set(command.code, command);
    kept.push(command);
  }
  return kept;
}

/** A further code after a comma belongs to the list only when nothing else follows that could be about it. */
const MORE_CODES = `(?:&?[CX](?=[P]*(?:$|[s&B]|[CXR]|${DECISION}))|s&?[CX](?=(?:s&?[CX])*[Ps]*$))*`;
/** Behind the codes: thanks, or the verb again; then the end, a pause, or the next decision. */
const TAIL = '(?:H|P|I?[Aa](?![AaPLsc*]*[CXR]))*';
const CLAUSE_END = `(?=$|[s&B]|R|${DECISION})`;
const MORE_DENIED = '(?:&?[CXR](?=P*(?:$|[s&B]|VERB))|s&?[CXR](?=P*(?:$|[s&])))*'.replace('VERB', DECISION);

interface Patterns {
  allow: RegExp;
  allowOfWords: RegExp;
  deny: RegExp;
}

function patternsFor(allowVerb: string, denyVerb: string): Patterns {
  return {
    allow: new RegExp(`(?<verb>${allowVerb})(?<codes>[CX]${MORE_CODES})${TAIL}${CLAUSE_END}`, 'y'),
    allowOfWords: new RegExp(`${allowVerb}R`, 'y'),
    deny: new RegExp(`(?<verb>${denyVerb})(?<codes>[CXR]${MORE_DENIED})`, 'y'),
  };
}

const LOOSE = patternsFor(ALLOW_VERB, DENY_VERB);
/** Behind another clause a pause between verb and code is no tie: in `m2wx\nno, q4rt` the "no" may be for either. */
const TIGHT = patternsFor(tight(ALLOW_VERB), tight(DENY_VERB));

function tight(pattern: string): string {
  return pattern.replaceAll('sc*', 'c*');
}

function readClause(message: SmsMessage, at: number, patterns: Patterns): Step {
  const { shape, tokens } = message;
  const token = tokens[at];
  if (token?.kind === 'code')
    return token.open ? afterCode(message, token, at + 1) : unknownCode(message, token, at + 1);
  const general = generalClause(message, at);
  if (general !== null) return general;
  if (matchAt(patterns.allowOfWords, shape, at)) return 'needs_words';
  const allowed = matchAt(patterns.allow, shape, at);
  if (allowed) {
    const codes = codesIn(message, at + (allowed.groups?.verb?.length ?? 0), allowed.groups?.codes ?? '');
    if (allowed.groups?.verb?.includes('*') && codes.length < 2) return 'unclear';
    return { commands: codes.map((code) => decisionOn('allow', code)), next: at + allowed[0].length };
  }
  const denied = matchAt(patterns.deny, shape, at);
  if (!denied) return 'unclear';
  const start = at + (denied.groups?.verb?.length ?? 0);
  const codes = codesIn(message, start, denied.groups?.codes ?? '');
  const next = at + denied[0].length;
  const [only, ...more] = codes;
  if (only === undefined) return 'unclear';
  if (more.length === 0) return only.open ? withReason(message, only, next) : unknownCode(message, only, next);
  if (!matchAt(new RegExp(`[PHDd]*${CLAUSE_END}`, 'y'), shape, next)) return 'unclear';
  return { commands: codes.map((code) => decisionOn('deny', code)), next };
}

type CodeToken = Extract<SmsToken, { kind: 'code' }>;

function codesIn({ tokens }: SmsMessage, start: number, shape: string): CodeToken[] {
  return tokens.slice(start, start + shape.length).filter((token) => token.kind === 'code');
}

/** `…, pause 2h`, `…, more m2wx`: a command about no decision, up to the end of its thought. */
function generalClause(message: SmsMessage, at: number): Step | null {
  const { tokens, shape, openCodes } = message;
  const first = tokens[at];
  if (first?.kind !== 'word') return null;
  const end = shape.indexOf('s', at);
  const next = end === -1 ? shape.length : end;
  const part = tokens.slice(at, next);
  const text = message.text.slice(first.start, tokens[next - 1]?.end ?? first.end);
  const command = generalCommand({ text, tokens: part, openCodes });
  if (command === null) return null;
  return typeof command === 'string' ? command : { commands: [command], next };
}

function unknownCode(message: SmsMessage, { code }: CodeToken, at: number): Step {
  const next = boundaryFrom(message, at);
  return { commands: [{ kind: 'unknown_code', code }], next, free: { start: at, end: next } };
}

/** What may stand between a code and what is said about it. */
const TIE = /[csPI]*/y;
const ALL_ALLOW = /^[csPI]*[Aa][AaPHs]*$/;
const ALL_DENY = new RegExp(`^[csPI]*${DENY_VERB}[DdPHs]*$`);

/** A number, or a word that begins an option. Whether there is such an option is looked at where the ask is known. */
const NAMES_OPTION = /^\s*(?:#?\d{1,2}[.)]?\s*$|(?:continue|cheaper|leave)\b)/i;

/** `7K3F …`: words for a question; the number of an option; for a decision a verb (`7K3F ok`) or what to do instead. */
function afterCode(message: SmsMessage, token: CodeToken, at: number): Step {
  const { code } = token;
  const next = boundaryFrom(message, at);
  const shape = message.shape.slice(at, next);
  const text = textBetween(message, token.end, next);
  if (/[CR]/.test(shape)) return 'unclear';
  if (/^[csP]*$/.test(shape))
    return token.takes === 'words' ? 'needs_words' : shape.includes('P') ? 'unclear' : 'needs_verb';
  const [verb, ...rest] = message.tokens.slice(at, next).flatMap((each) => (each.kind === 'word' ? [each.word] : []));
  if (verb !== undefined && SHOWS.has(verb) && rest.every((word) => word === 'info')) {
    return { commands: [{ kind: 'more', code }], next };
  }
  const free = { start: at, end: next };
  if (token.takes === 'words')
    return /^[csq]*$/.test(shape) ? 'needs_words' : { commands: [{ kind: 'reply', code, text }], next, free };
  if (token.takes === 'choice' && NAMES_OPTION.test(text))
    return { commands: [{ kind: 'reply', code, text }], next, free };
  if (shape.includes('q')) return 'asked_about';
  if (ALL_ALLOW.test(shape)) return { commands: [{ kind: 'allow', code }], next };
  if (ALL_DENY.test(shape)) return { commands: [{ kind: 'deny', code, reason: null }], next };
  const first = shape.charAt(matchAt(TIE, shape, 0)?.[0].length ?? 0);
  if (first === 'Q' || /Q[sP]*$/.test(shape)) return 'asked_about';
  if (first === 'D') return withReason(message, token, at);
  // A yes with more words, a doubt, or so few words with a yes among them: no instruction to the agent.
  if (/[AaU]/.test(first) || soundsLikeYes(shape)) return 'unclear';
  // One word tells no agent what to do instead.
  if (shape.replace(/[csPI]/g, '').length < 2) return 'unclear';
  return /[WKNd]/.test(shape) ? { commands: [{ kind: 'reply', code, text }], next, free } : 'unclear';
}

/** A reason of so few words that holds an allow word is more likely a change of mind. */
const SHORT = 3;
/** A reason that begins so, in so few words, is one too. */
const SHORT_DOUBT = 4;

function soundsLikeYes(shape: string): boolean {
  const words = shape.replace(/[sc]/g, '');
  return words.length <= SHORT && words.includes('A');
}

export function isReason(shape: string): boolean {
  const words = shape.replace(/[scLI]/g, '');
  return !(
    /^A|^(?=.*a)[aPHs]+$/.test(words) ||
    soundsLikeYes(shape) ||
    (words.startsWith('U') && words.length <= SHORT_DOUBT)
  );
}

/** Denying is safe, so the reason may be any words; none that sound like a change of mind. */
function withReason(message: SmsMessage, token: CodeToken, at: number): Step {
  const { code } = token;
  const next = boundaryFrom(message, at);
  const verb =
    token === message.tokens[at - 1] ? (/^(?:[csPI]*[Dd]+)?/.exec(message.shape.slice(at, next))?.[0].length ?? 0) : 0;
  const shape = message.shape.slice(at + verb, next);
  if (/[CR]/.test(shape) || !isReason(shape)) return 'unclear';
  const reason = textBetween(message, message.tokens[at + verb - 1]?.end ?? token.end, next);
  const says = /[WKNUQXdBa*ZLI]/.test(shape) && reason !== '';
  return {
    commands: [{ kind: 'deny', code, reason: says ? reason : null }],
    next,
    free: { start: at + verb, end: next },
  };
}

const STARTS_DECISION = new RegExp(DECISION, 'y');
/** Right behind a code a verb belongs to that code, unless the next code is as close: `m2wx no, q4rt 3`. */
const STARTS_AT_ONCE = new RegExp(DECISION.replaceAll('sc*', '*'), 'y');

/**
 * Where the next clause begins: right here, after a comma, full stop or line end, or after a number that answers. In the
 * middle of free words nothing begins, so that a quoted "ok 7K3F" in an answer is not a decision.
 */
function boundaryFrom({ shape, tokens }: SmsMessage, at: number): number {
  for (let index = at; index < tokens.length; index += 1) {
    const before = shape.charAt(index - 1);
    const number = /^\d+$/.test(wordAt(tokens, index - 1)) && /^[cW]*$/.test(shape.slice(at, index));
    const free = index === at || before === 's' || number || (index - 1 === at && /[&B]/.test(before));
    const code = shape.charAt(index);
    if (free && (/[CR]/.test(code) || matchAt(index === at ? STARTS_AT_ONCE : STARTS_DECISION, shape, index)))
      return index;
    if (before === 's' && index > at && (code === 'X' || generalStart(tokens, index))) return index;
  }
  return tokens.length;
}

const wordAt = (tokens: readonly SmsToken[], index: number): string => {
  const token = tokens[index];
  return token?.kind === 'word' ? token.word : '';
};

/** `no 7k3f, status`, `no 7k3f, more m2wx`: a command begins only as the last thing said, or right before a code. */
function generalStart(tokens: readonly SmsToken[], index: number): boolean {
  const word = wordAt(tokens, index);
  if (word === 'more') return tokens[index + 1]?.kind === 'code';
  return index === tokens.length - 1 && ['status', 'asks', 'resume'].includes(word);
}

/** The words as they were typed, without the punctuation that ties them to what stands before. */
function textBetween(message: SmsMessage, start: number, next: number): string {
  const end = message.tokens[next]?.start ?? message.text.length;
  return trimmedWords(message.text.slice(start, end), next < message.tokens.length);
}

export function trimmedWords(text: string, inside: boolean): string {
  const cut = text
    .replace(/^\s*(?:and|but|und|aber)\s+(?=\S+\s)/iu, '')
    .replace(/^(?:[\s:,.!)\]"'”’]|[-–—=](?=\s))+/u, '')
    .trim();
  return inside ? cut.replace(/[\s,;.]+$/, '') : cut;
}
