/** What a number is to this server. Pure. */
import type { Phone } from './phone-number.ts';
import type { SignInPolicy } from './sign-in-context.ts';

/**
 * `known`: may pair, and has texts kept for it. `new`: may pair as far as the limits for strangers go. `refused`: is answered
 * like the others and gets no text.
 */
export type Standing = 'known' | 'new' | 'refused';

export interface KnownPerson {
  role: 'owner' | 'user';
}

export function standingOf(policy: SignInPolicy, phone: Phone, person: KnownPerson | undefined): Standing {
  if (person?.role === 'owner' || policy.allowedPhones.has(phone.number)) return 'known';
  if (!policy.openSignup) return 'refused';
  if (person) return 'known';
  const { allowedCountries } = policy;
  if (allowedCountries === null) return 'new';
  return phone.country !== null && allowedCountries.has(phone.country) ? 'new' : 'refused';
}

export type PersonScope = 'monitor' | 'answer' | 'host';

/** What a token of this number may do: the owner and listed numbers everything, others report on their own sessions. */
export function scopesOf(policy: SignInPolicy, number: string, person: KnownPerson): readonly PersonScope[] {
  const trusted = person.role === 'owner' || policy.allowedPhones.has(number);
  return trusted ? ['monitor', 'answer', 'host'] : ['monitor'];
}
