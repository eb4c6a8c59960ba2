import type { AskState } from '@claude-companion/protocol';
import { type AskInput, nextAskState } from '../asks/lifecycle.ts';
import { type AskRow, closeAsk, countOpenAsks } from '../store/asks.ts';
import { addCommand } from '../store/commands.ts';
import { hastenReply } from '../store/deliveries.ts';
import { updateSession } from '../store/sessions.ts';
import { textsAwaitingAsk } from '../store/texts.ts';
import { moveSession, type SessionChangeFrame } from './change-session.ts';

/** Inputs that end an ask. Answering is an operation of its own: it leaves the ask waiting for the agent. */
export type SettlingInput = Exclude<AskInput, 'answer'>;

export interface SettleAsk {
  ask: AskRow;
  input: SettlingInput;
  reason: string | null;
  /** `unknown`: the process was lost between taking the decision and showing that it had it. */
  outcome?: 'delivered' | 'unknown';
}

/**
 * Ends an ask within a transaction: its state, the event, replies that waited for it. False when its state does not allow
 * that (somebody else ended it first).
 */
export async function settleAsk(frame: SessionChangeFrame, settle: SettleAsk): Promise<boolean> {
  const { tx, session, now, append } = frame;
  const { ask, input, reason } = settle;
  const step = nextAskState(ask.state, input);
  if (!('to' in step)) return false;
  const state: AskState = step.to;
  await closeAsk(tx, ask.id, { state, reason, now });
  if (state === 'applied') {
    await append({
      sessionId: session.id,
      kind: 'ask.applied',
      data: { askId: ask.id, outcome: settle.outcome ?? 'delivered' },
      at: now,
    });
  } else {
    await append({
      sessionId: session.id,
      kind: 'ask.closed',
      data: { askId: ask.id, state, reason: reason ?? '' },
      at: now,
    });
  }
  if (input === 'expire') {
    await addCommand(tx, { sessionId: session.id, kind: 'answer', payload: { askId: ask.id }, now });
  }
  if (session.state === 'waiting' && (await countOpenAsks(tx, session.id)) === 0) {
    session.state = moveSession(session, 'asksSettled');
    await updateSession(tx, session.id, { state: session.state, lastActivityAt: now });
  }
  for (const text of await textsAwaitingAsk(tx, ask.id)) {
    if (!text.states.includes('answered')) await hastenReply(tx, text.id, now);
  }
  return true;
}
