/** The last step of a command: into the agent, at most once. Everything here is refused to a server that lost the session. */
import type { Answer } from '@claude-companion/protocol';
import { type AskRow, claimAnswer, lockAsk } from '../store/asks.ts';
import { type Command, setCommandState } from '../store/commands.ts';
import { changeSession, type ServedSession } from './change-session.ts';
import type { Context } from './context.ts';
import { settleAsk } from './settle-ask.ts';

/** Takes the decision out, committed before anybody has it. Null when it was taken before or there is none. */
export async function claimAnswerOf(context: Context, served: ServedSession, ask: AskRow): Promise<Answer | null> {
  if (!ask.answer) return null;
  const claimed = await changeSession(context, served, ({ tx, now }) => claimAnswer(tx, ask.id, now));
  return claimed ? ask.answer : null;
}

/** The agent has the decision. */
export async function applyAnswer(context: Context, served: ServedSession, askId: string): Promise<void> {
  await changeSession(context, served, async (frame) => {
    const row = await lockAsk(frame.tx, askId);
    if (row) await settleAsk(frame, { ask: row, input: 'apply', reason: null });
  });
}

/** The agent does not want to know any more: its turn was interrupted. */
export async function withdrawAsk(context: Context, served: ServedSession, askId: string): Promise<void> {
  await changeSession(context, served, async (frame) => {
    const ask = await lockAsk(frame.tx, askId);
    if (ask) await settleAsk(frame, { ask, input: 'withdraw', reason: 'the turn was interrupted' });
  });
}

/** `taken`: a process gets the prompt next. `done`: nothing is left to do for it. */
export async function markCommand(
  context: Context,
  served: ServedSession,
  mark: { command: Command; state: 'taken' | 'done' },
): Promise<void> {
  await changeSession(context, served, ({ tx }) => setCommandState(tx, mark.command, mark.state));
}
