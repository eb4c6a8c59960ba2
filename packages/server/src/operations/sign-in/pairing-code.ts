/** The six digits of a text. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Ids } from '../context.ts';

export const CODE_TTL_MS = 300_000;
export const MAX_TRIES = 5;

const CODES = 1_000_000;
/** The largest multiple of CODES below 2^32: numbers from there on would make some codes likelier than others. */
const FAIR = 2 ** 32 - (2 ** 32 % CODES);

export function newCode(ids: Pick<Ids, 'bytes'>): string {
  for (;;) {
    const bytes = ids.bytes(4);
    const number = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
    if (number < FAIR) return String(number % CODES).padStart(6, '0');
  }
}

/** The last line lets a browser fill the code in, and only on pages of that host. */
export function codeText(code: string, publicUrl: string): string {
  const text = `${code} is your Claude Companion code, good for 5 minutes. Never give it to anybody.`;
  const url = URL.parse(publicUrl);
  return url?.protocol === 'https:' ? `${text}\n\n@${url.hostname} #${code}` : text;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Takes the same time wherever they differ. */
export const sameText = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

/** RFC 7636, S256. */
export const challengeOf = (verifier: string): string => digest(verifier).toString('base64url');
