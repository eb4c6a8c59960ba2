/** What signing in works with, besides what every operation has. */
import type { Context } from '../context.ts';
import type { CodeExpiry } from './code-expiry.ts';
import type { Revocations } from './revocations.ts';

export type HashKind = 'handle' | 'code' | 'user-code' | 'device-code' | 'limit';

/** The settings of signing in. */
export interface SignInPolicy {
  /** E.164. They may pair, host sessions and answer asks. */
  allowedPhones: ReadonlySet<string>;
  /** ISO codes, for numbers that are not listed; null: every country. */
  allowedCountries: ReadonlySet<string> | null;
  /** Numbers that are not listed may pair too, and monitor their own sessions. */
  openSignup: boolean;
  accessTokenTtlS: number;
  /** Web origins besides loopback and the server itself that a login may go back to, exactly as a browser spells them. */
  callbackOrigins: ReadonlySet<string>;
  /** Texts with codes that may be sent in a day; half of them are kept for people who are known already. */
  codeTextsPerDay: number;
}

export interface SignInParts {
  policy: SignInPolicy;
  /** Hashes with a key that is not in the database. */
  hash(kind: HashKind, text: string): string;
  jwt: {
    sign(claims: { tokenId: string; userId: string; issuedAt: Date; expiresAt: Date }): Promise<string>;
    verify(token: string, now: Date): Promise<{ tokenId: string; userId: string } | null>;
  };
  revocations: Revocations;
  codeExpiry: CodeExpiry;
}

export type SignInContext = Context & { signIn: SignInParts };
