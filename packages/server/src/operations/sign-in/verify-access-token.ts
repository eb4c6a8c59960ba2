/** Whose access token it is, by its row: the signature alone opens nothing. */
import { findToken, markUsed, type StoredToken } from '../../store/sign-in-devices.ts';
import type { SignInContext } from './sign-in-context.ts';
import { DAY_MS, MINUTE_MS } from './sliding-window.ts';
import type { PersonScope } from './standing.ts';

/** A token that was replaced works on for what is under way, and may be replaced once more when the answer was lost. */
export const GRACE_MS = 30_000;
/** How exactly it is known when a device was used last. */
const USED_WITHIN_MS = MINUTE_MS;

export interface PairedCaller {
  kind: 'user';
  personId: string;
  /** Of the pairing: stays the same when the token is refreshed. Subscribe to `revocations.onRevoked` with it. */
  tokenId: string;
  scopes: readonly PersonScope[];
}

/** Null for a token that is not ours, is past its end, was replaced, or whose device was signed out. */
export async function verifyAccessToken(context: SignInContext, token: string): Promise<PairedCaller | null> {
  const { clock, store, signIn } = context;
  const at = clock.now();
  const claims = await signIn.jwt.verify(token, at);
  const row = claims && (await findToken(store.db, claims.tokenId));
  if (!row || row.personId !== claims.userId || !isGood(row, at.getTime())) return null;
  if (row.usedAt === null || Math.abs(at.getTime() - Date.parse(row.deviceUsedAt)) > USED_WITHIN_MS) {
    await markUsed(store.db, { id: row.id, deviceId: row.deviceId, now: at.toISOString() });
  }
  return { kind: 'user', personId: row.personId, tokenId: row.deviceId, scopes: row.scopes as PersonScope[] };
}

export function isGood(row: StoredToken, now: number): boolean {
  if (row.deviceEndedAt !== null || Date.parse(row.expiresAt) <= now) return false;
  return row.replacedAt === null || withinGrace(row.replacedAt, now);
}

/** A moment ahead of now means that the clock was set back since. A day ahead is no longer that. */
export function withinGrace(replacedAt: string, now: number): boolean {
  const age = now - Date.parse(replacedAt);
  return age < GRACE_MS && age > -DAY_MS;
}
