/**
 * Access tokens: signed, so that nonsense is refused without a look into the database, and holding nothing but ids. What a
 * token may do, and whether it is still good, is in its row.
 */
import { jwtVerify, SignJWT } from 'jose';

const ALGORITHM = 'HS256';
const ISSUER = 'claude-companion';
const AUDIENCE = 'claude-companion';
/** Keeps apart what else may be signed with the same secret. */
const TYPE = 'at+jwt';
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

export interface AccessClaims {
  tokenId: string;
  userId: string;
  issuedAt: Date;
  expiresAt: Date;
}

export interface AccessJwt {
  /** The same text for the same claims. */
  sign(claims: AccessClaims): Promise<string>;
  /** Null for anything that was not signed here, or is past its end. */
  verify(token: string, now: Date): Promise<{ tokenId: string; userId: string } | null>;
}

export function createAccessJwt(key: Uint8Array): AccessJwt {
  return {
    sign: ({ tokenId, userId, issuedAt, expiresAt }) =>
      new SignJWT()
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
        .setJti(tokenId)
        .setSubject(userId)
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt(issuedAt)
        // Whole seconds: rounded up, so that the row, which knows the milliseconds, decides.
        .setExpirationTime(Math.ceil(expiresAt.getTime() / 1000))
        .sign(key),
    async verify(token, now) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [ALGORITHM],
          typ: TYPE,
          issuer: ISSUER,
          audience: AUDIENCE,
          requiredClaims: ['jti', 'sub', 'exp'],
          currentDate: now,
        });
        const { jti = '', sub = '' } = payload;
        return UUID.test(jti) && UUID.test(sub) ? { tokenId: jti, userId: sub } : null;
      } catch {
        return null;
      }
    },
  };
}
