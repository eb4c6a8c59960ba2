/** What Twilio says of the account: read, never changed, and no text is sent. */

export interface TwilioSettings {
  accountSid: string;
  authToken: string;
  /** Our number, or the SID of a Messaging Service. */
  sender: string;
  /** Default: https://api.twilio.com. */
  apiUrl: string | undefined;
  /** Whom a trial account must have verified. */
  ownerPhone: string | undefined;
}

export interface TwilioFacts {
  account: { status: string; isTrial: boolean };
  /** Twilio's clock minus ours, in milliseconds; null: it did not say. */
  clockAheadMs: number | null;
  /** Null: the account has no such number, or no such service. */
  sender: { canText: boolean; smsUrl: string } | null;
  /** Only of a trial account, and of a known phone. */
  ownerVerified: boolean | null;
  /** Error codes of the latest texts that went out, with how many of them. */
  recentErrors: Record<string, number>;
}

export type TwilioAnswer = { facts: TwilioFacts } | { refused: string } | { unreachable: string };

export interface Outside {
  fetch: typeof fetch;
  now(): Date;
}

const TIMEOUT_MS = 10_000;
const LATEST = '50';

type Json = Record<string, unknown>;
type Get = (url: string) => Promise<{ status: number; json: Json; date: number }>;

export async function askTwilio(settings: TwilioSettings, outside: Outside): Promise<TwilioAnswer> {
  const { accountSid, authToken, sender, ownerPhone } = settings;
  const base = (settings.apiUrl ?? 'https://api.twilio.com').replace(/\/+$/, '');
  const get = reader(outside.fetch, Buffer.from(`${accountSid}:${authToken}`).toString('base64'));
  const list = async (path: string, query: Record<string, string>): Promise<Json> =>
    (await get(`${base}/2010-04-01/Accounts/${accountSid}/${path}.json?${new URLSearchParams(query)}`)).json;
  try {
    const asked = outside.now().getTime();
    const about = await get(`${base}/2010-04-01/Accounts/${accountSid}.json`);
    const answered = outside.now().getTime();
    if (about.status === 401 || about.status === 403) return { refused: String(about.json.code ?? about.status) };
    if (about.status >= 300) return { unreachable: `it answered with status ${about.status}` };
    const isTrial = about.json.type === 'Trial';
    const verified =
      isTrial && ownerPhone !== undefined ? await list('OutgoingCallerIds', { PhoneNumber: ownerPhone }) : null;
    return {
      facts: {
        account: { status: String(about.json.status), isTrial },
        clockAheadMs: Number.isNaN(about.date) ? null : about.date - (asked + answered) / 2,
        sender: sender.startsWith('MG')
          ? await messagingService(get, base, sender)
          : ownNumber(await list('IncomingPhoneNumbers', { PhoneNumber: sender })),
        ownerVerified: verified && rowsOf(verified, 'outgoing_caller_ids').length > 0,
        recentErrors: errorsOf(rowsOf(await list('Messages', { PageSize: LATEST }), 'messages')),
      },
    };
  } catch (error) {
    return { unreachable: reasonOf(error) };
  }
}

/** Node says only "fetch failed"; the reason is what caused it. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as { code?: unknown }).code;
  if (typeof code === 'string') return code;
  return cause instanceof Error ? cause.message : String(cause);
}

function reader(fetch: Outside['fetch'], basic: string): Get {
  return async (url) => {
    const response = await fetch(url, {
      headers: { authorization: `Basic ${basic}`, accept: 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const json: unknown = await response.json().catch(() => null);
    const date = Date.parse(response.headers.get('date') ?? '');
    return { status: response.status, json: isObject(json) ? json : {}, date };
  };
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

const rowsOf = (json: Json, name: string): Json[] => (Array.isArray(json[name]) ? json[name].filter(isObject) : []);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function ownNumber(answer: Json): TwilioFacts['sender'] {
  const [found] = rowsOf(answer, 'incoming_phone_numbers');
  if (!found) return null;
  const { capabilities, sms_url: smsUrl } = found;
  return { canText: isObject(capabilities) && capabilities.sms === true, smsUrl: textOf(smsUrl) };
}

/** Messaging Services live on a host of their own, in the same region. */
async function messagingService(get: Get, base: string, sid: string): Promise<TwilioFacts['sender']> {
  const { status, json } = await get(`${base.replace('://api.', '://messaging.')}/v1/Services/${sid}`);
  if (status >= 300) return null;
  // Then each number has its own address; this one is not asked for.
  const { use_inbound_webhook_on_number: onNumber, inbound_request_url: smsUrl } = json;
  return { canText: true, smsUrl: onNumber === true ? '' : textOf(smsUrl) };
}

function errorsOf(messages: readonly Json[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { error_code: code, direction } of messages) {
    if (typeof code === 'number' && textOf(direction).startsWith('outbound')) counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts;
}
