/** The part of the grammar that decides: `OK 7K3F, NO M2WX because …`, `7K3F 2`, `7K3F use pnpm`. All of it is understood, or none. */
import type { ClarifyReason, Command, OpenCode } from './interpret.ts';
import type { SmsToken } from './sms-tokens.ts';

export interface SmsMessage {
  text: string;
  tokens: readonly SmsToken[];
  openCodes: readonly OpenCode[];
}

type Step = { commands: Command[]; next: number } | ClarifyReason;
type CodeToken = Extract<SmsToken, { kind: 'code' }>;

/** A colon or a question mark introduces or doubts what follows; it does not begin a new command. */
const ENDS_THOUGHT = /[,;.!\n]/;
/** A reason or answer of so few words that holds an allow word is more likely a change of mind. */
const SHORT = 3;

export function readClauses(message: SmsMessage): Command[] | ClarifyReason {
  const commands: Command[] = [];
  let at = skipFiller(message.tokens, 0);
  while (at < message.tokens.length) {
    const step = readClause(message, at);
    if (typeof step === 'string') return step;
    commands.push(...step.commands);
    at = skipFiller(message.tokens, step.next);
  }
  const codes = commands.map((command) => ('code' in command ? command.code : ''));
  return commands.length > 0 && new Set(codes).size === codes.length ? commands : 'unclear';
}

function readClause(message: SmsMessage, at: number): Step {
  const token = message.tokens[at];
  if (token?.kind === 'code')
    return token.open ? afterCode(message, token, at + 1) : unknownCode(message, token, at + 1);
  const role = token?.kind === 'word' ? token.role : 'other';
  if (role !== 'allow' && role !== 'deny') return 'unclear';
  const codes = codesAfterVerb(message.tokens, at, role);
  const [first] = codes;
  const last = codes.at(-1);
  if (first === undefined || last === undefined) return 'unclear';
  const after = last.index + 1;
  if (role === 'deny' && codes.length === 1) {
    return first.token.open ? withReason(message, first.token, after) : unknownCode(message, first.token, after);
  }
  if (!endsHere(message.tokens, after)) return 'unclear';
  return {
    commands: codes.map(({ token: { code, open } }): Command => {
      if (!open) return { kind: 'unknown_code', code };
      return role === 'allow' ? { kind: 'allow', code } : { kind: 'deny', code, reason: null };
    }),
    next: after,
  };
}

/** `ok ok please 7K3F and M2WX`: the verb, repeated or with a polite word, then one code or several joined by "and". */
function codesAfterVerb(
  tokens: readonly SmsToken[],
  at: number,
  role: 'allow' | 'deny',
): { token: CodeToken; index: number }[] {
  const codes: { token: CodeToken; index: number }[] = [];
  for (let index = at + 1; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined) break;
    if (token.kind === 'code') codes.push({ token, index });
    else if (codes.length > 0) {
      const joined = token.kind === 'word' && token.role === 'and' && tokens[index + 1]?.kind === 'code';
      if (!joined) break;
    } else if (token.kind === 'separator') {
      // `Ok, 7K3F`: some keyboards put the comma there.
      if (!/[,:\n]/.test(token.mark) || tokens[index + 1]?.kind !== 'code') break;
    } else if (token.role !== role && token.role !== 'polite') break;
  }
  return codes;
}

/** Nothing but polite words until a separator, another verb with a code, or the end. A question is no decision. */
function endsHere(tokens: readonly SmsToken[], at: number): boolean {
  const token = tokens[at];
  if (token === undefined) return true;
  if (token.kind === 'separator') return token.mark !== '?';
  if (token.kind === 'word' && (token.role === 'polite' || token.role === 'and')) return endsHere(tokens, at + 1);
  return startsDecision(tokens, at);
}

function startsDecision(tokens: readonly SmsToken[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind !== 'word' || (token.role !== 'allow' && token.role !== 'deny')) return false;
  return tokens[at + 1]?.kind === 'code';
}

