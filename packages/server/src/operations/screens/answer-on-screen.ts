/** An answer from a signed-in screen. What the screen's sign-in does not prove, a passkey can, for this one decision. */
import { type Answer, type AnswerResult, CompanionError } from '@claude-companion/protocol';
import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import type { BrowserSession } from '../../store/browser-sessions.ts';
import { answerAsk } from '../answer-ask.ts';
import type { Context } from '../context.ts';
import { getAsk } from '../look-up.ts';
import { proveStepUp } from '../passkeys/step-up.ts';

export interface AnswerOnScreen {
  askId: string;
  answer: Answer;
  /** What a passkey signed, when one was asked. */
  assertion: AuthenticationResponseJSON | null;
}

/** @throws CompanionError AUTH_INSUFFICIENT for a person who may watch and not decide */
export function refuseWatcher({ mayAnswer }: Pick<BrowserSession, 'mayAnswer'>): void {
  if (mayAnswer) return;
  throw new CompanionError(
    'AUTH_INSUFFICIENT',
    'This phone may watch and not decide. The owner of the server lists the phones that may in ALLOWED_PHONES.',
  );
}

export async function answerOnScreen(
  context: Context,
  session: BrowserSession,
  { askId, answer, assertion }: AnswerOnScreen,
): Promise<AnswerResult> {
  refuseWatcher(session);
  const signed = assertion !== null && answer.decision === 'allow';
  if (signed) {
    const ask = await getAsk(context, askId);
    await proveStepUp(context, session, { assertion, ask, applySuggestions: answer.applySuggestions });
  }
  const result = await answerAsk(context, {
    askId,
    answer,
    via: 'screen',
    strength: signed ? 'proven' : session.strength,
  });
  if (result.outcome === 'not_found') throw new CompanionError('ASK_NOT_FOUND', 'Ask not found');
  return result;
}
