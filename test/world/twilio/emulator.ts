/**
 * Twilio as far as texts go: the Messages API, signed webhooks for texts that arrive, and status callbacks; with faults on
 * demand. It takes what Twilio's own client sends and signs with Twilio's own code.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type AccountState, accountResource, fullAccount } from './account-resources.ts';
import { postSigned } from './carrier-posts.ts';
import { type ApiError, deliveryFailure, refusalFor } from './error-numbers.ts';
import { ACCEPTS, type CallbackChaos, calmCallbacks, type Fault, type FaultPlan, noFaults } from './faults.ts';
import { matches, type TwilioMessage, toJson } from './message-resource.ts';

export interface TwilioEmulatorOptions {
  accountSid?: string;
  authToken?: string;
  faults?: FaultPlan;
  callbacks?: CallbackChaos;
  /** Where texts that arrive are posted. */
  webhookUrl?: string;
  /** How often a webhook that failed (no answer or 5xx) is posted again. Default 3. */
  webhookRetries?: number;
  now?: () => Date;
}

export interface ArrivingText {
  from: string;
  to: string;
  body: string;
  /** Copies posted at the same time. Default 1. */
  copies?: number;
  messageSid?: string;
  /** More parameters, such as `OptOutType`. */
  more?: Record<string, string>;
}

const OPT_OUT = /^(STOP|STOPALL|UNSUBSCRIBE|END|QUIT|REVOKE|OPTOUT|CANCEL)$/i;
const OPT_IN = /^(START|YES|UNSTOP)$/i;
const SLOW_MS = 50;

export class TwilioEmulator implements AsyncDisposable {
  readonly accountSid: string;
  readonly authToken: string;
  /** Where the API answers; known after `listen`. */
  baseUrl = '';
  /** Every text Twilio took or brought, oldest first. */
  readonly messages: TwilioMessage[] = [];
  /** Sockets that were opened to the API. */
  connections = 0;
  /** Requests that sent a text, refused ones and failed ones too. */
  sendRequests = 0;
  webhookUrl: string | undefined;
  faults: FaultPlan;
  callbacks: CallbackChaos;
  /** The account, its numbers, and who it may text while it is on trial. */
  account: AccountState = fullAccount();
  readonly #options: TwilioEmulatorOptions;
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #sockets = new Set<Socket>();
  readonly #optedOut = new Set<string>();
  readonly #posting = new Set<Promise<unknown>>();
  readonly #now: () => Date;

  constructor(options: TwilioEmulatorOptions = {}) {
    this.#options = options;
    this.accountSid = options.accountSid ?? `AC${randomBytes(16).toString('hex')}`;
    this.authToken = options.authToken ?? randomBytes(16).toString('hex');
    this.faults = options.faults ?? noFaults;
    this.callbacks = options.callbacks ?? calmCallbacks;
    this.webhookUrl = options.webhookUrl;
    this.#now = options.now ?? (() => new Date());
  }

