/**
 * A new token for one that is still good. The old one is spent. Presented again it gives the same new one, for a short time and as
 * long as nobody used that: the answer may have been lost. Otherwise two parties hold it, one of them not the owner, and all
 * tokens of the device end.
 */
import { CompanionError } from '@claude-companion/protocol';
import type { Transaction } from '../../store/database.ts';
import { findPerson, phoneOf } from '../../store/people.ts';
import { findToken, lockToken, replaceToken, type StoredToken } from '../../store/sign-in-devices.ts';
import { type AuthGrant, asIssued, grantOf, type IssuedToken, issueToken } from './issue-token.ts';
import { revokeDevice } from './revoke-device.ts';
import type { SignInContext } from './sign-in-context.ts';
import { type PersonScope, scopesOf } from './standing.ts';
import { withinGrace } from './verify-access-token.ts';

/** @throws CompanionError AUTH_EXPIRED for a token that is not good any more */
export async function refreshAccess(context: SignInContext, token: string): Promise<AuthGrant> {
  const { clock, store, signIn, logger } = context;
  const at = clock.now();
  const claims = await signIn.jwt.verify(token, at);
  if (!claims) throw refused();
  const next = await store.db.transaction(async (tx): Promise<IssuedToken | 'refused' | 'reused'> => {
    const row = await lockToken(tx, claims.tokenId);
    if (!row || row.personId !== claims.userId) return 'refused';
    if (row.deviceEndedAt !== null || Date.parse(row.expiresAt) <= at.getTime()) return 'refused';
    if (row.replacedAt === null || row.replacedBy === null) return rotate(context, tx, row);
    const successor = await findToken(tx, row.replacedBy);
    const untouched = successor !== undefined && successor.usedAt === null && successor.replacedAt === null;
    if (untouched && withinGrace(row.replacedAt, at.getTime())) return asIssued(successor);
    await revokeDevice(context, tx, { id: row.deviceId, personId: row.personId, reason: 'reused' });
    return 'reused';
  });
  if (next === 'reused') logger.warn({}, 'a spent token was presented again; its device is signed out');
  if (typeof next === 'string') throw refused();
  return grantOf(context, next);
}

async function rotate(context: SignInContext, tx: Transaction, row: StoredToken): Promise<IssuedToken> {
  const { personId, deviceId } = row;
  const next = await issueToken(context, tx, {
    deviceId,
    personId,
    scopes: await presentScopes(context, tx, personId),
  });
  await replaceToken(tx, { id: row.id, replacedBy: next.id, now: next.issuedAt.toISOString() });
  return next;
}

/** By today's rules: a number that is no longer listed loses what listing gave it. */
async function presentScopes(
  { store, signIn }: SignInContext,
  tx: Transaction,
  personId: string,
): Promise<readonly PersonScope[]> {
  const person = await findPerson(tx, personId);
  const phone = await phoneOf(tx, store.seal, personId);
  return person ? scopesOf(signIn.policy, phone ?? '', person) : ['monitor'];
}

const refused = (): CompanionError => new CompanionError('AUTH_EXPIRED', 'This token is expired or revoked.');
