/**
 * One ask as one text message.
 *
 * What must stay true: our frame `[project] Tool:` comes first and our instructions come last, on their own line; text of the
 * agent stands between them, on one line, and cannot look like either. A text has a code only when everything that the code
 * would approve is in it; otherwise it has a link and no code.
 */
import type { Ask } from '@claude-companion/protocol';
import { describeCall, toolLabel } from './describe-call.ts';
import { segmentsOf } from './gsm7.ts';
import { mayAnswer, type TextCeiling } from './risk/may-answer.ts';
import { defanged, imitatesUs, proseText } from './visible-text.ts';

export const MAX_SMS_LENGTH = 480;
export const MAX_SMS_SEGMENTS = 3;
/** More than every page of an ask together: bounds the work for an input of megabytes. */
const MAX_BODY_LENGTH = 20 * MAX_SMS_LENGTH;

/** What the code in a text is good for. `none`: there is no code in it. */
export type CodeUse = 'none' | 'decide' | 'deny' | 'reply';

export type RenderableAsk = Pick<
  Ask,
  'id' | 'kind' | 'project' | 'cwd' | 'tool' | 'input' | 'questions' | 'plan' | 'message' | 'risk'
>;

export interface RenderOptions {
  /** The code reserved for this ask; it is in the text only if the result's `use` is not `none`. */
  code: string;
  /** Where the ask is shown in full. */
  link: string;
  /** The most that may be allowed by text. Default `low`. */
  ceiling?: TextCeiling;
}

export interface RenderedText {
  text: string;
  segments: number;
  use: CodeUse;
}

/** The middle and the end of a text, before it is known whether they fit. */
interface Draft {
  /** After the frame; one line. */
  body: string;
  /** Our own lines. */
  instructions: string;
  use: CodeUse;
  /** The body may be cut: nothing is approved by it. */
  mayCut: boolean;
}

export function renderAsk(ask: RenderableAsk, options: RenderOptions): RenderedText {
  const draft = DRAFTS[ask.kind](ask, options);
  const { body, instructions, use, mayCut } = draft;
  const write = (middle: string) =>
    [`${frameOf(ask)} ${middle}`, instructions].filter((part) => part !== '').join('\n');
  if (!imitatesUs([body, ...optionLines(ask)].join(' / '))) {
    if (fits(write(body))) return rendered(write(body), use);
    if (mayCut) return rendered(write(cut(body, (shorter) => fits(write(shorter)))), use);
  }
  return rendered(
    `${frameOf(ask)} ${LINK_ONLY[ask.kind](ask.tool)} Open ${options.link} ${OPEN_TO[ask.kind]}.`,
    'none',
  );
}

/** The fixed start of every text about a session: its project's name, in letters that cannot break out of the brackets. */
export function frameOf(ask: Pick<Ask, 'project' | 'cwd'>): string {
  const name = ask.project ?? ask.cwd.split(/[\\/]/).findLast((part) => part !== '') ?? '';
  const plain = name
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 24);
  return `[${plain === '' ? 'session' : plain}]`;
}

export function fits(text: string): boolean {
  return text.length <= MAX_SMS_LENGTH && segmentsOf(text) <= MAX_SMS_SEGMENTS;
}

/** What stands after the frame: the same in a single text, in a folded one and in pages. Cut only past any text's length. */
export function bodyOf(ask: RenderableAsk): string {
  return defanged(BODIES[ask.kind](ask).slice(0, MAX_BODY_LENGTH));
}

const BODIES: Record<Ask['kind'], (ask: RenderableAsk) => string> = {
  permission: (ask) => describeCall(ask.tool ?? 'a tool', ask.input ?? {}, ask.cwd),
  question: (ask) => `asks: ${ask.questions.map(({ question }) => proseText(question)).join(' / ')}`,
  plan: (ask) => `Plan: ${proseText(ask.plan ?? ask.message ?? '')}`,
  waiting: (ask) => `waits for you: ${proseText(ask.message ?? 'what next?')}`,
  limit: (ask) => `Limit: ${proseText(ask.message ?? 'a usage limit was reached')}`,
  done: (ask) => `done: ${proseText(ask.message ?? 'finished')}`,
  error: (ask) => `error: ${proseText(ask.message ?? 'something failed')}`,
};

