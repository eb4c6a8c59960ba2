/** An ask as a screen shows it: the whole call, what became of it, and what this person may decide here. */
import type { AnswerResult, Ask, AskState } from '@claude-companion/protocol';
import { mayAnswer } from '../../asks/risk/may-answer.ts';
import { answerSentence } from '../../asks/sentences.ts';
import { type Piece, visibleLines } from '../../asks/visible-lines.ts';
import { listAsks } from '../../store/asks.ts';
import { listPasskeys } from '../../store/passkeys.ts';
import type { Actor } from '../actor.ts';
import { publicAsk } from '../answer-ask.ts';
import { type Context, nowOf } from '../context.ts';
import { getAsk } from '../look-up.ts';
import { relyingPartyOf } from '../passkeys/relying-party.ts';

export type { Piece } from '../../asks/visible-lines.ts';

/** One field of a call: nothing left out, nothing invisible. */
export interface CallField {
  name: string;
  lines: Piece[][];
}

/** `proven`: press it. `passkey`: a passkey makes sure first. `no_passkey`: there is none, or none can be used here. */
export type AllowBy = 'proven' | 'passkey' | 'no_passkey';

export interface AskScreen {
  ask: Ask;
  /** Of the ask: its project, tool and directory. */
  project: Piece[];
  tool: Piece[];
  cwd: Piece[];
  call: CallField[];
  questions: { text: Piece[]; multiSelect: boolean; options: { label: Piece[]; description: Piece[] }[] }[];
  plan: Piece[][];
  message: Piece[][];
  suggestions: Piece[][][];
  /** False for what is only told, and for what is settled or too late. */
  open: boolean;
  /** What became of it; null while it waits. */
  ended: string | null;
  allow: AllowBy;
  /** The same for allowing together with the agent's suggestions. */
  allowSuggestions: AllowBy;
}

export async function showAsk(context: Context, actor: Actor, askId: string): Promise<AskScreen> {
  const ask = await getAsk(context, askId);
  const { store, policy } = context;
  const passkeys = await listPasskeys(store.db, actor.personId);
  const withPasskey = passkeys.length > 0 && relyingPartyOf(policy.publicUrl) ? 'passkey' : 'no_passkey';
  const allowBy = (applySuggestions: boolean): AllowBy => {
    const { may } = mayAnswer({
      risk: ask.risk,
      decision: 'allow',
      door: 'screen',
      strength: actor.strength,
      ceiling: policy.textCeiling,
      applySuggestions,
    });
    return may ? 'proven' : withPasskey;
  };
  const ended = endOf(ask, nowOf(context));
  return {
    ask,
    project: inLine(ask.project ?? ''),
    tool: inLine(ask.tool ?? ''),
    cwd: inLine(ask.cwd),
    questions: ask.questions.map(({ question, multiSelect, options }) => ({
      text: inLine(question),
      multiSelect,
      options: options.map(({ label, description }) => ({
        label: inLine(label),
        description: inLine(description ?? ''),
      })),
    })),
    call: Object.entries(ask.input ?? {}).map(([name, value]) => ({ name, lines: visibleLines(textOf(value)) })),
    plan: ask.plan === null ? [] : visibleLines(ask.plan),
    message: ask.message === null ? [] : visibleLines(ask.message),
    suggestions: ask.suggestions.map((suggestion) => visibleLines(JSON.stringify(suggestion, null, 2))),
    open: ended === null && ask.kind !== 'done' && ask.kind !== 'error',
    ended,
    allow: allowBy(false),
    allowSuggestions: allowBy(true),
  };
}

/** For where one line is expected: a line end is named like any other character that is not seen. */
const inLine = (text: string): Piece[] =>
  visibleLines(text).flatMap((line, index) => (index === 0 ? line : [{ text: '\\n', hidden: true }, ...line]));

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));

const OUTCOME_OF: Record<AskState, AnswerResult['outcome'] | null> = {
  open: null,
  answered: 'answered',
  applied: 'applied',
  superseded: 'superseded',
  expired: 'expired',
  withdrawn: 'withdrawn',
  refused: 'refused',
};

function endOf(ask: Ask, now: string): string | null {
  const outcome = OUTCOME_OF[ask.state] ?? (ask.deadline <= now ? 'expired' : null);
  return outcome === null ? null : answerSentence(outcome, { ask, reason: ask.closedReason });
}

const MAX_LISTED = 200;

/** What waits for this person, oldest first. */
export async function openAsksOf({ store }: Context, actor: Actor): Promise<Ask[]> {
  const rows = await listAsks(store.db, { personId: actor.personId, states: ['open'], limit: MAX_LISTED });
  return rows.filter(({ kind }) => kind !== 'done' && kind !== 'error').map(publicAsk);
}
