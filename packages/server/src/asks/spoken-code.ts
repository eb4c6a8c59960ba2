/** A code as it is said: `seven k three f`, `seven kay tree eff`, `seven kilo three foxtrot`. */

/** What dictation writes for a character that is said alone. Only characters of codes, and those that are mistyped for one. */
const SPOKEN: ReadonlyMap<string, string> = new Map(
  Object.entries({
    1: 'one won',
    2: 'two too to zwei dos deux',
    3: 'three tree drei tres trois',
    4: 'four for fore vier cuatro quatre',
    5: 'five fife',
    6: 'six',
    7: 'seven sieben siete sept',
    8: 'eight ate',
    9: 'nine niner neun nueve neuf',
    b: 'bee be bravo',
    c: 'cee see sea charlie',
    d: 'dee delta',
    f: 'eff ef foxtrot',
    g: 'gee golf',
    h: 'aitch haitch hotel',
    j: 'jay juliet juliett',
    k: 'kay kilo',
    l: 'el ell lima',
    m: 'em mike',
    n: 'en november',
    p: 'pee pea papa',
    q: 'cue queue que quebec',
    r: 'ar are romeo',
    s: 'ess es sierra',
    t: 'tee tea tango',
    v: 'vee victor',
    w: 'whiskey whisky',
    x: 'ex x-ray xray',
    z: 'zee zed zulu',
  }).flatMap(([char, words]) => words.split(' ').map((word): [string, string] => [word, char])),
);

/** Cyrillic letters that look like Latin ones, and the digits of other scripts: what a phone's other keyboard puts in. */
const LOOKALIKES: ReadonlyMap<string, string> = new Map(
  Object.entries({ в: 'b', с: 'c', ԁ: 'd', н: 'h', ј: 'j', к: 'k', м: 'm', р: 'p', ѕ: 's', т: 't', х: 'x' }),
);
const ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6];

/** The same letters and digits in Latin spelling. */
export function latin(word: string): string {
  return [...word].map((char) => LOOKALIKES.get(char) ?? digit(char) ?? char).join('');
}

function digit(char: string): string | undefined {
  const point = char.codePointAt(0) ?? 0;
  const zero = ZEROS.find((start) => point >= start && point <= start + 9);
  return zero === undefined ? undefined : String(point - zero);
}

/** Names that are everyday words too: they count only where the whole code is said character by character. */
const EVERYDAY = new Set([
  'to',
  'too',
  'for',
  'fore',
  'won',
  'one',
  'ate',
  'be',
  'see',
  'sea',
  'are',
  'tea',
  'el',
  'es',
  'en',
  'que',
  'ex',
]);

export const isEveryday = (word: string): boolean => EVERYDAY.has(word);

/** The readings of one piece of a torn or spoken code: as it is written, and as the character that it is the name of. */
export function readingsOf(piece: string): string[] {
  const written = latin(piece);
  const spoken = SPOKEN.get(piece);
  return [...(/^[a-z0-9]{1,3}$/.test(written) ? [written] : []), ...(spoken === undefined ? [] : [spoken])];
}