const DRAFTS: Record<Ask['kind'], (ask: RenderableAsk, options: RenderOptions) => Draft> = {
  permission: draftDecision,
  plan: draftDecision,
  limit: draftLimit,
  question: draftQuestion,
  waiting: (ask, { code }) => ({
    body: bodyOf(ask),
    instructions: `Reply ${code} your words`,
    use: 'reply',
    mayCut: true,
  }),
  done: (ask) => ({ body: bodyOf(ask), instructions: '', use: 'none', mayCut: true }),
  error: (ask) => ({ body: bodyOf(ask), instructions: '', use: 'none', mayCut: true }),
};

function draftDecision(ask: RenderableAsk, options: RenderOptions): Draft {
  const { code, link, ceiling = 'low' } = options;
  const byText = mayAnswer({ risk: ask.risk, decision: 'allow', door: 'sms', ceiling }).may;
  return {
    body: bodyOf(ask),
    instructions: byText ? `Reply OK ${code} or NO ${code}` : `Needs your screen: ${link}\nReply NO ${code} to deny`,
    use: byText ? 'decide' : 'deny',
    mayCut: false,
  };
}

/** The options in full, so that a number is as clear as a word. */
function draftLimit(ask: RenderableAsk, options: RenderOptions): Draft {
  const draft = draftDecision(ask, options);
  const lines = optionLines(ask);
  if (lines.length === 0 || draft.use !== 'decide') return draft;
  const { code } = options;
  return { ...draft, instructions: [...lines, `Reply OK ${code}, NO ${code} or ${code} 2`].join('\n') };
}

function draftQuestion(ask: RenderableAsk, { code }: RenderOptions): Draft {
  const [first, ...others] = ask.questions;
  const body = bodyOf(ask);
  if (first === undefined) return { body, instructions: `Reply ${code} your words`, use: 'reply', mayCut: false };
  if (others.length === 0) {
    // The example of several numbers tells that several may be chosen.
    const example = first.multiSelect ? `${code} 1,2` : `${code} 1`;
    const words = first.options.length === 0 ? `Reply ${code} your words` : `Reply ${example} or ${code} your words`;
    return { body, instructions: [...optionLines(ask), words].join('\n'), use: 'reply', mayCut: false };
  }
  const example = ask.questions.map((question) => (question.options.length === 0 ? 'words' : '1')).join('; ');
  return {
    body,
    instructions: [...optionLines(ask), `Reply ${code} ${example}`].join('\n'),
    use: 'reply',
    mayCut: false,
  };
}

/** `1 Friendly`, each on a line of its own: a label cannot hold a line end, so it cannot fake another option. */
export function optionLines(ask: RenderableAsk): string[] {
  const several = ask.questions.length > 1;
  return ask.questions.flatMap(({ options }, at) =>
    options.map(({ label }, index) => `${several ? `Q${at + 1}: ` : ''}${index + 1} ${defanged(proseText(label))}`),
  );
}

/** What an ask wants when its own words cannot be in the text. */
export const LINK_ONLY: Record<Ask['kind'], (tool: string | null) => string> = {
  permission: (tool) =>
    tool === 'Bash'
      ? 'Bash asks to run a long command.'
      : `${toolLabel(tool ?? 'A tool')} asks for something too long for a text.`,
  question: () => 'asks a question too long for a text.',
  plan: () => 'has a plan for you.',
  limit: () => 'has reached a limit.',
  waiting: () => 'waits for you.',
  done: () => 'is done.',
  error: () => 'met an error.',
};

const OPEN_TO: Record<Ask['kind'], string> = {
  permission: 'to see and answer',
  question: 'to see and answer',
  plan: 'to see and answer',
  limit: 'to see and answer',
  waiting: 'to see and answer',
  done: 'to see it',
  error: 'to see it',
};

/** The longest start that fits, with `...` where the rest was. */
export function cut(text: string, accept: (text: string) => boolean): string {
  // No more than this can fit, and an input may hold megabytes.
  const chars = [...text.slice(0, 2 * MAX_SMS_LENGTH)];
  let kept = 0;
  let tooMany = chars.length;
  while (tooMany - kept > 1) {
    const middle = Math.floor((kept + tooMany) / 2);
    if (accept(`${chars.slice(0, middle).join('')}...`)) kept = middle;
    else tooMany = middle;
  }
  return `${chars.slice(0, kept).join('')}...`;
}

function rendered(text: string, use: CodeUse): RenderedText {
  return { text, segments: segmentsOf(text), use };
}
