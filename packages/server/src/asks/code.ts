/**
 * The four characters that tie a text to one ask: `7K3F`.
 *
 * No vowels, so no code is a word or a carrier's keyword; no two characters that a person or a phone's keyboard mixes up
 * (0/O, 1/I/L, 2/Z, 5/S, 6/G, 8/B: one of each pair at most); at least one digit and one letter, so that `PNPM`, `HTML` and a
 * number chosen from a list are never codes; never a quantity such as `24HR`. About 189,000 codes, 17.5 bits: enough with a
 * code that is bound to one phone and one ask, works once, and locks after five wrong tries.
 */

export const CODE_ALPHABET = 'BCDFGHJKLMNPQRSTVWX23479';
export const CODE_LENGTH = 4;

/** Bytes at or above this would make the first characters of the alphabet more likely. */
const UNBIASED = 256 - (256 % CODE_ALPHABET.length);
const QUANTITY = /^\d{2,3}[A-Z]+$/;
/** What a hand or a keyboard types for a character of ours; only where nothing else in the alphabet could be meant. */
const MISTYPED: ReadonlyMap<string, string> = new Map([
  ['Z', '2'],
  ['5', 'S'],
  ['6', 'G'],
  ['8', 'B'],
  ['1', 'L'],
]);

/**
 * Makes a code from random bytes. `taken`: the codes open for the same phone; the new one differs from each of them in at
 * least two places, so that one wrong key never answers another ask.
 *
 * @param random bytes of a cryptographic generator; 256 of them fail with a chance below 10⁻²⁰.
 * @throws RangeError when no code could be made of these bytes.
 */
export function makeCode(random: Uint8Array, taken: Iterable<string> = []): string {
  const others = [...taken];
  let code = '';
  for (const byte of random) {
    if (byte >= UNBIASED) continue;
    code += CODE_ALPHABET.charAt(byte % CODE_ALPHABET.length);
    if (code.length < CODE_LENGTH) continue;
    const candidate = code;
    if (isCode(candidate) && others.every((other) => distance(candidate, other) >= 2)) return candidate;
    code = '';
  }
  throw new RangeError('Not enough random bytes for a code: pass 256 fresh ones.');
}

/** True for text that is spelled exactly as a code of ours can be. */
export function isCode(text: string): boolean {
  return (
    text.length === CODE_LENGTH &&
    [...text].every((char) => CODE_ALPHABET.includes(char)) &&
    /\d/.test(text) &&
    /[A-Z]/.test(text) &&
    !QUANTITY.test(text)
  );
}

/** A code as typed (`7k3f`, `7K-3F`, `"7k 3f"`, `7k3f.`) in the spelling of ours; null when it cannot be one. */
export function normaliseCode(typed: string): string | null {
  const letters = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '');
  const code = [...letters].map((char) => MISTYPED.get(char) ?? char).join('');
  return isCode(code) ? code : null;
}

function distance(a: string, b: string): number {
  return [...a].filter((char, index) => char !== b.charAt(index)).length;
}
