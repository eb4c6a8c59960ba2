/** What was decided about a spent budget takes effect: the session goes on, with a cheaper model if so, or stays where it is. */
import { type LimitChoice, limitChoice } from '../../asks/limit-choice.ts';
import { resumeNote } from '../../sessions/resume-note.ts';
import { type AskRow, lockAsk } from '../../store/asks.ts';
import { finishPrompt, waitingCommands } from '../../store/commands.ts';
import { updateSession } from '../../store/sessions.ts';
import { raiseLimit } from '../../store/usage.ts';
import { acceptPrompt } from '../accept-prompt.ts';
import { changeSession, moveSession, type ServedSession, type SessionChangeFrame } from '../change-session.ts';
import type { Context } from '../context.ts';
import { settleAsk } from '../settle-ask.ts';
import { BUDGET_REACHED } from './budget-meter.ts';
import { limitInputOf } from './limit-ask.ts';

/** One transaction, so that a crash leaves it undone or done. */
export async function settleLimit(context: Context, served: ServedSession, askId: string): Promise<void> {
  await changeSession(context, served, async (frame) => {
    const ask = await lockAsk(frame.tx, askId);
    if (!ask || frame.session.state === 'ended') return;
    if (ask.state === 'expired') return leave(frame, 'Nobody answered in time, so it stays where it is.');
    if (ask.state !== 'answered' || ask.answer === null) return;
    await CHOICES[limitChoice(ask.answer, ask.questions) ?? 'leave'](context, frame, ask);
  });
}

const CHOICES: Record<LimitChoice, (context: Context, frame: SessionChangeFrame, ask: AskRow) => Promise<void>> = {
  continue: goOn,
  async cheaper(context, frame, ask) {
    const { tx, session, now, append } = frame;
    const { cheaperModel } = limitInputOf(ask);
    if (cheaperModel !== null) {
      session.model = cheaperModel;
      await updateSession(tx, session.id, { model: cheaperModel, lastActivityAt: now });
      const data = { model: cheaperModel, via: ask.answeredVia ?? ('server' as const) };
      await append({ sessionId: session.id, kind: 'session.configured', data, at: now });
    }
    await goOn(context, frame, ask);
  },
  async leave(_context, frame, ask) {
    await settleAsk(frame, { ask, input: 'apply', reason: null });
    await leave(frame, 'You chose to leave it there.');
  },
};

async function goOn(context: Context, frame: SessionChangeFrame, ask: AskRow): Promise<void> {
  const { moreUsd, turnCut } = limitInputOf(ask);
  await raiseLimit(frame.tx, frame.session.id, moreUsd);
  await settleAsk(frame, { ask, input: 'apply', reason: null });
  // A prompt that no agent has seen goes on by itself.
  if (!turnCut) return;
  const text = resumeNote({ decision: 'raised', tool: null, toolUseId: null, reason: null });
  await acceptPrompt(context, frame, { text, source: 'server', via: 'server' });
}

/** Prompts that wait are answered with why nothing happens; whoever waits for their turns sees them begin and end. */
async function leave(frame: SessionChangeFrame, why: string): Promise<void> {
  const { tx, session, now, append } = frame;
  const error = { code: BUDGET_REACHED, message: `The budget of this session is used up. ${why}` };
  for (const command of await waitingCommands(tx, session.id)) {
    if (command.kind !== 'prompt') continue;
    const { promptId } = command.payload;
    await append({ sessionId: session.id, kind: 'turn.started', data: { promptId }, at: now });
    await append({ sessionId: session.id, kind: 'turn.ended', data: { outcome: 'failed', error }, at: now });
    await finishPrompt(tx, session.id, promptId);
  }
  session.state = moveSession(session, 'turnEnded');
  await updateSession(tx, session.id, { state: session.state, turnPromptId: null, lastActivityAt: now });
}
