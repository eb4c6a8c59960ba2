import { type Sleep, systemSleep } from '../clock.ts';
import { isObject, parseJsonObject } from '../json.ts';
import { isE164 } from '../phone-number.ts';
import { refuseBlank } from '../secret.ts';
import { countSegments } from '../segments.ts';
import { type SendFailure, type SendResult, sendFailure } from '../send-result.ts';
import type { CarrierErrorAdvice } from './carrier-error.ts';
import { baseUrlFault, type CarrierAnswer, requestCarrier } from './carrier-request.ts';
import { createHttpPool, type HttpClient, type HttpPool, type HttpRequest } from './http-client.ts';
import { type ConfigCheck, type SendSmsRequest, type SmsProvider, TEST_TEXT } from './provider.ts';
import { requestFault } from './request-fault.ts';
import { telnyxErrorAdvice } from './telnyx-errors.ts';

/** The account, the sender, and how Telnyx is reached. */
export interface TelnyxSmsProviderOptions {
  apiKey: string;
  /** Our number in E.164. */
  fromNumber: string;
  /** Default `https://api.telnyx.com`. */
  baseUrl?: string | undefined;
  /** Where Telnyx reports what became of each text. Default: what the messaging profile says. */
  statusCallbackUrl?: string;
  /** The application's own HTTP client in place of the provider's pool. */
  http?: HttpClient;
  /** An answer must be there by then. Default 15,000. */
  timeoutMs?: number;
  /** How often an attempt to connect is repeated. Default 3. */
  connectRetries?: number;
  sleep?: Sleep;
}

/** Telnyx's Messaging API, version 2. It has no list of sent texts, so a send without an answer cannot be settled there. */
export class TelnyxSmsProvider implements SmsProvider {
  readonly name = 'telnyx';
  readonly #options: TelnyxSmsProviderOptions;
  readonly #baseUrl: string;
  readonly #http: HttpClient;
  readonly #pool: HttpPool | undefined;

  /** @throws RangeError when the API key is blank. */
  constructor(options: TelnyxSmsProviderOptions) {
    refuseBlank('apiKey', options.apiKey);
    this.#options = options;
    this.#baseUrl = (options.baseUrl ?? 'https://api.telnyx.com').replace(/\/+$/, '');
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
    const callback = request.statusCallbackUrl ?? this.#options.statusCallbackUrl;
    const answer = await this.#request(
      'POST',
      '/v2/messages',
      JSON.stringify({
        from: request.fromNumber ?? this.#options.fromNumber,
        to: request.toNumber,
        text: request.messageText,
        ...(callback !== undefined && { webhook_url: callback }),
      }),
    );
    if (!answer.answered) return answer.failure;
    const { status, body } = answer.response;
    return status < 300 ? accepted(body, request.messageText) : refused(status, body);
  }

  validateConfig(): ConfigCheck {
    const urlFault = baseUrlFault(this.#baseUrl);
    if (!isE164(this.#options.fromNumber)) {
      return { ok: false, error: 'fromNumber must be a phone number in E.164 such as +15551234567.' };
    }
    return urlFault === undefined ? { ok: true } : { ok: false, error: urlFault };
  }

  async testConnection(testToNumber?: string): Promise<ConfigCheck> {
    const answer = await this.#request('GET', '/v2/messaging_profiles?page[size]=1');
    if (!answer.answered) return { ok: false, error: answer.failure.errorMessage };
    const { status, body } = answer.response;
    if (status >= 300) return { ok: false, error: refused(status, body).errorMessage };
    if (testToNumber === undefined) return { ok: true };
    const result = await this.sendSms({ toNumber: testToNumber, messageText: TEST_TEXT });
    return result.success ? { ok: true } : { ok: false, error: result.errorMessage };
  }

  explainError(providerCode: string): CarrierErrorAdvice {
    return telnyxErrorAdvice(providerCode);
  }

  /** Closes the pool. A client of the application is left alone. */
  async close(): Promise<void> {
    await this.#pool?.close();
  }

  #request(method: HttpRequest['method'], path: string, body?: string): Promise<CarrierAnswer> {
    const { apiKey, timeoutMs = 15_000, connectRetries = 3, sleep = systemSleep } = this.#options;
    const headers: Record<string, string> = { authorization: `Bearer ${apiKey}`, accept: 'application/json' };
    if (body !== undefined) headers['content-type'] = 'application/json';
    return requestCarrier(
      { carrier: 'Telnyx', http: this.#http, sleep, connectRetries },
      { method, url: this.#baseUrl + path, headers, timeoutMs, ...(body !== undefined && { body }) },
    );
  }
}

function accepted(body: string, text: string): SendResult {
  const data = parseJsonObject(body)?.data;
  if (!isObject(data) || typeof data.id !== 'string') {
    return sendFailure('CARRIER_ERROR', 'Telnyx took the text but its answer cannot be read.', { ambiguous: true });
  }
  const parts = Number(data.parts);
  const price = isObject(data.cost) && data.cost.currency === 'USD' ? Number(data.cost.amount) : Number.NaN;
  return {
    success: true,
    messageSid: data.id,
    segmentsCount: parts > 0 ? parts : countSegments(text).segments,
    ...(Number.isFinite(price) && { cost: price }),
  };
}

/** Telnyx's refusal. After a 5xx nobody knows whether the text was taken. */
function refused(status: number, body: string): SendFailure {
  if (status >= 500) {
    return sendFailure('CARRIER_ERROR', `Telnyx failed with status ${status}. The text may have been taken.`, {
      ambiguous: true,
    });
  }
  const errors = parseJsonObject(body)?.errors;
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const code = isObject(first) && first.code !== undefined ? String(first.code) : CODE_OF_STATUS[status];
  if (code === undefined) return sendFailure('CARRIER_ERROR', `Telnyx refused the text with status ${status}.`);
  const advice = telnyxErrorAdvice(code);
  return sendFailure(advice.errorCode, advice.operator, { providerCode: code, personMessage: advice.person });
}

const CODE_OF_STATUS: Readonly<Record<number, string>> = { 401: '10009', 429: '10011' };
