/** A code for a token, once. */
import { CompanionError } from '@claude-companion/protocol';
import type { Transaction } from '../../store/database.ts';
import { ensurePersonByPhone } from '../../store/people.ts';
import { decideDeviceLogin } from '../../store/sign-in-device-logins.ts';
import { countTry, endSignIn, type SignIn } from '../../store/sign-ins.ts';
import { nowOf } from '../context.ts';
import { type AuthGrant, grantOf, type IssuedToken, pairDevice } from './issue-token.ts';
import { challengeOf, MAX_TRIES, sameText } from './pairing-code.ts';
import type { SignInContext } from './sign-in-context.ts';
import { type PersonScope, scopesOf } from './standing.ts';

export interface CodeExchange {
  /** The temp_token or setup_id. */
  handle: string;
  code: string;
  codeVerifier?: string | undefined;
  deviceName: string;
}

/**
 * @throws CompanionError AUTH_EXPIRED for a login that is unknown, used, too old or tried too often; INVALID_REQUEST for a wrong
 *   code or verifier
 */
export async function redeemCode(context: SignInContext, exchange: CodeExchange): Promise<IssuedToken> {
  const signIn = await checkCode(context, exchange);
  if (signIn.deviceLoginId !== null) throw expired();
  return context.store.db.transaction(async (tx) => {
    const { id: personId, scopes } = await claim(context, tx, signIn);
    return pairDevice(context, tx, { personId, name: exchange.deviceName, scopes });
  });
}

/** The same, answered as the document has it. */
export const exchangeCode = async (context: SignInContext, exchange: CodeExchange): Promise<AuthGrant> =>
  grantOf(context, await redeemCode(context, exchange));

/** The same check, for the machine that waits for it: that one gets the token when it asks next. */
export async function approveDevice(context: SignInContext, exchange: CodeExchange): Promise<void> {
  const signIn = await checkCode(context, exchange);
  const { deviceLoginId } = signIn;
  if (deviceLoginId === null) throw expired();
  await context.store.db.transaction(async (tx) => {
    const { id: personId } = await claim(context, tx, signIn);
    if (!(await decideDeviceLogin(tx, { id: deviceLoginId, state: 'approved', personId }))) throw expired();
  });
}

async function checkCode(context: SignInContext, exchange: CodeExchange): Promise<SignIn> {
  const { store, signIn: parts } = context;
  const signIn = await countTry(store.db, {
    handleHash: parts.hash('handle', exchange.handle),
    now: nowOf(context),
    maxTries: MAX_TRIES,
  });
  if (!signIn) throw expired();
  checkVerifier(signIn.codeChallenge, exchange.codeVerifier);
  const right = sameText(parts.hash('code', `${signIn.id}:${exchange.code}`), signIn.codeHash);
  if (right && signIn.texted) return signIn;
  const left = MAX_TRIES - signIn.tries;
  const next = left > 0 ? `Try again: ${left} ${left === 1 ? 'try is' : 'tries are'} left.` : 'Ask for a new code.';
  throw new CompanionError('INVALID_REQUEST', `Invalid pairing code. ${next}`);
}

/** A challenge that was sent must be met; a verifier without one means that somebody left the challenge out on the way. */
function checkVerifier(challenge: string | null, verifier: string | undefined): void {
  if (challenge === null && verifier === undefined) return;
  if (verifier === undefined) {
    throw new CompanionError(
      'INVALID_REQUEST',
      'code_verifier: is required, because this login began with code_challenge',
    );
  }
  if (challenge === null || !sameText(challengeOf(verifier), challenge)) {
    throw new CompanionError('INVALID_REQUEST', 'code_verifier: does not belong to the code_challenge of this login');
  }
}

/** Of several exchanges with the right code at the same moment one gets here first, and the others are told it is used. */
async function claim(
  { store, clock, ids, signIn: { policy } }: SignInContext,
  tx: Transaction,
  signIn: SignIn,
): Promise<{ id: string; scopes: readonly PersonScope[] }> {
  const now = clock.now().toISOString();
  if (!(await endSignIn(tx, signIn.id, now))) throw expired();
  const phone = store.seal.open(signIn.phoneSealed);
  const person = await ensurePersonByPhone(tx, store.seal, { id: ids.uuid(), phone, now });
  return { id: person.id, scopes: scopesOf(policy, phone, person) };
}

const expired = (): CompanionError =>
  new CompanionError('AUTH_EXPIRED', 'This sign-in is not known, already used or expired. Ask for a new code.');
