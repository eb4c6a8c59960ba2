/** A passkey makes sure who answers one ask. What it signs is good for that ask alone, once, and for five minutes. */
import { CompanionError } from '@claude-companion/protocol';
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  verifyAuthenticationResponse,
} from '@simplewebauthn/server';
import type { BrowserSession } from '../../store/browser-sessions.ts';
import { findPasskey, insertChallenge, listPasskeys, recordPasskeyUse, takeChallenge } from '../../store/passkeys.ts';
import { type Context, nowOf } from '../context.ts';
import { CHALLENGE_LIFE_MS, challengeOf, newChallenge, partyOf } from './challenge.ts';

export type RequestOptions = Awaited<ReturnType<typeof generateAuthenticationOptions>>;

/** The decision that is about to be made sure. */
export interface StepUp {
  ask: { id: string; hash: string };
  applySuggestions: boolean;
}

export async function beginStepUp(context: Context, session: BrowserSession, wanted: StepUp): Promise<RequestOptions> {
  const { store, policy } = context;
  const party = partyOf(policy.publicUrl);
  const known = await listPasskeys(store.db, session.personId);
  if (known.length === 0) throw new CompanionError('AUTH_INSUFFICIENT', 'You have no passkey yet.');
  const { ask, applySuggestions } = wanted;
  const made = newChallenge(context, {
    browserSessionId: session.id,
    ask: { id: ask.id, hash: ask.hash, applySuggestions },
  });
  await insertChallenge(store.db, made, nowOf(context));
  return generateAuthenticationOptions({
    rpID: party.id,
    allowCredentials: known.map(({ id, transports }) => ({ id, transports })),
    challenge: new Uint8Array(Buffer.from(made.challenge, 'base64url')),
    timeout: CHALLENGE_LIFE_MS,
    userVerification: 'required',
  });
}

/** @throws CompanionError ANSWER_REFUSED unless a passkey of this person signed exactly this decision just now */
export async function proveStepUp(
  context: Context,
  session: BrowserSession,
  { assertion, ask, applySuggestions }: StepUp & { assertion: AuthenticationResponseJSON },
): Promise<void> {
  const { store, policy } = context;
  const party = partyOf(policy.publicUrl);
  const now = nowOf(context);
  const challenge = challengeOf(assertion);
  const asked = await takeChallenge(store.db, { challenge, browserSessionId: session.id, now });
  const same = asked?.ask?.id === ask.id && asked.ask.hash === ask.hash;
  if (!same || asked.ask?.applySuggestions !== applySuggestions) throw notProven();
  const { db } = store;
  const passkey = typeof assertion.id === 'string' ? await findPasskey(db, assertion.id, session.personId) : undefined;
  if (!passkey) throw notProven();
  // A counter that does not grow is refused: the passkey was copied.
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: assertion,
    expectedChallenge: challenge,
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    credential: {
      id: passkey.id,
      publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
      counter: passkey.counter,
    },
    requireUserVerification: true,
  }).catch((error: unknown) => {
    throw notProven(error);
  });
  if (!verified) throw notProven();
  if (!(await recordPasskeyUse(db, passkey.id, { counter: authenticationInfo.newCounter, now }))) throw notProven();
}

const notProven = (cause?: unknown): CompanionError =>
  new CompanionError('ANSWER_REFUSED', 'The passkey did not confirm this decision, so nothing was done. Try again.', {
    cause,
  });
