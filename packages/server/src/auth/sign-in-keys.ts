/** The keys of signing in, all from JWT_SECRET, which is kept outside the database. */
import { createHmac, hkdfSync } from 'node:crypto';

/** Fewest characters of JWT_SECRET. */
export const MIN_JWT_SECRET_LENGTH = 32;

/** What a hash is of: a hash of one kind never equals one of another. */
export type HashKind = 'handle' | 'code' | 'user-code' | 'device-code' | 'limit';

export interface SignInKeys {
  jwt: Uint8Array;
  /** Keyed: a copy of the database without the key tells nothing, although codes have only six digits. */
  hash(kind: HashKind, text: string): string;
}

export function signInKeys(secret: string): SignInKeys {
  if (secret.length < MIN_JWT_SECRET_LENGTH) {
    throw new Error(`JWT_SECRET must have at least ${MIN_JWT_SECRET_LENGTH} characters.`);
  }
  const derived = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, '', `claude-companion ${purpose}`, 32));
  const hashKey = derived('sign-in hashes');
  return {
    jwt: derived('access tokens'),
    hash: (kind, text) => createHmac('sha256', hashKey).update(`${kind}:${text}`).digest('base64url'),
  };
}
