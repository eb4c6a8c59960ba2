import { type Sleep, systemSleep } from '../clock.ts';
import { isObject, parseJsonObject } from '../json.ts';
import { isE164 } from '../phone-number.ts';
import { refuseBlank } from '../secret.ts';
import { countSegments } from '../segments.ts';
import { type SendFailure, type SendResult, sendFailure } from '../send-result.ts';
import type { CarrierErrorAdvice } from './carrier-error.ts';
import { baseUrlFault, type CarrierAnswer, requestCarrier } from './carrier-request.ts';
import { createHttpPool, type HttpClient, type HttpPool, type HttpRequest } from './http-client.ts';
import {
  type ConfigCheck,
  type ListMessagesQuery,
  type MessageLookup,
  type SendSmsRequest,
  type SentMessage,
  type SmsProvider,
  TEST_TEXT,
} from './provider.ts';
import { requestFault } from './request-fault.ts';
import { twilioErrorAdvice } from './twilio-errors.ts';

/** The account, the sender, and how Twilio is reached. */
export interface TwilioSmsProviderOptions {
  /** `AC` and 32 hexadecimal digits. */
  accountSid: string;
  authToken: string;
  /** Our number in E.164, or the SID of a Messaging Service (`MG…`). */
  fromNumber: string;
  /** Default `https://api.twilio.com`. */
  baseUrl?: string | undefined;
  /** Where Twilio reports what became of each text. Default: nowhere. */
  statusCallbackUrl?: string;
  /** The application's own HTTP client in place of the provider's pool. */
  http?: HttpClient;
  /** An answer must be there by then. Default 15,000. */
  timeoutMs?: number;
  /** How often an attempt to connect is repeated. Default 3. */
  connectRetries?: number;
  sleep?: Sleep;
}

/** The longest `ValidityPeriod` Twilio takes. */
const MAX_VALIDITY_SECONDS = 36_000;

const PAGE_SIZE = 100;
/** More pages than this are more texts to one number than a settling of one send can need. */
const MAX_PAGES = 20;

/** Twilio's Messages API, version 2010-04-01. */
export class TwilioSmsProvider implements SmsProvider, MessageLookup {
  readonly name = 'twilio';
  readonly #options: TwilioSmsProviderOptions;
  readonly #baseUrl: string;
  readonly #http: HttpClient;
  readonly #pool: HttpPool | undefined;

  /** @throws RangeError when the auth token is blank. */
  constructor(options: TwilioSmsProviderOptions) {
    refuseBlank('authToken', options.authToken);
    this.#options = options;
    this.#baseUrl = (options.baseUrl ?? 'https://api.twilio.com').replace(/\/+$/, '');
    if (options.http) {
      this.#http = options.http;
    } else {
      this.#pool = createHttpPool();
      this.#http = this.#pool;
    }
  }

  async sendSms(request: SendSmsRequest): Promise<SendResult> {
    const fault = requestFault(request, this.#baseUrl);
    if (fault) return fault;
    const answer = await this.#request('POST', '/Messages.json', this.#form(request));
    if (!answer.answered) return answer.failure;
    const { status, body } = answer.response;
    return status < 300 ? accepted(body, request.messageText) : refused(status, body);
  }

  validateConfig(): ConfigCheck {
    const { accountSid, authToken, fromNumber } = this.#options;
    const urlFault = baseUrlFault(this.#baseUrl);
    if (!/^AC[0-9a-fA-F]{32}$/.test(accountSid)) {
      return {
        ok: false,
        error: 'accountSid must be "AC" and 32 hexadecimal digits; it is on the first page of the Twilio console.',
      };
    }
    if (!/^[0-9a-fA-F]{32}$/.test(authToken)) {
      return {
        ok: false,
        error: 'authToken must be 32 hexadecimal digits; it is on the first page of the Twilio console.',
      };
    }
    if (!isE164(fromNumber) && !isMessagingService(fromNumber)) {
      return {
        ok: false,
        error: 'fromNumber must be a phone number in E.164 such as +15551234567, or a Messaging Service SID (MG…).',
      };
    }
    return urlFault === undefined ? { ok: true } : { ok: false, error: urlFault };
  }

  async testConnection(testToNumber?: string): Promise<ConfigCheck> {
    const answer = await this.#request('GET', '.json');
    if (!answer.answered) return { ok: false, error: answer.failure.errorMessage };
    const { status, body } = answer.response;
    if (status >= 300) return { ok: false, error: refused(status, body).errorMessage };
    const state = parseJsonObject(body)?.status;
    if (state !== 'active') return { ok: false, error: `The Twilio account is ${String(state)}, not active.` };
    if (testToNumber === undefined) return { ok: true };
    const result = await this.sendSms({ toNumber: testToNumber, messageText: TEST_TEXT });
    return result.success ? { ok: true } : { ok: false, error: result.errorMessage };
  }

  /**
   * Asks for the recipient only and not for `DateSent`: a text that still waits in the queue has no such date, and leaving
   * it out would have it sent again.
   */
  async listMessages({ to, since }: ListMessagesQuery): Promise<SentMessage[]> {
    const found: SentMessage[] = [];
    let path: string | undefined = `/Messages.json?${new URLSearchParams({ To: to, PageSize: String(PAGE_SIZE) })}`;
    for (let page = 0; path !== undefined; page += 1) {
      if (page === MAX_PAGES)
        throw new Error(`Twilio's list of texts to this number is longer than ${MAX_PAGES} pages.`);
      const { messages, next } = await this.#page(path);
      const recent = messages.filter((message) => message.createdAt >= since);
      found.push(...recent);
      path = recent.length > 0 ? next : undefined;
    }
    return found;
  }

  explainError(providerCode: string): CarrierErrorAdvice {
    return twilioErrorAdvice(providerCode);
  }

  /** Closes the pool. A client of the application is left alone. */
  async close(): Promise<void> {
    await this.#pool?.close();
  }

  async #page(path: string): Promise<{ messages: SentMessage[]; next: string | undefined }> {
    const answer = await this.#request('GET', path);
    if (!answer.answered) throw new Error(answer.failure.errorMessage);
    const { status, body } = answer.response;
    if (status >= 300) throw new Error(refused(status, body).errorMessage);
    const json = parseJsonObject(body);
    if (!json || !Array.isArray(json.messages))
      throw new Error('Twilio answered with something that is no list of messages.');
    const next = typeof json.next_page_uri === 'string' ? json.next_page_uri : undefined;
    return { messages: json.messages.filter(isObject).filter(isOutbound).map(toSentMessage), next };
  }

  #form({ toNumber, messageText, fromNumber, validityPeriodSeconds, statusCallbackUrl }: SendSmsRequest): string {
    const from = fromNumber ?? this.#options.fromNumber;
    const callback = statusCallbackUrl ?? this.#options.statusCallbackUrl;
    const validity = validityPeriodSeconds && Math.min(Math.floor(validityPeriodSeconds), MAX_VALIDITY_SECONDS);
    return new URLSearchParams({
      To: toNumber,
      [isMessagingService(from) ? 'MessagingServiceSid' : 'From']: from,
      Body: messageText,
      ...(callback !== undefined && { StatusCallback: callback }),
      ...(validity !== undefined && { ValidityPeriod: String(validity) }),
    }).toString();
  }

