import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { challengeOf, codeText, newCode, sameText } from './pairing-code.ts';

const bytesOf = (...numbers: number[]) => ({
  bytes: () => {
    const buffer = Buffer.alloc(4);
    buffer.writeUInt32BE(numbers.shift() ?? 0);
    return buffer;
  },
});

describe('the code of a text', () => {
  test('has six digits, with leading zeros', () => {
    expect(newCode(bytesOf(42))).toBe('000042');
    expect(newCode(bytesOf(1_999_999))).toBe('999999');
  });

  test('no code is likelier than another: numbers that would wrap unevenly are drawn again', () => {
    expect(newCode(bytesOf(2 ** 32 - 1, 7))).toBe('000007');
    const drawn = Array.from({ length: 2_000 }, () => newCode({ bytes: (count) => randomBytes(count) }));
    expect(drawn.every((code) => /^\d{6}$/.test(code))).toBe(true);
    expect(new Set(drawn).size).toBeGreaterThan(1_900);
  });

  test('fits one text of 160 characters, and names its host only over https', () => {
    expect(codeText('123456', 'http://127.0.0.1:3001')).not.toContain('@');
    const text = codeText('123456', 'https://companion.example.com:8443/x');
    expect(text.split('\n').at(-1)).toBe('@companion.example.com #123456');
    expect(text).toContain('123456 is your Claude Companion code');
    expect(text.length).toBeLessThanOrEqual(160);
  });
});

test('the challenge of RFC 7636, appendix B', () => {
  expect(challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  );
});

test('texts of different lengths compare without an error', () => {
  expect([sameText('a', 'aa'), sameText('a', 'a'), sameText('', '')]).toEqual([false, true, true]);
});
