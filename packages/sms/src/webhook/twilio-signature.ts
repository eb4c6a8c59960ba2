import { createHmac, timingSafeEqual } from 'node:crypto';
import { refuseBlank } from '../secret.ts';
import type { FormFields } from './form.ts';

/** A request as Twilio signed it. */
export interface SignedRequest {
  /** The URL exactly as the carrier called it, with its query. Take it from configuration, never from forwarded headers. */
  url: string;
  postData: FormFields;
  /** The header `X-Twilio-Signature`. */
  signature: string;
  authToken: string;
}

/**
 * The signature Twilio puts on a request: base64 of HMAC-SHA1, keyed with the auth token, over the URL followed by each
 * parameter's name and value, sorted by name. Of a name with several values each different one counts once, in order.
 *
 * @throws RangeError when the auth token is blank.
 */
export function computeTwilioSignature(url: string, postData: FormFields, authToken: string): string {
  refuseBlank('authToken', authToken);
  let signed = url;
  for (const name of Object.keys(postData).sort()) {
    const value = postData[name] ?? '';
    if (typeof value === 'string') signed += name + value;
    else for (const each of [...new Set(value)].sort()) signed += name + each;
  }
  return createHmac('sha1', authToken).update(signed, 'utf8').digest('base64');
}

/**
 * Whether Twilio signed this request. The URL counts to the letter, port included. A blank token, or a signature that is
 * none, is false.
 */
export function verifyTwilioSignature({ url, postData, signature, authToken }: SignedRequest): boolean {
  if (authToken.trim() === '') return false;
  const expected = Buffer.from(computeTwilioSignature(url, postData, authToken), 'latin1');
  const given = Buffer.from(signature, 'utf8');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