function unknownCode(message: SmsMessage, { code }: CodeToken, at: number): Step {
  return { commands: [{ kind: 'unknown_code', code }], next: boundaryFrom(message.tokens, at) };
}

/** `7K3F …`: words for a question; for a decision a verb (`7K3F ok`) or what to do instead. */
function afterCode(message: SmsMessage, token: CodeToken, at: number): Step {
  const { code } = token;
  const next = boundaryFrom(message.tokens, at);
  const words = message.tokens.slice(at, next).filter(({ kind }) => kind !== 'separator');
  if (words.some(({ kind }) => kind === 'code')) return 'unclear';
  const takesWords = message.openCodes.some((open) => open.code === code && open.takes === 'words');
  const text = textBetween(message, token.end, next);
  if (takesWords) return text === '' ? 'needs_words' : { commands: [{ kind: 'reply', code, text }], next };
  const roles = words.map((word) => (word.kind === 'word' ? word.role : 'other'));
  if (roles[0] === undefined) return 'needs_verb';
  if (roles[0] === 'allow') {
    return roles.every((role) => role === 'allow' || role === 'polite')
      ? { commands: [{ kind: 'allow', code }], next }
      : 'unclear';
  }
  if (roles[0] === 'deny') return withReason(message, token, at);
  if (roles.every((role) => role === 'polite') || soundsLikeYes(roles)) return 'unclear';
  return { commands: [{ kind: 'reply', code, text }], next };
}

function withReason(message: SmsMessage, token: CodeToken, at: number): Step {
  const next = boundaryFrom(message.tokens, at);
  const words = message.tokens.slice(at, next).filter(({ kind }) => kind !== 'separator');
  const roles = words.map((word) => (word.kind === 'word' ? word.role : 'other'));
  if (words.some(({ kind }) => kind === 'code') || roles[0] === 'allow' || soundsLikeYes(roles)) return 'unclear';
  const meaningful = roles.some((role) => role === 'other');
  const reason = textBetween(message, token.end, next).replace(/^no\b[\s,:.]*/i, '');
  return { commands: [{ kind: 'deny', code: token.code, reason: meaningful && reason !== '' ? reason : null }], next };
}

function soundsLikeYes(roles: readonly string[]): boolean {
  return roles.length <= SHORT && roles.includes('allow');
}

/**
 * Where the next clause begins: right here, or after a comma, full stop or line end. In the middle of free words nothing
 * begins, so that a quoted "ok 7K3F" in an answer is not a decision.
 */
function boundaryFrom(tokens: readonly SmsToken[], at: number): number {
  for (let index = at; index < tokens.length; index += 1) {
    const token = tokens[index];
    const before = tokens[index - 1];
    const free =
      index === at || (before?.kind === 'separator' && ENDS_THOUGHT.test(before.mark)) || isFirstAnd(tokens, index, at);
    if (free && (startsDecision(tokens, index) || (token?.kind === 'code' && token.open))) return index;
  }
  return tokens.length;
}

function isFirstAnd(tokens: readonly SmsToken[], index: number, at: number): boolean {
  const before = tokens[index - 1];
  return index - 1 === at && before?.kind === 'word' && before.role === 'and';
}

function skipFiller(tokens: readonly SmsToken[], at: number): number {
  let index = at;
  for (; index < tokens.length; index += 1) {
    const token = tokens[index];
    const filler =
      token?.kind === 'separator' || (token?.kind === 'word' && (token.role === 'polite' || token.role === 'and'));
    if (!filler) break;
  }
  return index;
}

/** The words as they were typed, without the punctuation that ties them to the code. */
function textBetween(message: SmsMessage, start: number, next: number): string {
  const end = message.tokens[next]?.start ?? message.text.length;
  const cut = message.text
    .slice(start, end)
    .replace(/^[\s:,.)\]"'”’]+|^\s*[-–—]\s+/u, '')
    .trim();
  return next < message.tokens.length ? cut.replace(/[\s,;.]+$/, '') : cut;
}
