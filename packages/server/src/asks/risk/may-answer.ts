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
  screen: 'anything',
  socket: 'anything',
  terminal: 'anything',
  desk: 'anything',
  sms: 'up_to_ceiling',
  push: 'up_to_ceiling',
  deadline: 'nothing',
  server: 'nothing',
};

/**
 * How sure it is who answers. `claimed`: known by a text alone (a token or a screen that was opened with a texted code), which
 * whoever holds the SIM card can have too; it is worth no more than a text, whatever the door. `proven`: by the owner's token,
 * a link made with it, or a passkey.
 */
export type Strength = 'proven' | 'claimed';

export interface AnswerRequest {
  risk: Risk;
  decision: Answer['decision'];
  door: Door;
  /** Default `proven`: the door itself says how far its answers go. */
  strength?: Strength;
  /** Default `low`. */
  ceiling?: TextCeiling;
  /** The answer would also change the session's standing rules. Default false. */
  applySuggestions?: boolean;
}

export type AnswerRefusal = 'needs_screen' | 'suggestions_need_screen' | 'needs_passkey' | 'not_a_person';

export type MayAnswer = { may: true } | { may: false; refusal: AnswerRefusal };

export function mayAnswer(request: AnswerRequest): MayAnswer {
  const { risk, decision, door, strength = 'proven', ceiling = 'low', applySuggestions = false } = request;
  const trust = ALLOW_TRUST[door];
  if (decision === 'deny') return { may: true };
  if (trust === 'nothing') return { may: false, refusal: 'not_a_person' };
  if (decision === 'reply' || (trust === 'anything' && strength === 'proven')) return { may: true };
  if (trust === 'anything') {
    return applySuggestions || isAbove(risk, ceiling) ? { may: false, refusal: 'needs_passkey' } : { may: true };
  }
  if (applySuggestions) return { may: false, refusal: 'suggestions_need_screen' };
  return isAbove(risk, ceiling) ? { may: false, refusal: 'needs_screen' } : { may: true };
}
