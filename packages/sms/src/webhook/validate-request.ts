import { type Logger, silentLogger } from '../logger.ts';
import { type FormFields, parseForm } from './form.ts';
import { WebhookRefusal } from './refusal.ts';
import { mediaType, readBody } from './request-body.ts';

/** Something that knows the secret of a channel: `SmsAdapter` does. */
export interface SignatureVerifier {
  verifyTwilioSignature(url: string | readonly string[], postData: FormFields, signature: string): boolean;
}

/** What a request is checked against. */
export interface ValidateRequestOptions {
  /**
   * The URL the carrier calls, with its query. Configure it: what the request says of itself (`Host`, `X-Forwarded-*`) is
   * chosen by whoever sent it. A list where it may be written in more than one way.
   */
  url: string | readonly string[];
  logger?: Logger;
}

const FORM = 'application/x-www-form-urlencoded';

/**
 * Checks a webhook of Twilio and returns its form data.
 *
 * @throws WebhookRefusal 400 `Invalid Content-Type`, 401 `Missing signature` or `Invalid signature`, 413.
 */
export async function validateTwilioRequest(
  request: Request,
  adapter: SignatureVerifier,
  { url, logger = silentLogger }: ValidateRequestOptions,
): Promise<FormFields> {
  if (mediaType(request) !== FORM) throw new WebhookRefusal(400, 'Invalid Content-Type');
  const userAgent = request.headers.get('user-agent') ?? '';
  if (!userAgent.startsWith('TwilioProxy/')) logger.warn(`Unexpected User-Agent: ${printable(userAgent)}`);
  const signature = request.headers.get('x-twilio-signature');
  if (!signature) throw new WebhookRefusal(401, 'Missing signature');
  const postData = parseForm(await readBody(request));
  if (!adapter.verifyTwilioSignature(url, postData, signature)) throw new WebhookRefusal(401, 'Invalid signature');
  return postData;
}

/** A header is anybody's text: it must not write lines of its own into a log. */
function printable(value: string): string {
  return value.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
}
