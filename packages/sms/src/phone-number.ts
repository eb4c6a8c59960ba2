import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** The shape E.164 gives a number: a plus, no leading zero, at most 15 digits. */
const E164 = /^\+[1-9]\d{1,14}$/;

/** Lines that can receive a text; `FIXED_LINE_OR_MOBILE` covers the countries whose numbers do not tell. */
const TEXTABLE = new Set(['MOBILE', 'FIXED_LINE_OR_MOBILE', 'PAGER', 'PERSONAL_NUMBER', 'VOIP']);

/** Whether `value` is written as an E.164 number. It may still be a number nobody has. */
export function isE164(value: string): boolean {
  return E164.test(value);
}

/** What a number's own digits tell about it. */
export interface PhoneNumber {
  e164: string;
  /** Two-letter region, when the number belongs to one. */
  region?: string;
  /** Whether the number exists in its country's plan; a well-shaped number may not. */
  valid: boolean;
  /** Whether a line of this kind can receive texts; false for a number known as a landline, toll-free or premium number. */
  textable: boolean;
}

/**
 * Reads a number as a person writes it.
 *
 * @param region two letters such as `US`; needed when the number has no country code.
 * @returns null when it is no phone number.
 */
export function parsePhoneNumber(value: string, region?: string): PhoneNumber | null {
  const country = region !== undefined && isSupportedCountry(region) ? (region as CountryCode) : undefined;
  const parsed = parsePhoneNumberFromString(value, { ...(country && { defaultCountry: country }), extract: false });
  if (!parsed || parsed.ext !== undefined || !isE164(parsed.number)) return null;
  const type = parsed.getType();
  return {
    e164: parsed.number,
    ...(parsed.country && { region: parsed.country }),
    valid: parsed.isValid(),
    textable: type !== undefined && TEXTABLE.has(type),
  };
}

/**
 * Whether two numbers are the same number. Both must be E.164 and equal in every character: a match by suffix or an empty
 * sender is how allow-lists have been passed by strangers.
 */
export function samePhoneNumber(one: string, other: string): boolean {
  return isE164(one) && isE164(other) && one === other;
}

/** `+15551238912` → `+1***8912`: enough to recognise a number one knows, too little to text it. */
export function maskPhoneNumber(value: string): string {
  if (!isE164(value) || value.length < 8) return '***';
  const callingCode = parsePhoneNumberFromString(value)?.countryCallingCode ?? '';
  return `+${callingCode}***${value.slice(-4)}`;
}