  async listen(): Promise<this> {
    this.#server.on('connection', (socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.baseUrl = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  /** The texts to one number that Twilio took from us. */
  sentTo(to: string): TwilioMessage[] {
    return this.messages.filter((message) => message.direction === 'outbound-api' && message.to === to);
  }

  /**
   * A text arrives: it is posted to the webhook, and again when that fails.
   *
   * @returns the last answer to each copy, null where nobody answered.
   */
  async arrive({ from, to, body, copies = 1, messageSid, more = {} }: ArrivingText): Promise<(Response | null)[]> {
    const sid = messageSid ?? newSid();
    if (OPT_OUT.test(body.trim())) this.#optedOut.add(from);
    if (OPT_IN.test(body.trim())) this.#optedOut.delete(from);
    this.messages.push(this.#inbound({ sid, from, to, body }));
    const params = {
      ...this.#ids(sid),
      SmsStatus: 'received',
      From: from,
      To: to,
      Body: body,
      NumMedia: '0',
      NumSegments: '1',
    };
    return Promise.all(Array.from({ length: copies }, () => this.#postUntilTaken({ ...params, ...more })));
  }

  /** Resolves when every callback was posted. */
  async settled(): Promise<void> {
    while (this.#posting.size > 0) await Promise.all(this.#posting);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.settled();
  }

  async #postUntilTaken(params: Record<string, string>): Promise<Response | null> {
    const url = this.webhookUrl;
    if (url === undefined) throw new Error('The emulator has no webhookUrl to post texts to.');
    const { webhookRetries = 3 } = this.#options;
    let answer: Response | null = null;
    for (let attempt = 0; attempt <= webhookRetries; attempt += 1) {
      answer = await postSigned({ url, params, authToken: this.authToken });
      if (answer && answer.status < 500) return answer;
    }
    return answer;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.baseUrl);
    const body = await text(request);
    const account = `/2010-04-01/Accounts/${this.accountSid}`;
    const credentials = Buffer.from(`${this.accountSid}:${this.authToken}`).toString('base64');
    if (request.headers.authorization !== `Basic ${credentials}`) {
      return fail(response, { status: 401, code: 20003, message: 'Authenticate' });
    }
    response.setHeader('date', this.#now().toUTCString());
    const resource = url.pathname.startsWith(account)
      ? accountResource(this.account, url.pathname.slice(account.length), url.searchParams)
      : undefined;
    if (resource) return json(response, 200, { sid: this.accountSid, ...resource });
    if (url.pathname === `${account}/Messages.json`) {
      return request.method === 'POST' ? this.#create(new URLSearchParams(body), response) : this.#list(url, response);
    }
    const sid = new RegExp(`^${account}/Messages/(\\w+)\\.json$`).exec(url.pathname)?.[1];
    const message = this.messages.find((each) => each.sid === sid);
    if (message) return json(response, 200, toJson(message));
    return fail(response, {
      status: 404,
      code: 20404,
      message: `The requested resource ${url.pathname} was not found`,
    });
  }

  async #create(form: URLSearchParams, response: ServerResponse): Promise<void> {
    this.sendRequests += 1;
    const fault = this.faults();
    const refusal = this.#refusal(form);
    if (refusal) return fail(response, refusal);
    if (!ACCEPTS[fault]) return answerFault(fault, response, undefined);
    const message = this.#outbound(form);
    const created = toJson(message);
    this.messages.push(message);
    if (this.callbacks.beforeResponse) await this.#deliver(message);
    else this.#later(this.#deliver(message));
    await answerFault(fault, response, created);
  }

  #refusal(form: URLSearchParams): ApiError | undefined {
    const [to, body] = [form.get('To') ?? '', form.get('Body') ?? ''];
    const from = form.get('From') ?? form.get('MessagingServiceSid') ?? '';
    const validity = Number(form.get('ValidityPeriod') ?? 1);
    if (to === '') return { status: 400, code: 21604, message: "A 'To' phone number is required." };
    if (from === '') return { status: 400, code: 21603, message: "A 'From' phone number is required." };
    if (body === '') return { status: 400, code: 21602, message: 'Message body is required.' };
    if (body.length > 1_600)
      return { status: 400, code: 21617, message: 'The concatenated message body exceeds the limit.' };
    if (!(validity >= 1 && validity <= 36_000))
      return { status: 400, code: 90007, message: 'ValidityPeriod is out of range' };
    if (this.#optedOut.has(to))
      return { status: 400, code: 21610, message: 'Attempt to send to unsubscribed recipient' };
    return refusalFor(to, from);
  }

  /** The text goes its way: `sent`, then its end; Twilio sends no callback for the first status. */
  async #deliver(message: TwilioMessage): Promise<void> {
    const errorCode = deliveryFailure(message.to);
    const end = errorCode === undefined ? 'delivered' : 'undelivered';
    message.status = end;
    message.errorCode = errorCode ?? null;
    message.sentAt = this.#now();
    const url = message.statusCallback;
    if (url === null) return;
    const { authToken } = this;
    const params = { ...this.#ids(message.sid), From: message.from, To: message.to };
    const callbacks = ['sent', end].flatMap((status) => {
      const failure: Record<string, string> = status === 'undelivered' ? { ErrorCode: String(errorCode) } : {};
      const callback = { ...params, ...failure, MessageStatus: status, SmsStatus: status };
      return Array.from({ length: this.callbacks.copies() }, () => callback);
    });
    for (const each of this.callbacks.order(callbacks)) await postSigned({ url, params: each, authToken });
  }

  #list(url: URL, response: ServerResponse): void {
    const size = Number(url.searchParams.get('PageSize') ?? 50);
    const page = Number(url.searchParams.get('Page') ?? 0);
    const found = this.messages.filter((message) => matches(message, url.searchParams)).reverse();
    const next = new URL(url);
    next.searchParams.set('Page', String(page + 1));
    const hasNext = found.length > (page + 1) * size;
    json(response, 200, {
      messages: found.slice(page * size, (page + 1) * size).map(toJson),
      page,
      page_size: size,
      uri: url.pathname + url.search,
      next_page_uri: hasNext ? next.pathname + next.search : null,
    });
  }

  #outbound(form: URLSearchParams): TwilioMessage {
    const service = form.get('MessagingServiceSid');
    const validity = form.get('ValidityPeriod');
    return {
      ...this.#inbound({
        sid: newSid(),
        from: form.get('From') ?? '',
        to: form.get('To') ?? '',
        body: form.get('Body') ?? '',
      }),
      direction: 'outbound-api',
      messagingServiceSid: service,
      status: service === null ? 'queued' : 'accepted',
      validityPeriod: validity === null ? null : Number(validity),
      statusCallback: form.get('StatusCallback'),
    };
  }

  #inbound(text: Pick<TwilioMessage, 'sid' | 'from' | 'to' | 'body'>): TwilioMessage {
    return {
      ...text,
      accountSid: this.accountSid,
      direction: 'inbound',
      messagingServiceSid: null,
      status: 'received',
      errorCode: null,
      createdAt: this.#now(),
      sentAt: null,
      validityPeriod: null,
      statusCallback: null,
    };
  }

  #ids(sid: string): Record<string, string> {
    return { MessageSid: sid, SmsSid: sid, SmsMessageSid: sid, AccountSid: this.accountSid, ApiVersion: '2010-04-01' };
  }

  #later(work: Promise<unknown>): void {
    const posting = work.finally(() => this.#posting.delete(posting));
    this.#posting.add(posting);
  }
}

function newSid(): string {
  return `SM${randomBytes(16).toString('hex')}`;
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function fail(response: ServerResponse, { status, code, message }: ApiError): void {
  json(response, status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status });
}

async function answerFault(fault: Fault, response: ServerResponse, created: unknown): Promise<void> {
  const answers: Record<Fault, () => void | Promise<void>> = {
    none: () => json(response, 201, created),
    slow: async () => {
      await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
      json(response, 201, created);
    },
    error_before: () => json(response, 503, { status: 503, message: 'Service unavailable' }),
    error_after: () => json(response, 500, { status: 500, code: 20500, message: 'Internal Server Error' }),
    reset_before: () => void response.destroy(),
    reset_after: () => void response.destroy(),
    hang_after: () => {},
    redirect: () => {
      response.writeHead(307, { location: 'http://127.0.0.1:9/elsewhere' });
      response.end();
    },
    garbage_after: () => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html>');
    },
  };
  await answers[fault]();
}
