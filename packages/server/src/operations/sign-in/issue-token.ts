/** Access tokens are made here and nowhere else. */
import type { Transaction } from '../../store/database.ts';
import { addDevice, addToken, type StoredToken } from '../../store/sign-in-devices.ts';
import type { SignInContext } from './sign-in-context.ts';
import type { PersonScope } from './standing.ts';

/** The answer to a successful sign-in, as the document spells it. */
export interface AuthGrant {
  access_token: string;
  user_id: string;
  expires_at: string;
  token_type: 'Bearer';
  /** Seconds. */
  expires_in: number;
}

export interface IssuedToken {
  id: string;
  deviceId: string;
  personId: string;
  issuedAt: Date;
  expiresAt: Date;
}

/** A new device with its first token. Signed only after the commit, by `grantOf`. */
export async function pairDevice(
  context: SignInContext,
  tx: Transaction,
  device: { personId: string; name: string; scopes: readonly PersonScope[] },
): Promise<IssuedToken> {
  const id = context.ids.uuid();
  await addDevice(tx, { id, personId: device.personId, name: device.name, now: context.clock.now().toISOString() });
  return issueToken(context, tx, { deviceId: id, personId: device.personId, scopes: device.scopes });
}

export async function issueToken(
  context: SignInContext,
  tx: Transaction,
  token: { deviceId: string; personId: string; scopes: readonly PersonScope[] },
): Promise<IssuedToken> {
  const id = context.ids.uuid();
  const issuedAt = context.clock.now();
  const expiresAt = new Date(issuedAt.getTime() + context.signIn.policy.accessTokenTtlS * 1000);
  const { deviceId, scopes } = token;
  await addToken(tx, { id, deviceId, scopes, now: issuedAt.toISOString(), expiresAt: expiresAt.toISOString() });
  return { id, deviceId, personId: token.personId, issuedAt, expiresAt };
}

export async function grantOf(context: SignInContext, token: IssuedToken): Promise<AuthGrant> {
  const { id, personId, issuedAt, expiresAt } = token;
  return {
    access_token: await context.signIn.jwt.sign({ tokenId: id, userId: personId, issuedAt, expiresAt }),
    user_id: personId,
    expires_at: expiresAt.toISOString(),
    token_type: 'Bearer',
    expires_in: Math.round((expiresAt.getTime() - issuedAt.getTime()) / 1000),
  };
}

/** A token that was issued before: signing it again gives the same text. */
export const asIssued = (row: StoredToken): IssuedToken => ({
  id: row.id,
  deviceId: row.deviceId,
  personId: row.personId,
  issuedAt: new Date(row.issuedAt),
  expiresAt: new Date(row.expiresAt),
});
