import { type Clock, systemClock } from '../clock.ts';
import { computeTwilioSignature } from './twilio-signature.ts';

/** The text that is posted, and where. */
export interface SimulatedWebhook {
  url: string;
  fromNumber: string;
  toNumber: string;
  body: string;
  authToken: string;
  /** Default `SM_test_<Unix seconds>`: two texts within one second are then copies of each other. */
  messageSid?: string;
  clock?: Clock;
  /** Default the runtime's own. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** Posts a text to `url` as Twilio would, with a valid signature. */
export async function simulateTwilioWebhook(webhook: SimulatedWebhook): Promise<Response> {
  const { url, fromNumber, toNumber, body, authToken, clock = systemClock, fetch = globalThis.fetch } = webhook;
  const postData = {
    MessageSid: webhook.messageSid ?? `SM_test_${Math.floor(clock.now() / 1_000)}`,
    From: fromNumber,
    To: toNumber,
    Body: body,
    NumMedia: '0',
  };
  return fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'TwilioProxy/1.1',
      'x-twilio-signature': computeTwilioSignature(url, postData, authToken),
    },
    body: new URLSearchParams(postData).toString(),
  });
}
