import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSeal } from './seal.ts';

const seal = createSeal(randomBytes(32));

it('opens what it sealed, whatever the text', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => seal.open(seal.seal(text)) === text));
});

it('seals the same text in another way each time and does not show it', () => {
  const [a, b] = [seal.seal('+14155550123'), seal.seal('+14155550123')];
  expect(a).not.toBe(b);
  expect(a).not.toContain('4155550123');
});

it('refuses what was changed, cut or sealed with another key', () => {
  const sealed = seal.seal('+14155550123');
  const flipped = sealed.replace(/^v1\.(.)/, (_, first: string) => `v1.${first === 'A' ? 'B' : 'A'}`);
  const other = createSeal(randomBytes(32));
  for (const wrong of [flipped, sealed.slice(0, -10), 'v1.a.b', '', other.seal('+14155550123')]) {
    expect(() => seal.open(wrong)).toThrow('not sealed with the key');
  }
});

it('indexes the same text alike, and otherwise with another key', () => {
  expect(seal.index('+14155550123')).toBe(seal.index('+14155550123'));
  expect(seal.index('+14155550123')).not.toBe(seal.index('+14155550124'));
  expect(createSeal(randomBytes(32)).index('+14155550123')).not.toBe(seal.index('+14155550123'));
});

it('refuses a short key', () => {
  expect(() => createSeal(randomBytes(16))).toThrow('at least 32 bytes');
});
