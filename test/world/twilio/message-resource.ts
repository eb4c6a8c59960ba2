import { SegmentedMessage } from 'sms-segments-calculator';

/** A text as Twilio keeps it. */
export interface TwilioMessage {
  sid: string;
  accountSid: string;
  direction: 'outbound-api' | 'inbound';
  from: string;
  messagingServiceSid: string | null;
  to: string;
  body: string;
  status: string;
  errorCode: number | null;
  createdAt: Date;
  sentAt: Date | null;
  validityPeriod: number | null;
  statusCallback: string | null;
}

/** The resource in the API's JSON. */
export function toJson(message: TwilioMessage): Record<string, unknown> {
  const uri = `/2010-04-01/Accounts/${message.accountSid}/Messages/${message.sid}.json`;
  return {
    account_sid: message.accountSid,
    api_version: '2010-04-01',
    body: message.body,
    date_created: rfc2822(message.createdAt),
    date_sent: message.sentAt && rfc2822(message.sentAt),
    date_updated: rfc2822(message.sentAt ?? message.createdAt),
    direction: message.direction,
    error_code: message.errorCode,
    error_message: null,
    from: message.from,
    messaging_service_sid: message.messagingServiceSid,
    num_media: '0',
    num_segments: String(new SegmentedMessage(message.body).segmentsCount),
    price: null,
    price_unit: 'USD',
    sid: message.sid,
    status: message.status,
    subresource_uris: { media: uri.replace('.json', '/Media.json') },
    to: message.to,
    uri,
  };
}

/** `Sat, 21 Nov 2026 06:12:46 +0000`: without fractions of a second. */
function rfc2822(date: Date): string {
  return date.toUTCString().replace('GMT', '+0000');
}

/** Selects by the list's filters. A text that still waits has no `DateSent` and is not found by one. */
export function matches(message: TwilioMessage, query: URLSearchParams): boolean {
  const sent = message.sentAt?.getTime();
  const [to, from, on] = [query.get('To'), query.get('From'), query.get('DateSent')];
  const [after, before] = [query.get('DateSent>'), query.get('DateSent<')];
  if (to !== null && message.to !== to) return false;
  if (from !== null && message.from !== from) return false;
  if (on !== null && message.sentAt?.toISOString().slice(0, 10) !== on.slice(0, 10)) return false;
  if (after !== null && !(sent !== undefined && sent >= Date.parse(after))) return false;
  return before === null || (sent !== undefined && sent <= Date.parse(before));
}
