/** A session has spent its budget: its owner is asked how it shall go on. The ask outlives the agent's process. */
import { limitQuestion } from '../../asks/limit-choice.ts';
import type { AskRow } from '../../store/asks.ts';
import { listAsks } from '../../store/asks.ts';
import type { Queryable } from '../../store/database.ts';
import { modelSetupOf } from '../../store/sessions.ts';
import { type SessionSpending, spendingOf } from '../../store/usage.ts';
import type { SessionChangeFrame } from '../change-session.ts';
import type { Context } from '../context.ts';
import { openAsk } from '../open-ask.ts';
import { money } from './money.ts';

/** What an open ask about a limit carries, for every screen and for whoever settles it. */
export interface LimitInput {
  limitUsd: number;
  spentUsd: number;
  /** By how much going on raises the limit. */
  moreUsd: number;
  cheaperModel: string | null;
  /** A turn was cut short, and is unfinished. Else a prompt waits that no agent has seen. */
  turnCut: boolean;
}

export function limitInputOf(ask: Pick<AskRow, 'input'>): LimitInput {
  const { limitUsd, spentUsd, moreUsd, cheaperModel, turnCut } = ask.input ?? {};
  return {
    limitUsd: Number(limitUsd ?? 0),
    spentUsd: Number(spentUsd ?? 0),
    moreUsd: Number(moreUsd ?? 0),
    cheaperModel: typeof cheaperModel === 'string' ? cheaperModel : null,
    turnCut: turnCut === true,
  };
}

/** The ask that holds the session up, answered or not; undefined while nothing does. */
export async function pendingLimit(db: Queryable, sessionId: string): Promise<AskRow | undefined> {
  const asks = await listAsks(db, { sessionId, states: ['open', 'answered'], limit: 1000 });
  return asks.find(({ kind }) => kind === 'limit');
}

/** True when a budget is set and used up. */
export const isSpent = ({ limitUsd, spentUsd }: SessionSpending): boolean => limitUsd !== null && spentUsd >= limitUsd;

export async function openLimitAsk(
  context: Context,
  frame: SessionChangeFrame,
  { turnCut }: { turnCut: boolean },
): Promise<void> {
  const { tx, session } = frame;
  if (await pendingLimit(tx, session.id)) return;
  const { limitUsd, stepUsd, spentUsd, lastModel } = await spendingOf(tx, session.id);
  const way = context.models.wayOf(await modelSetupOf(tx, session.id));
  const cheaperModel = context.models.cheaperThan(session.model ?? lastModel, way);
  const input: LimitInput = { limitUsd: limitUsd ?? 0, spentUsd, moreUsd: stepUsd, cheaperModel, turnCut };
  await openAsk(context, frame, {
    kind: 'limit',
    message: `${money(spentUsd)} of ${money(input.limitUsd)} are spent, the work is not finished.`,
    questions: [limitQuestion({ more: money(stepUsd), cheaperModel })],
    input: { ...input },
  });
}
