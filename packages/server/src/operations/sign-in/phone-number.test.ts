import { describe, expect, test } from 'vitest';
import { normalisePhone, prefixOf, readPhone } from './phone-number.ts';

describe('which numbers a code may be sent to', () => {
  test.each([
    ['+14155551234', 'US'],
    ['+12025550143', 'US'],
    ['+447911123456', 'GG'],
    ['+4915123456789', 'DE'],
    ['+33612345678', 'FR'],
    ['+8613800138000', 'CN'],
  ])('%s, of %s', (number, country) => {
    expect(readPhone(number)).toEqual({ phone: { number, country } });
  });

  test('a number that the plan allows but the tables do not know yet', () => {
    expect(readPhone('+15551234567')).toEqual({ phone: { number: '+15551234567', country: null } });
  });

  test.each([
    ['', /empty/],
    ['14155551234', /E\.164/],
    ['+1 415 555 1234', /E\.164/],
    ['+1415555CALL', /E\.164/],
    ['+٤١٥٥٥٥١٢٣٤', /E\.164/],
    ['\uff0b\uff11\uff14\uff11\uff15\uff15\uff15\uff15\uff11\uff12\uff13\uff14', /E\.164/],
    ['+04155551234', /E\.164/],
    ['+14155551234\n', /E\.164/],
    ['+14155551234,+14155551235', /E\.164/],
    ['+1415555', /too short/],
    ['+1415555123456', /too long/],
    ['+911', /too short|country/],
    ['+1911', /too short/],
    ['+112', /too short/],
    ['+999123456789', /country code/],
    ['+19005551234', /premium/],
    ['+979123456789', /no country|premium/],
    ['+88213000000', /no country/],
    ['+870773111632', /no country|too/],
    ['+18005551234', /toll-free/],
    ['+442071838750', /landline/],
    ['+493012345678', /landline/],
    ['+447012345678', /forwarding/],
  ])('not %j', (text, refusal) => {
    const reading = readPhone(text);
    expect('refusal' in reading ? reading.refusal : reading).toMatch(refusal);
  });
});

test.each([
  ['(415) 555-1234', '+14155551234'],
  ['415.555.1234', '+14155551234'],
  ['1 415 555 1234', '+14155551234'],
  ['+49 151 2345 6789', '+4915123456789'],
  ['call me', 'callme'],
])('a form takes %j as %j', (typed, number) => {
  expect(normalisePhone(typed)).toBe(number);
});

test('numbers of one block share a prefix', () => {
  expect(prefixOf('+14155551234')).toBe(prefixOf('+14155559999'));
  expect(prefixOf('+14155551234')).not.toBe(prefixOf('+14155561234'));
});
