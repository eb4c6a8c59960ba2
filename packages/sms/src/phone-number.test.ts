import google from 'google-libphonenumber';
import { describe, expect, test } from 'vitest';
import { isE164, maskPhoneNumber, parsePhoneNumber, samePhoneNumber } from './phone-number.ts';

const { PhoneNumberFormat, PhoneNumberType, PhoneNumberUtil } = google;
const util = PhoneNumberUtil.getInstance();
const regions = util.getSupportedRegions();

/** A landline of Zimbabwe that the plan of Google's older package still has. Both read the number alike. */
const NEWER_PLAN = new Set(['+2631312345']);

describe("Google's library is the judge", () => {
  test('there are example numbers of all regions', () => {
    expect(regions.length).toBeGreaterThan(240);
  });

  test.each([PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE])('example numbers of type %i', (type) => {
    let compared = 0;
    for (const region of regions) {
      const example = util.getExampleNumberForType(region, type);
      if (!example) continue;
      const e164 = util.format(example, PhoneNumberFormat.E164);
      const ways = [
        e164,
        util.format(example, PhoneNumberFormat.INTERNATIONAL),
        util.format(example, PhoneNumberFormat.NATIONAL),
      ];
      for (const written of ways) {
        const ours = parsePhoneNumber(written, region);
        const theirs = util.parse(written, region);
        expect({ written, e164: ours?.e164 }).toEqual({ written, e164: util.format(theirs, PhoneNumberFormat.E164) });
        const differs = ours?.valid !== util.isValidNumber(theirs);
        expect({ written, differs }).toEqual({ written, differs: differs && NEWER_PLAN.has(e164) });
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(700);
  });
});

test('a mobile number can be texted, a landline of a country that tells them apart cannot', () => {
  expect(parsePhoneNumber('+491701234567')).toEqual({
    e164: '+491701234567',
    region: 'DE',
    valid: true,
    textable: true,
  });
  expect(parsePhoneNumber('+493012345678')).toMatchObject({ valid: true, textable: false });
});

test.each([
  '',
  'hello',
  '911',
  'COMPANY',
  '+',
  '+0123456789',
  '+1555123456789012',
  'call +1 201 555 0123 now',
  '+1 201 555 0123 ext. 5',
])('%j is no phone number', (value) => {
  expect(parsePhoneNumber(value)).toBeNull();
});

test.each(['+15551234567', '+491701234567', '+35312345678'])('%s is E.164', (value) => {
  expect(isE164(value)).toBe(true);
});

test.each([
  '15551234567',
  '+1 555 123 4567',
  '+0551234567',
  '+1555123456789012',
  '+',
  '',
  'whatsapp:+15551234567',
  '+1555123456７',
  '+15551234567\n',
])('%j is not E.164', (value) => {
  expect(isE164(value)).toBe(false);
});

test('a masked number keeps the country code and the last four digits', () => {
  expect(maskPhoneNumber('+15551238912')).toBe('+1***8912');
  expect(maskPhoneNumber('+491701234567')).toBe('+49***4567');
  expect(maskPhoneNumber('12345')).toBe('***');
});

test('two numbers are the same only in every digit', () => {
  expect(samePhoneNumber('+15551234567', '+15551234567')).toBe(true);
  expect(samePhoneNumber('+15551234567', '+445551234567')).toBe(false);
  expect(samePhoneNumber('', '')).toBe(false);
  expect(samePhoneNumber('5551234567', '5551234567')).toBe(false);
});
