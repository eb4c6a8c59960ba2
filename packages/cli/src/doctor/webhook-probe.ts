/**
 * Calls the webhook as Twilio does, signed and without a text in it: the answer tells whether the address leads to this server
 * and whether its signatures are understood there. Nothing is received.
 */
import { computeTwilioSignature } from '@claude-companion/sms';
import { type Outside, reasonOf } from './twilio-account.ts';

export type Probe =
  | { reached: 'this server' }
  /** Something answered, but not as this server does. */
  | { reached: 'something else'; status: number }
  | { reached: 'wrong signature' }
  | { reached: 'unknown host' }
  | { reached: 'nothing'; reason: string };

const TIMEOUT_MS = 10_000;

export async function probeWebhook(
  webhook: { url: string; accountSid: string; authToken: string },
  { fetch }: Pick<Outside, 'fetch'>,
): Promise<Probe> {
  const { url, accountSid, authToken } = webhook;
  const postData = { AccountSid: accountSid };
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': 'TwilioProxy/1.1',
        'x-twilio-signature': computeTwilioSignature(url, postData, authToken),
      },
      body: new URLSearchParams(postData),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = await response.text();
    return judge(response, body);
  } catch (error) {
    return { reached: 'nothing', reason: reasonOf(error) };
  }
}

function judge({ status }: Response, body: string): Probe {
  if (status === 200 && body.endsWith('<Response/>')) return { reached: 'this server' };
  if (status === 401 && body.includes('Invalid signature')) return { reached: 'wrong signature' };
  if (status === 421) return { reached: 'unknown host' };
  return { reached: 'something else', status };
}
