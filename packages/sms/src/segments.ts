/** How a text is coded on the air: 7 bits a character for the GSM alphabet, 16 bits for everything else. */
export type SmsEncoding = 'GSM-7' | 'UCS-2';

/** How a text is coded and billed. */
export interface SegmentCount {
  encoding: SmsEncoding;
  /** Parts the carrier sends and bills; 1 for an empty text. */
  segments: number;
  /** Code units the text takes: septets in GSM-7, 16-bit units in UCS-2. */
  units: number;
}

const GSM_BASIC = new Set(
  '\n\r !"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz' +
    '¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ',
);

/** Characters of the extension table: each takes two septets. */
const GSM_EXTENSION = new Set('\f[\\]^{|}~€');

/** Units a text may have alone, and units of each part of a longer one, whose header takes six octets. */
const CAPACITY: Record<SmsEncoding, { single: number; part: number }> = {
  'GSM-7': { single: 160, part: 153 },
  'UCS-2': { single: 70, part: 67 },
};

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Whether every character of `text` is in the GSM alphabet, so that a part holds 153 characters and not 67. */
export function isGsm7(text: string): boolean {
  for (const character of text) {
    if (!GSM_BASIC.has(character) && !GSM_EXTENSION.has(character)) return false;
  }
  return true;
}

/** Counts the segments of `text` as carriers do: what a person sees as one character is never cut between two parts. */
export function countSegments(text: string): SegmentCount {
  const encoding: SmsEncoding = isGsm7(text) ? 'GSM-7' : 'UCS-2';
  const sizes = encoding === 'GSM-7' ? septets(text) : graphemeSizes(text);
  const units = sizes.reduce((sum, size) => sum + size, 0);
  const { single, part } = CAPACITY[encoding];
  return { encoding, units, segments: units <= single ? 1 : partsOf(sizes, part) };
}

function septets(text: string): number[] {
  return Array.from(text, (character) => (GSM_EXTENSION.has(character) ? 2 : 1));
}

function graphemeSizes(text: string): number[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment).flatMap((grapheme) =>
    grapheme === '\r\n' ? [1, 1] : [grapheme.length],
  );
}

function partsOf(sizes: readonly number[], capacity: number): number {
  let parts = 1;
  let free = capacity;
  for (const size of sizes) {
    if (size > free) {
      parts += 1;
      free = capacity;
    }
    free -= size;
  }
  return parts;
}
