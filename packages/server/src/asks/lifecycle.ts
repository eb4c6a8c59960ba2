/**
 * The life of an ask: every state, every input. The first answer wins; an answer is applied at most once; nothing leaves an
 * end state.
 */
import type { AnswerResult, AskState } from '@claude-companion/protocol';

/**
 * `answer`: a person decided. `apply`: the agent has the answer. `supersede`: it was answered at the desk. `expire`: the
 * deadline passed. `withdraw`: the agent no longer needs it. `refuse`: the answer may not be applied (the call is not the one
 * that was shown).
 */
export const ASK_INPUTS = ['answer', 'apply', 'supersede', 'expire', 'withdraw', 'refuse'] as const;
export type AskInput = (typeof ASK_INPUTS)[number];

/** A refused input changes nothing; the outcome is what its sender is told. */
export type AskTransition = { to: AskState } | { refused: AnswerResult['outcome'] };

const to = (state: AskState): AskTransition => ({ to: state });
const refused = (outcome: AnswerResult['outcome']): AskTransition => ({ refused: outcome });

function closed(outcome: AnswerResult['outcome']): Record<AskInput, AskTransition> {
  const stays = refused(outcome);
  return { answer: stays, apply: stays, supersede: stays, expire: stays, withdraw: stays, refuse: stays };
}

export const ASK_TRANSITIONS: Record<AskState, Record<AskInput, AskTransition>> = {
  open: {
    answer: to('answered'),
    // Nothing was decided, so nothing can be applied.
    apply: refused('refused'),
    supersede: to('superseded'),
    expire: to('expired'),
    withdraw: to('withdrawn'),
    refuse: to('refused'),
  },
  answered: {
    answer: refused('already_answered'),
    apply: to('applied'),
    // The desk was faster than the way of our answer to the agent.
    supersede: to('superseded'),
    // It was decided in time; the deadline has no say any more.
    expire: refused('already_answered'),
    withdraw: to('withdrawn'),
    refuse: to('refused'),
  },
  applied: closed('already_answered'),
  superseded: closed('superseded'),
  expired: closed('expired'),
  withdrawn: closed('withdrawn'),
  refused: closed('refused'),
};

export function nextAskState(state: AskState, input: AskInput): AskTransition {
  return ASK_TRANSITIONS[state][input];
}

/** True while somebody may still decide or the decision is still on its way. */
export const IS_PENDING: Record<AskState, boolean> = {
  open: true,
  answered: true,
  applied: false,
  superseded: false,
  expired: false,
  withdrawn: false,
  refused: false,
};
