/**
 * Which numbers a code may be sent to. Strict about form (E.164, as the client's own check leaves it) and about ranges that cost money
 * or cannot get a text; lenient about numbers that the plan allows but the tables do not know yet.
 */
import { type NumberType, ParseError, type PhoneNumber, parsePhoneNumberWithError } from 'libphonenumber-js/max';

export interface Phone {
  /** E.164. */
  number: string;
  /** ISO code; null where the number's range is not given out to a country. */
  country: string | null;
}

/** `\d` is 0 to 9 only: other digits are other characters. */
const E164 = /^\+[1-9]\d{1,14}$/;

const REFUSED_TYPES: Record<Exclude<NumberType, undefined>, string | null> = {
  MOBILE: null,
  FIXED_LINE_OR_MOBILE: null,
  VOIP: null,
  FIXED_LINE: 'is a landline, which gets no texts',
  PREMIUM_RATE: 'is a premium-rate number',
  TOLL_FREE: 'is a toll-free number, which gets no texts',
  SHARED_COST: 'is a shared-cost number',
  PERSONAL_NUMBER: 'is a forwarding number',
  PAGER: 'is a pager',
  UAN: 'is a company number',
  VOICEMAIL: 'is a voicemail number',
};

export type PhoneReading = { phone: Phone } | { refusal: string };

/** @returns the number, or why it is refused, as the end of a sentence that begins with "phone" */
export function readPhone(text: string): PhoneReading {
  if (text === '') return { refusal: 'is empty' };
  if (!E164.test(text)) return { refusal: 'must be in E.164 format: +[country][number], such as +14155551234' };
  const parsed = parse(text);
  if (parsed === null) return { refusal: 'has a country code that does not exist' };
  if (!parsed.isPossible()) return { refusal: 'is too short or too long for its country' };
  // Satellites and numbers without a country: nobody's mobile, and dear.
  if (parsed.isNonGeographic()) return { refusal: 'belongs to no country' };
  const type = parsed.getType();
  const refusal = type === undefined ? null : REFUSED_TYPES[type];
  return refusal === null ? { phone: { number: text, country: parsed.country ?? null } } : { refusal };
}

function parse(text: string): PhoneNumber | null {
  try {
    return parsePhoneNumberWithError(text);
  } catch (error) {
    if (error instanceof ParseError) return null;
    throw error;
  }
}

/**
 * What a person typed into a form, in the form that `readPhone` takes: without spaces and signs, and as a number of the US or Canada
 * when it has ten digits and no country.
 */
export function normalisePhone(typed: string): string {
  const bare = typed.trim().replace(/[\s().\-/]/g, '');
  if (/^\d{10}$/.test(bare)) return `+1${bare}`;
  return /^1\d{10}$/.test(bare) ? `+${bare}` : bare;
}

/** A number without its last four digits: the block that it was given out in. */
export const prefixOf = (number: string): string => number.slice(0, -4);
