import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { createAccessJwt } from './access-jwt.ts';
import { signInKeys } from './sign-in-keys.ts';

const SECRET = 'a secret of more than thirty-two characters';
const key = signInKeys(SECRET).jwt;
const jwt = createAccessJwt(key);
const NOW = new Date('2026-03-01T12:00:00.500Z');
const claims = {
  tokenId: '5f0e8a52-3c1d-4f5e-9a27-0d6c1b7e4f21',
  userId: 'c3b1f0de-7a64-4d0a-8e55-2b9d4c1f6a90',
  issuedAt: NOW,
  expiresAt: new Date(NOW.getTime() + 60_000),
};
const ids = { tokenId: claims.tokenId, userId: claims.userId };

/** A token as ours, but for one thing. */
function forged(change: { header?: Record<string, unknown>; payload?: Record<string, unknown>; key?: Uint8Array }) {
  const payload = {
    jti: claims.tokenId,
    sub: claims.userId,
    iss: 'claude-companion',
    aud: 'claude-companion',
    exp: Math.ceil(claims.expiresAt.getTime() / 1000),
    ...change.payload,
  };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', ...change.header })
    .sign(change.key ?? key);
}

describe('an access token', () => {
  test('is known again, and is the same text for the same claims', async () => {
    const token = await jwt.sign(claims);
    expect(await jwt.verify(token, NOW)).toEqual(ids);
    expect(await jwt.sign(claims)).toBe(token);
    expect(await jwt.verify(await forged({}), NOW)).toEqual(ids);
  });

  test('ends, and does not begin: a clock that was set back locks nobody out', async () => {
    const token = await jwt.sign(claims);
    expect(await jwt.verify(token, new Date(NOW.getTime() - 3_600_000))).toEqual(ids);
    expect(await jwt.verify(token, new Date(NOW.getTime() + 61_000))).toBeNull();
  });

  test('holds no phone, no scope and no name', async () => {
    const [, payload = ''] = (await jwt.sign(claims)).split('.');
    expect(Object.keys(JSON.parse(Buffer.from(payload, 'base64url').toString())).sort()).toEqual([
      'aud',
      'exp',
      'iat',
      'iss',
      'jti',
      'sub',
    ]);
  });

  test.each([
    ['another secret', { key: signInKeys(`${SECRET}!`).jwt }],
    ['another kind of token of the same secret', { header: { typ: 'JWT' } }],
    ['another algorithm', { header: { alg: 'HS512' } }],
    ['another audience', { payload: { aud: 'somebody' } }],
    ['another issuer', { payload: { iss: 'somebody' } }],
    ['no end', { payload: { exp: undefined } }],
    ['an id that is none', { payload: { jti: "'; drop table people; --" } }],
    ['no user', { payload: { sub: undefined } }],
  ])('not with %s', async (_name, change) => {
    expect(await jwt.verify(await forged(change), NOW)).toBeNull();
  });

  test('not without a signature, and not cut or turned', async () => {
    const token = await jwt.sign(claims);
    const [header, payload, signature] = token.split('.');
    const unsigned = new UnsecuredJWT({ jti: claims.tokenId, sub: claims.userId }).setExpirationTime('1h').encode();
    for (const wrong of [
      '',
      'x',
      '..',
      unsigned,
      `${header}.${payload}.`,
      `${payload}.${header}.${signature}`,
      `${token}x`,
    ]) {
      expect(await jwt.verify(wrong, NOW)).toBeNull();
    }
  });
});

describe('the keys of signing in', () => {
  test('a secret shorter than 32 characters is refused', () => {
    expect(() => signInKeys('x'.repeat(31))).toThrow(/32 characters/);
    expect(() => signInKeys('')).toThrow(/32 characters/);
  });

  test('hashes differ by kind, by text and by secret', () => {
    const { hash } = signInKeys(SECRET);
    const other = signInKeys(`${SECRET}!`);
    const all = [hash('code', 'a'), hash('handle', 'a'), hash('code', 'b'), other.hash('code', 'a')];
    expect(new Set(all).size).toBe(4);
    expect(hash('code', 'a')).toBe(hash('code', 'a'));
  });
});
