/** Which door may decide what. Saying no works from everywhere a person stands; saying yes needs to know who speaks. */
import type { Answer, Door, Risk } from '@claude-companion/protocol';
import { isAbove } from './finding.ts';

/** The most an allow by text or push may approve. `high` is not offered: it always needs a signed-in screen. */
export type TextCeiling = Exclude<Risk, 'high'>;

/**
 * `anything`: the person is signed in or sits at the desk. `up_to_ceiling`: the sender is only claimed (a text's sender can be
 * forged, a phone can be lost). `nothing`: no person at all; silence is never turned into an allow.
 */
type Trust = 'anything' | 'up_to_ceiling' | 'nothing';

const ALLOW_TRUST: Record<Door, Trust> = {
  api: 'anything',
  socket: 'anything',
  terminal: 'anything',
  desk: 'anything',
  sms: 'up_to_ceiling',
  push: 'up_to_ceiling',
  deadline: 'nothing',
  server: 'nothing',
};

export interface AnswerRequest {
  risk: Risk;
  decision: Answer['decision'];
  door: Door;
  /** Default `low`. */
  ceiling?: TextCeiling;
  /** The answer would also change the session's standing rules. Default false. */
  applySuggestions?: boolean;
}

export type AnswerRefusal = 'needs_screen' | 'suggestions_need_screen' | 'not_a_person';

export type MayAnswer = { may: true } | { may: false; refusal: AnswerRefusal };

export function mayAnswer(request: AnswerRequest): MayAnswer {
  const { risk, decision, door, ceiling = 'low', applySuggestions = false } = request;
  const trust = ALLOW_TRUST[door];
  if (decision === 'deny') return { may: true };
  if (trust === 'nothing') return { may: false, refusal: 'not_a_person' };
  if (decision === 'reply' || trust === 'anything') return { may: true };
  if (applySuggestions) return { may: false, refusal: 'suggestions_need_screen' };
  return isAbove(risk, ceiling) ? { may: false, refusal: 'needs_screen' } : { may: true };
}
