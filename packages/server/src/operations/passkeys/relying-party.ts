/** The name under which passkeys are kept. They need a host name and a secure connection; this machine itself counts as both. */
import { isIP } from 'node:net';

export interface RelyingParty {
  id: string;
  origin: string;
}

/** Addresses by which a machine calls itself. Browsers give passkeys to the name only. */
const THIS_MACHINE: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]', '0.0.0.0', '[::]']);

/** Null where no browser would offer a passkey: an address in place of a name, or no https. */
export function relyingPartyOf(publicUrl: string): RelyingParty | null {
  const url = new URL(publicUrl);
  if (THIS_MACHINE.has(url.hostname)) {
    return { id: 'localhost', origin: `${url.protocol}//localhost${url.port === '' ? '' : `:${url.port}`}` };
  }
  if (url.protocol !== 'https:' || isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0) return null;
  return { id: url.hostname, origin: url.origin };
}

/** Where screens are opened: one address, so that a sign-in and a passkey made there are found again. */
export const screensOrigin = (publicUrl: string): string =>
  relyingPartyOf(publicUrl)?.origin ?? new URL(publicUrl).origin;
