import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { visibleLines } from './visible-lines.ts';

const shown = (text: string): string =>
  visibleLines(text)
    .map((line) => line.map(({ text: piece, hidden }) => (hidden ? `<${piece}>` : piece)).join(''))
    .join('\n');

describe('visibleLines', () => {
  test.each([
    ['plain', 'npm test', 'npm test'],
    ['lines', 'a\n\nb', 'a\n\nb'],
    ['a backslash stays itself', 'grep "\\d\\n"', 'grep "\\d\\n"'],
    ['a tab, a return', 'a\tb\rc', 'a<\\t>b<\\r>c'],
    ['an override', 'safe\u202eexe.txt', 'safe<\\u202e>exe.txt'],
    ['zero width', 'r\u200bm', 'r<\\u200b>m'],
    ['a no-break space', 'rm\u00a0-rf', 'rm<\\u00a0>-rf'],
    ['a tag character', 'a\u{e0041}b', 'a<\\u{e0041}>b'],
    ['a lone mark', 'o\u0308', 'o<\\u0308>'],
    ['letters of other scripts', 'שלום мир 你好', 'שלום мир 你好'],
    ['nothing', '', ''],
  ])('%s', (_what, text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  test('no two texts look the same, and nothing unseen is left', () => {
    const odd = fc.constantFrom('a', '\\', 'n', '\n', '\t', '\u202e', '\u200b', '<', '\\u202e', ' ', '\u00a0', '\0');
    const text = fc.array(odd, { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [first, second] = [visibleLines(a), visibleLines(b)];
        expect(JSON.stringify(first) === JSON.stringify(second)).toBe(a === b);
        for (const { text: piece } of first.flat()) expect(piece).not.toMatch(/[\p{Cc}\p{Cf}\u00a0]/u);
      }),
    );
  });
});
