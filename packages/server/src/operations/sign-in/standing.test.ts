import { describe, expect, test } from 'vitest';
import type { SignInPolicy } from './sign-in-context.ts';
import { scopesOf, standingOf } from './standing.ts';

const LISTED = { number: '+14155551111', country: 'US' };
const STRANGER = { number: '+14155552222', country: 'US' };
const GERMAN = { number: '+4915123456789', country: 'DE' };
const NOWHERE = { number: '+15551234567', country: null };
const OWNER = { role: 'owner' } as const;
const USER = { role: 'user' } as const;

const policy = (more: Partial<SignInPolicy>): SignInPolicy => ({
  allowedPhones: new Set([LISTED.number]),
  allowedCountries: null,
  openSignup: true,
  accessTokenTtlS: 604_800,
  callbackOrigins: new Set(),
  codeTextsPerDay: 40,
  ...more,
});

describe('what a number is to this server', () => {
  test.each([
    { more: { openSignup: false }, phone: LISTED, person: undefined, standing: 'known' },
    { more: { openSignup: false }, phone: STRANGER, person: OWNER, standing: 'known' },
    { more: { openSignup: false }, phone: STRANGER, person: undefined, standing: 'refused' },
    // Paired while it was open.
    { more: { openSignup: false }, phone: STRANGER, person: USER, standing: 'refused' },
    { more: {}, phone: STRANGER, person: undefined, standing: 'new' },
    { more: {}, phone: STRANGER, person: USER, standing: 'known' },
    { more: { allowedCountries: new Set(['DE']) }, phone: GERMAN, person: undefined, standing: 'new' },
    { more: { allowedCountries: new Set(['DE']) }, phone: STRANGER, person: undefined, standing: 'refused' },
    { more: { allowedCountries: new Set(['US']) }, phone: NOWHERE, person: undefined, standing: 'refused' },
    { more: { allowedCountries: new Set(['DE']) }, phone: LISTED, person: undefined, standing: 'known' },
  ])('$standing: $phone.number as $person.role with $more', ({ more, phone, person, standing }) => {
    expect(standingOf(policy(more), phone, person)).toBe(standing);
  });

  test('a list compares whole numbers', () => {
    const { number } = LISTED;
    for (const near of [number.slice(0, -1), `${number}0`, number.slice(1)]) {
      expect(standingOf(policy({ openSignup: false }), { number: near, country: 'US' }, undefined)).toBe('refused');
    }
  });

  test('everything for the owner and listed numbers, monitoring for the rest', () => {
    const all = ['monitor', 'answer', 'host'];
    expect(scopesOf(policy({}), STRANGER.number, OWNER)).toEqual(all);
    expect(scopesOf(policy({}), LISTED.number, USER)).toEqual(all);
    expect(scopesOf(policy({}), STRANGER.number, USER)).toEqual(['monitor']);
  });
});
