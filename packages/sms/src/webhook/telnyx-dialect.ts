import { type Clock, systemClock } from '../clock.ts';
import { isObject, parseJsonObject } from '../json.ts';
import type { WebhookDialect } from './dialect.ts';
import type { FormFields } from './form.ts';
import { WebhookRefusal } from './refusal.ts';
import { mediaType, readBody } from './request-body.ts';
import { ed25519Key, verifyTelnyxSignature } from './telnyx-signature.ts';

/** What Telnyx webhooks are verified with. */
export interface TelnyxDialectOptions {
  /** The account's public key, in base64. */
  publicKey: string;
  clock?: Clock;
}

/** Telnyx's words for a state, in Twilio's. */
const STATUSES: Readonly<Record<string, string>> = {
  queued: 'queued',
  sending: 'sending',
  sent: 'sent',
  delivered: 'delivered',
  sending_failed: 'failed',
  delivery_failed: 'undelivered',
  delivery_unconfirmed: 'sent',
  expired: 'undelivered',
};

/**
 * Telnyx: JSON, signed with Ed25519 over the time and the body.
 *
 * @throws RangeError when the public key is none.
 */
export function telnyxDialect({ publicKey, clock = systemClock }: TelnyxDialectOptions): WebhookDialect {
  if (!ed25519Key(publicKey)) throw new RangeError('publicKey must be 32 bytes in base64, as Telnyx shows it.');
  return {
    ownKey: true,
    async read(request) {
      if (mediaType(request) !== 'application/json') throw new WebhookRefusal(400, 'Invalid Content-Type');
      const body = await readBody(request);
      const signature = request.headers.get('telnyx-signature-ed25519') ?? '';
      const timestamp = request.headers.get('telnyx-timestamp') ?? '';
      if (!verifyTelnyxSignature({ body, signature, timestamp, publicKey, clock })) {
        throw new WebhookRefusal(401, 'Invalid signature');
      }
      return telnyxEventToForm(body);
    },
  };
}

/** A Telnyx event in Twilio's fields, so that one adapter reads both; null when it is about something else. */
function telnyxEventToForm(body: string): FormFields | null {
  const data = parseJsonObject(body)?.data;
  if (!isObject(data) || !isObject(data.payload)) return null;
  const { payload } = data;
  const to = Array.isArray(payload.to) ? payload.to[0] : undefined;
  const recipient = isObject(to) ? to : {};
  if (data.event_type === 'message.received') {
    const from = isObject(payload.from) ? payload.from.phone_number : undefined;
    return fields({
      MessageSid: payload.id,
      From: from,
      To: recipient.phone_number,
      Body: payload.text ?? '',
      NumMedia: Array.isArray(payload.media) ? String(payload.media.length) : '0',
    });
  }
  if (data.event_type !== 'message.sent' && data.event_type !== 'message.finalized') return null;
  const error: unknown = Array.isArray(payload.errors) ? payload.errors[0] : undefined;
  return fields({
    MessageSid: payload.id,
    To: recipient.phone_number,
    MessageStatus: STATUSES[String(recipient.status)],
    ErrorCode: isObject(error) && error.code !== undefined ? String(error.code) : undefined,
  });
}

function fields(values: Readonly<Record<string, unknown>>): FormFields {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
