import type { SmsAdapter } from '../adapter.ts';
import type { Logger } from '../logger.ts';
import type { FormFields } from './form.ts';
import { WebhookRefusal } from './refusal.ts';
import { validateTwilioRequest } from './validate-request.ts';

/** What a dialect may need to verify a request. */
export interface DialectContext {
  adapter: SmsAdapter;
  /** The URL the carrier calls, in every way it may be written. */
  urls: readonly string[];
  logger: Logger;
}

/** How one carrier writes and signs its webhooks. */
export interface WebhookDialect {
  /** Whether the dialect brings its own key, so that the adapter needs no auth token. */
  readonly ownKey: boolean;
  /**
   * Verifies a request and gives its fields in Twilio's names (`MessageSid`, `From`, `To`, `Body`; or `MessageSid`,
   * `MessageStatus`); null for a verified request that is neither a text nor a report about one.
   *
   * @throws WebhookRefusal
   */
  read(request: Request, context: DialectContext): Promise<FormFields | null>;
}

/** Twilio: a form, signed with the auth token over the URL and the fields. */
export const twilioDialect: WebhookDialect = {
  ownKey: false,
  async read(request, { adapter, urls, logger }) {
    // A request without a signature is answered like one with a wrong signature: it learns nothing.
    try {
      return await validateTwilioRequest(request, adapter, { url: urls, logger });
    } catch (error) {
      if (!(error instanceof WebhookRefusal) || error.status !== 401) throw error;
      throw new WebhookRefusal(401, 'Invalid signature');
    }
  },
};
