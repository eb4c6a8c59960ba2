/** The last step of an answer: into the agent, at most once. */
import type { Answer } from '@claude-companion/protocol';
import { type AskRow, claimAnswer, lockAsk } from '../store/asks.ts';
import { changeSession } from './change-session.ts';
import { type Context, nowOf } from './context.ts';
import { settleAsk } from './settle-ask.ts';

/** Takes the decision out, committed before anybody has it. Null when it was taken before or there is none. */
export async function claimAnswerOf(context: Context, ask: AskRow): Promise<Answer | null> {
  if (!ask.answer || !(await claimAnswer(context.store.db, ask.id, nowOf(context)))) return null;
  return ask.answer;
}

/** The agent has the decision. */
export async function applyAnswer(context: Context, ask: Pick<AskRow, 'id' | 'sessionId'>): Promise<void> {
  await changeSession(context, { sessionId: ask.sessionId }, async (frame) => {
    const row = await lockAsk(frame.tx, ask.id);
    if (row) await settleAsk(context, frame, { ask: row, input: 'apply', reason: null });
  });
}

/** The agent does not want to know any more: its turn was interrupted. */
export async function withdrawAsk(context: Context, askId: string, reason: string): Promise<void> {
  const { rows } = await context.store.db.query<{ sessionId: string }>(
    `select session_id as "sessionId" from asks where id = $1`,
    [askId],
  );
  const [row] = rows;
  if (!row) return;
  await changeSession(context, row, async (frame) => {
    const ask = await lockAsk(frame.tx, askId);
    if (ask) await settleAsk(context, frame, { ask, input: 'withdraw', reason });
  });
}
