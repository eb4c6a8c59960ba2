import { describe, expect, test } from 'vitest';
import { isGsm7, segmentsOf, sizeOfSms } from './gsm7.ts';

describe('sizeOfSms', () => {
  test('the basic table holds 127 printable or line characters, the escape aside', () => {
    const counted = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code)).filter(isGsm7);
    expect(counted.length).toBe(127 + 10);
  });

  test.each<[string, string, number, number]>([
    ['', 'gsm-7', 0, 1],
    ['a'.repeat(160), 'gsm-7', 160, 1],
    ['a'.repeat(161), 'gsm-7', 161, 2],
    ['a'.repeat(306), 'gsm-7', 306, 2],
    ['a'.repeat(307), 'gsm-7', 307, 3],
    ['a'.repeat(459), 'gsm-7', 459, 3],
    ['a'.repeat(460), 'gsm-7', 460, 4],
    ['€'.repeat(80), 'gsm-7', 160, 1],
    [`a${'€'.repeat(80)}`, 'gsm-7', 161, 2],
    ['[]{}\\|~^', 'gsm-7', 16, 1],
    ['é ä Ω', 'gsm-7', 5, 1],
    ['ê', 'ucs-2', 1, 1],
    ['`', 'ucs-2', 1, 1],
    ['я'.repeat(70), 'ucs-2', 70, 1],
    ['я'.repeat(71), 'ucs-2', 71, 2],
    ['я'.repeat(134), 'ucs-2', 134, 2],
    ['я'.repeat(135), 'ucs-2', 135, 3],
    ['😀'.repeat(35), 'ucs-2', 70, 1],
  ])('%j is %s, %i units, %i segments', (text, ...size) => {
    const [encoding, units, segments] = size;
    expect(sizeOfSms(text)).toEqual({ encoding, units, segments });
  });

  test('a pair that does not fit at the end of a part moves to the next one', () => {
    // 76 pairs fill 152 of 153 septets: each part wastes one.
    expect(segmentsOf('€'.repeat(153))).toBe(3);
    expect(segmentsOf('€'.repeat(152))).toBe(2);
    // 33 pairs fill 66 of 67 units.
    expect(segmentsOf('😀'.repeat(66))).toBe(2);
    expect(segmentsOf('😀'.repeat(67))).toBe(3);
  });
});
