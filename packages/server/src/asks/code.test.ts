import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CODE_ALPHABET, isCode, makeCode, normaliseCode } from './code.ts';

const seeds = fc.uint8Array({ minLength: 256, maxLength: 256 }).filter((bytes) => new Set(bytes).size > 60);

describe('makeCode', () => {
  test('makes only codes, which read back from any spelling', () => {
    fc.assert(
      fc.property(seeds, (bytes) => {
        const code = makeCode(bytes);
        expect(isCode(code)).toBe(true);
        expect(normaliseCode(code)).toBe(code);
        expect(normaliseCode(` "${code.slice(0, 2).toLowerCase()} - ${code.slice(2)}". `)).toBe(code);
      }),
    );
  });

  test('is at least two keys away from every code that is open', () => {
    const taken: string[] = [];
    for (let index = 0; index < 200; index += 1) taken.push(makeCode(randomBytes(256), taken));
    for (const [index, code] of taken.entries()) {
      for (const other of taken.slice(index + 1)) {
        expect([...code].filter((char, at) => char !== other[at]).length).toBeGreaterThanOrEqual(2);
      }
    }
  });

  test('each byte value below the limit is used evenly, the rest not at all', () => {
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 256; byte += 1) {
      // 23 is "9" and 0 is "B": a letter and a digit make every candidate a code unless it is a quantity.
      try {
        const last = makeCode(Uint8Array.of(0, 23, 0, byte)).charAt(3);
        counts.set(last, (counts.get(last) ?? 0) + 1);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        expect(byte).toBeGreaterThanOrEqual(240);
      }
    }
    expect([...counts.keys()].sort()).toEqual([...CODE_ALPHABET].sort());
    expect(new Set(counts.values())).toEqual(new Set([10]));
  });

  test('says so when the bytes run out', () => {
    expect(() => makeCode(new Uint8Array(256).fill(255))).toThrow(RangeError);
    expect(() => makeCode(Uint8Array.of(0, 23, 0))).toThrow(/256/);
  });
});

describe('isCode', () => {
  test.each(['7K3F', 'M2WX', 'B9B9', 'KKK7'])('%s is one', (code) => expect(isCode(code)).toBe(true));
  test.each(['PNPM', 'HTML', '2349', '24HR', '333X', '7k3f', '7K3', '7K3FF', '7A3F', '7O3F', '', 'STOP', 'YES7'])(
    '%s is none',
    (text) => expect(isCode(text)).toBe(false),
  );
});

describe('normaliseCode', () => {
  test.each([
    ['7k3f', '7K3F'],
    ['７Ｋ３Ｆ', '7K3F'],
    ['MZWX', 'M2WX'],
    ['75K3', '7SK3'],
    ['71k3', '7LK3'],
    ['8k3f', 'BK3F'],
  ])('%s is read as %s', (typed, code) => expect(normaliseCode(typed)).toBe(code));

  test.each(['OK', '0K3F', 'OK3F', 'hello', '', '2347', 'this', '7K3'])('%s cannot be one', (typed) => {
    expect(normaliseCode(typed)).toBeNull();
  });
});
