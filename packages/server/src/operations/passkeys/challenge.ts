/** What passkeys are asked to sign. */
import { createHash } from 'node:crypto';
import { CompanionError } from '@claude-companion/protocol';
import type { PasskeyChallenge } from '../../store/passkeys.ts';
import type { Context } from '../context.ts';
import { type RelyingParty, relyingPartyOf } from './relying-party.ts';

export const CHALLENGE_LIFE_MS = 5 * 60_000;
const NONCE_BYTES = 32;

/**
 * For an ask, the challenge is a hash over a fresh nonce and what is decided: the signature of the passkey is one over this
 * call and this decision, whatever else may be said about it later.
 */
export function newChallenge(
  { ids, clock }: Pick<Context, 'ids' | 'clock'>,
  bound: Pick<PasskeyChallenge, 'browserSessionId' | 'ask'>,
): PasskeyChallenge {
  const nonce = Buffer.from(ids.bytes(NONCE_BYTES)).toString('base64url');
  const { ask } = bound;
  const what = ask === null ? ['enrol'] : ['allow', ask.id, ask.hash, ask.applySuggestions];
  const challenge = createHash('sha256')
    .update(JSON.stringify([nonce, ...what]))
    .digest('base64url');
  return { ...bound, challenge, expiresAt: new Date(clock.now().getTime() + CHALLENGE_LIFE_MS).toISOString() };
}

/** The challenge that a response says it signed; whether it did is for the verification to find out. */
export function challengeOf(response: { response?: { clientDataJSON?: unknown } }): string {
  try {
    const text = Buffer.from(String(response.response?.clientDataJSON), 'base64url').toString('utf8');
    const { challenge } = JSON.parse(text) as { challenge?: unknown };
    return typeof challenge === 'string' ? challenge : '';
  } catch {
    return '';
  }
}

/** @throws CompanionError INVALID_REQUEST where browsers have no passkeys */
export function partyOf(publicUrl: string): RelyingParty {
  const party = relyingPartyOf(publicUrl);
  if (party) return party;
  throw new CompanionError(
    'INVALID_REQUEST',
    'Passkeys need a host name with https. Set PUBLIC_URL to one, or open the screen on the machine of the server at localhost.',
  );
}
