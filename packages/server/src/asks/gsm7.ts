/** The GSM 03.38 alphabet and what a text costs in it: carriers bill and cut by segment. */

const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
/** Each costs two: an escape and a character. */
const EXTENSION = '\f^{}\\[~]|€';

const SEPTETS: ReadonlyMap<string, number> = new Map([
  ...[...BASIC].map((char): [string, number] => [char, 1]),
  ...[...EXTENSION].map((char): [string, number] => [char, 2]),
]);

const LIMITS = { 'gsm-7': { single: 160, part: 153 }, 'ucs-2': { single: 70, part: 67 } } as const;

export interface SmsSize {
  encoding: keyof typeof LIMITS;
  /** Septets (GSM-7) or UTF-16 units (UCS-2). */
  units: number;
  segments: number;
}

export function isGsm7(text: string): boolean {
  return [...text].every((char) => SEPTETS.has(char));
}

/** One character outside the alphabet turns the whole text into UCS-2, which holds less than half as much. */
export function sizeOfSms(text: string): SmsSize {
  const encoding = isGsm7(text) ? 'gsm-7' : 'ucs-2';
  const costs = [...text].map((char) => (encoding === 'gsm-7' ? (SEPTETS.get(char) ?? 1) : char.length));
  const units = costs.reduce((sum, cost) => sum + cost, 0);
  const { single, part } = LIMITS[encoding];
  if (units <= single) return { encoding, units, segments: 1 };
  // An escape and its character, and the two halves of a surrogate pair, never part: the rest of the segment stays empty.
  let segments = 1;
  let room: number = part;
  for (const cost of costs) {
    if (cost > room) {
      segments += 1;
      room = part;
    }
    room -= cost;
  }
  return { encoding, units, segments };
}

export function segmentsOf(text: string): number {
  return sizeOfSms(text).segments;
}
