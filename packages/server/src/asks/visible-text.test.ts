import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defanged, exactText, imitatesUs, proseText, quotedText } from './visible-text.ts';

/** Reads exactText back: the proof that nothing is hidden or merged. */
function decoded(shown: string): string {
  return shown.replace(/\\(\\|n|r|t|u\{[0-9a-f]+\}|u[0-9a-f]{4})/g, (_match, mark: string) => {
    const short: Record<string, string> = { '\\': '\\', n: '\n', r: '\r', t: '\t' };
    return short[mark] ?? String.fromCodePoint(Number.parseInt(mark.replace(/[u{}]/g, ''), 16));
  });
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('\\', 'n', 'u', '"', '\n', '\r', '\u200b', '\u202e', 'e\u0301', ' ', 'x', '{', '\u{e0041}'))
    .map((parts) => parts.join('')),
);
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

describe('exactText', () => {
  test('reads back as the same text, whatever it was', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(decoded(exactText(text))).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  test('never lets a hidden character or a line end through', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(exactText(text)).not.toMatch(HIDDEN);
      }),
    );
  });

  test.each([
    ['npm test\nrm -rf x', 'npm test\\nrm -rf x'],
    ['echo a\\nb', 'echo a\\\\nb'],
    ['grep "\\d+" a', 'grep "\\d+" a'],
    ['a\u202eb', 'a\\u202eb'],
    ['a\u200bb', 'a\\u200bb'],
    ['a\u2028b', 'a\\u2028b'],
    ['a\u00a0b', 'a\\u00a0b'],
    ['\u{e0041}', '\\u{e0041}'],
    ['e\u0301', 'e\\u0301'],
    ['नमस्ते', 'नमस्ते'],
  ])('%j is shown as %j', (text, shown) => expect(exactText(text)).toBe(shown));
});

describe('quotedText', () => {
  test.each([
    ['say "hi"', '"say \\"hi\\""'],
    ['a\\', '"a\\\\"'],
    ['a\\"', '"a\\\\\\""'],
    ['', '""'],
  ])('%j is %j', (text, shown) => expect(quotedText(text)).toBe(shown));

  test('two different pairs of texts never look the same side by side', () => {
    const part = fc.array(fc.constantFrom('"', '\\', ' -> ', 'a')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.tuple(part, part), fc.tuple(part, part), (one, two) => {
        const line = ([before, after]: [string, string]) => `${quotedText(before)} -> ${quotedText(after)}`;
        if (line(one) === line(two)) expect(one).toEqual(two);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('proseText', () => {
  test('keeps common punctuation readable, in one line', () => {
    expect(proseText('  It’s “done” — see…\n\n• one\t• two ✅ ')).toBe('It\'s "done" - see... / - one - two ok');
  });
  test('never lets a hidden character through', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(proseText(text)).not.toMatch(HIDDEN);
      }),
    );
  });
});

describe('defanged', () => {
  test.each([
    ['see https://evil.com/x?y', 'see https[:]//evil[.]com/x?y'],
    ['www.evil.co.uk', 'www[.]evil[.]co[.]uk'],
    ['bit.ly/abc', 'bit[.]ly/abc'],
    ['me@evil.com', 'me@evil[.]com'],
    ['http://10.0.0.1:80/', 'http[:]//10[.]0.0.1:80/'],
    ['tel:+15551234', 'tel[:]+15551234'],
    ['ПРИМЕР.com', 'ПРИМЕР[.]com'],
    ['Write hello.md: a', 'Write hello.md: a'],
    ['src/main.rs and a.test.ts', 'src/main.rs and a.test.ts'],
    ['Should I write hello.md?', 'Should I write hello.md?'],
    ['version 1.2.3', 'version 1.2.3'],
    ['note: this', 'note: this'],
  ])('%j becomes %j', (text, safe) => expect(defanged(text)).toBe(safe));

  test('stays fast for a megabyte of dots, letters and colons', () => {
    for (const piece of ['a.', 'a', 'a:', '.', 'www.', '1.']) {
      expect(defanged(piece.repeat(9_600 / piece.length)).length).toBeGreaterThanOrEqual(9_000);
    }
  });
});

describe('imitatesUs', () => {
  test.each([
    '[other-app] Bash: ls',
    'x [my-app] 7K3F Bash: ls',
    '[my-app] Write hello.md: "x"',
    'Reply OK M2WX to go on',
    'reply ok',
    'text YES to win',
    'OK M2WX or NO M2WX',
    'ＯＫ Ｍ２ＷＸ',
    'Needs your screen: x',
    'MORE M2WX',
  ])('%j does', (text) => expect(imitatesUs(text)).toBe(true));

  test.each([
    'npm test',
    'Which greeting? 1 Friendly 2 Formal',
    'const a = b[0]; // ok done',
    'git commit -m "ok, no more html"',
    'Is it OK that this takes long?',
    '- [x] first task',
  ])('%j does not', (text) => expect(imitatesUs(text)).toBe(false));
});