  #request(method: HttpRequest['method'], path: string, body?: string): Promise<CarrierAnswer> {
    const { accountSid, authToken, timeoutMs = 15_000, connectRetries = 3, sleep = systemSleep } = this.#options;
    // The carrier's links to the next page already begin at the root.
    const absolute = path.startsWith('/2010-04-01/')
      ? path
      : `/2010-04-01/Accounts/${encodeURIComponent(accountSid)}${path}`;
    const headers: Record<string, string> = {
      authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
      accept: 'application/json',
    };
    if (body !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded';
    return requestCarrier(
      { carrier: 'Twilio', http: this.#http, sleep, connectRetries },
      { method, url: this.#baseUrl + absolute, headers, timeoutMs, ...(body !== undefined && { body }) },
    );
  }
}

function isMessagingService(sender: string): boolean {
  return /^MG[0-9a-fA-F]{32}$/.test(sender);
}

function accepted(body: string, text: string): SendResult {
  const json = parseJsonObject(body);
  if (typeof json?.sid !== 'string') {
    return sendFailure('CARRIER_ERROR', 'Twilio took the text but its answer cannot be read.', { ambiguous: true });
  }
  // A text that waits in a Messaging Service is not counted yet: Twilio says 0.
  const counted = Number(json.num_segments);
  const cost = json.price_unit === 'USD' && typeof json.price === 'string' ? Math.abs(Number(json.price)) : Number.NaN;
  return {
    success: true,
    messageSid: json.sid,
    segmentsCount: counted > 0 ? counted : countSegments(text).segments,
    ...(Number.isFinite(cost) && { cost }),
  };
}

/** Twilio's refusal. After a 5xx nobody knows whether the text was taken. */
function refused(status: number, body: string): SendFailure {
  const code = parseJsonObject(body)?.code;
  if (status >= 500) {
    return sendFailure('CARRIER_ERROR', `Twilio failed with status ${status}. The text may have been taken.`, {
      ambiguous: true,
      ...(typeof code === 'number' && { providerCode: String(code) }),
    });
  }
  const known = typeof code === 'number' ? code : CODE_OF_STATUS[status];
  if (known === undefined) return sendFailure('CARRIER_ERROR', `Twilio refused the text with status ${status}.`);
  const advice = twilioErrorAdvice(known);
  return sendFailure(advice.errorCode, advice.operator, { providerCode: String(known), personMessage: advice.person });
}

const CODE_OF_STATUS: Readonly<Record<number, number>> = { 401: 20003, 429: 20429 };

function isOutbound(message: Record<string, unknown>): boolean {
  return typeof message.direction === 'string' && message.direction.startsWith('outbound');
}

/** @throws when the message has no date: it would not be found, and its text sent again. */
function toSentMessage(message: Record<string, unknown>): SentMessage {
  const createdAt = new Date(String(message.date_created));
  if (Number.isNaN(createdAt.getTime())) throw new Error('Twilio listed a message without a date.');
  return {
    messageSid: String(message.sid),
    to: String(message.to),
    text: String(message.body),
    status: String(message.status),
    ...(typeof message.error_code === 'number' && { providerCode: String(message.error_code) }),
    createdAt,
  };
}
