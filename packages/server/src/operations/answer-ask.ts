import type { Answer, AnswerResult, Ask, Door } from '@claude-companion/protocol';
import { misfitOf } from '../asks/answer-shape.ts';
import { nextAskState } from '../asks/lifecycle.ts';
import { mayAnswer, type Strength } from '../asks/risk/may-answer.ts';
import { answerSentence } from '../asks/sentences.ts';
import { type AskRow, countOpenAsks, findAsk, lockAsk, recordAnswer } from '../store/asks.ts';
import { addCommand } from '../store/commands.ts';
import type { Transaction } from '../store/database.ts';
import { lockLog } from '../store/log-lock.ts';
import { lockSession, updateSession } from '../store/sessions.ts';
import { moveSession } from './change-session.ts';
import { type Context, nowOf } from './context.ts';

export interface AnswerAsk {
  askId: string;
  answer: Answer;
  via: Door;
  /** How sure it is who answers. @defaultValue `proven`: as sure as the door is */
  strength?: Strength;
}

/** An ask as doors show it. */
export function publicAsk(row: AskRow): Ask {
  const { personId: _person, toolUseId: _tool, subAgentId: _agent, claimedAt: _claimed, ...ask } = row;
  return ask;
}

function result(outcome: AnswerResult['outcome'], ask: AskRow | undefined, reason?: string): AnswerResult {
  return {
    outcome,
    message: answerSentence(outcome, { ask: ask ? publicAsk(ask) : null, reason: reason ?? null }),
    ask: ask ? publicAsk(ask) : null,
  };
}

/**
 * Takes an answer from any door. The first one wins; every later one is told what became of the ask. `answered` means
 * committed: it survives anything. The agent has it when the ask is `applied`.
 */
export async function answerAsk(context: Context, request: AnswerAsk): Promise<AnswerResult> {
  const { store } = context;
  return store.db.transaction(async (tx) => {
    await lockLog(tx);
    return answerAskIn(context, tx, request);
  });
}

/** The same inside a transaction that already holds the log's lock: one text may carry several answers. */
export async function answerAskIn(context: Context, tx: Transaction, request: AnswerAsk): Promise<AnswerResult> {
  const { store, policy } = context;
  const now = nowOf(context);
  const found = await findAsk(tx, request.askId);
  if (!found) return result('not_found', undefined);
  const session = await lockSession(tx, found.sessionId);
  const ask = await lockAsk(tx, request.askId);
  if (!session || !ask) return result('not_found', undefined);

  const step = nextAskState(ask.state, 'answer');
  if ('refused' in step) return result(step.refused, ask);
  // The clock decides, not the timer that will close the ask in a moment.
  if (ask.deadline <= now) return result('expired', ask);
  const misfit = misfitOf(ask, request.answer);
  if (misfit) return result('refused', ask, misfit);
  const allowed = mayAnswer({
    risk: ask.risk,
    decision: request.answer.decision,
    door: request.via,
    ...(request.strength && { strength: request.strength }),
    ceiling: policy.textCeiling,
    applySuggestions: request.answer.decision === 'allow' && request.answer.applySuggestions,
  });
  if (!allowed.may) return result('refused', ask, allowed.refusal);

  await recordAnswer(tx, ask.id, { answer: request.answer, via: request.via, now });
  await store.log.appendIn(tx, [
    {
      sessionId: session.id,
      kind: 'ask.answered',
      data: { askId: ask.id, answer: request.answer, via: request.via },
      at: now,
    },
  ]);
  await addCommand(tx, { sessionId: session.id, kind: 'answer', payload: { askId: ask.id }, now });
  if (session.state === 'waiting' && (await countOpenAsks(tx, session.id)) === 0) {
    await updateSession(tx, session.id, { state: moveSession(session, 'asksSettled'), lastActivityAt: now });
  }
  return result('answered', await findAsk(tx, ask.id));
}
