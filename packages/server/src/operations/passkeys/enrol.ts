/**
 * Adding a passkey. Only a proven screen may: a passkey decides what a text may not, so whoever got hold of a phone number
 * must not be able to make one. A person who has only a phone gets a sign-in link from the owner, once.
 */
import { CompanionError } from '@claude-companion/protocol';
import {
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { BrowserSession } from '../../store/browser-sessions.ts';
import { insertChallenge, insertPasskey, listPasskeys, takeChallenge } from '../../store/passkeys.ts';
import { type Context, nowOf } from '../context.ts';
import { CHALLENGE_LIFE_MS, challengeOf, newChallenge, partyOf } from './challenge.ts';

/** More than anybody has. */
const MAX_PASSKEYS = 20;
const MAX_NAME = 60;
/** EdDSA, ES256, RS256: what authenticators have, and what Node verifies without experimental parts. */
const ALGORITHMS = [-8, -7, -257];

export type CreationOptions = Awaited<ReturnType<typeof generateRegistrationOptions>>;

const REFUSED =
  'You are signed in by a text only, and whoever holds your SIM card could be, too: passkeys are added and removed on a screen that was opened with a sign-in link. The owner of the server makes one: npm run companion -- link';

export function refuseClaimed({ strength }: Pick<BrowserSession, 'strength'>): void {
  if (strength !== 'proven') throw new CompanionError('AUTH_INSUFFICIENT', REFUSED);
}

export async function beginEnrolment(context: Context, session: BrowserSession): Promise<CreationOptions> {
  refuseClaimed(session);
  const { store, policy } = context;
  const party = partyOf(policy.publicUrl);
  const known = await listPasskeys(store.db, session.personId);
  if (known.length >= MAX_PASSKEYS) throw new CompanionError('RATE_LIMIT', 'Remove a passkey before you add another.');
  const made = newChallenge(context, { browserSessionId: session.id, ask: null });
  await insertChallenge(store.db, made, nowOf(context));
  return generateRegistrationOptions({
    rpName: 'Claude Companion',
    rpID: party.id,
    userName: session.role === 'owner' ? 'owner' : (session.phone ?? 'user'),
    userID: new Uint8Array(Buffer.from(session.personId)),
    challenge: new Uint8Array(Buffer.from(made.challenge, 'base64url')),
    timeout: CHALLENGE_LIFE_MS,
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
    excludeCredentials: known.map(({ id, transports }) => ({ id, transports })),
  });
}

/** @throws CompanionError INVALID_REQUEST when it was not made just now, here, by a person the device knows */
export async function finishEnrolment(
  context: Context,
  session: BrowserSession,
  { response, name }: { response: RegistrationResponseJSON; name: string },
): Promise<void> {
  refuseClaimed(session);
  const { store, policy } = context;
  const party = partyOf(policy.publicUrl);
  const now = nowOf(context);
  const challenge = challengeOf(response);
  const asked = await takeChallenge(store.db, { challenge, browserSessionId: session.id, now });
  if (!asked || asked.ask !== null) throw notMade();
  const verified = await verifyRegistrationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch((error: unknown) => {
    throw notMade(error);
  });
  if (!verified.verified) throw notMade();
  const { credential } = verified.registrationInfo;
  const isNew = await insertPasskey(store.db, {
    id: credential.id,
    personId: session.personId,
    publicKey: Buffer.from(credential.publicKey).toString('base64url'),
    counter: credential.counter,
    transports: credential.transports ?? [],
    name: name.trim().slice(0, MAX_NAME) || 'Passkey',
    createdAt: now,
  });
  if (!isNew) throw new CompanionError('INVALID_REQUEST', 'This passkey is known already.');
}

const notMade = (cause?: unknown): CompanionError =>
  new CompanionError('INVALID_REQUEST', 'The passkey could not be taken. Open the page again and try once more.', {
    cause,
  });
