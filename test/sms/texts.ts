/** Texts, messages and signed requests for the tests of the SMS library. */
import { type FormFields, type InboundMessage, MessageType, type OutboundMessage } from '@claude-companion/sms';
import twilio from 'twilio';

export const OWN_NUMBER = '+15551234567';
export const PERSON = '+15559876543';
export const AUTH_TOKEN = 'f00dfeedf00dfeedf00dfeedf00dfeed';
export const PATH_TOKEN = 'path-token-of-the-tests';
export const PUBLIC_URL = 'https://sms.example.com';
export const WEBHOOK_URL = `${PUBLIC_URL}/webhook/${PATH_TOKEN}`;

let count = 0;

/** The form Twilio posts for a text that arrives. */
export function arrivingForm(more: Record<string, string> = {}): Record<string, string> {
  count += 1;
  return { MessageSid: `SM_text_${count}`, From: PERSON, To: OWN_NUMBER, Body: 'Hi', NumMedia: '0', ...more };
}

export function outbound(more: Partial<OutboundMessage> = {}): OutboundMessage {
  return {
    channelId: 'sms_app_001',
    userKey: PERSON,
    conversationKey: PERSON,
    type: MessageType.TEXT,
    text: 'Hello from AgentOS!',
    ...more,
  };
}

export function inbound(more: Partial<InboundMessage> = {}): InboundMessage {
  count += 1;
  return {
    ...outbound(),
    text: 'Hi',
    messageSid: `SM_text_${count}`,
    to: OWN_NUMBER,
    numMedia: 0,
    ...more,
  };
}

export interface SignedPost {
  form?: Record<string, string>;
  /** The URL that is signed; also the one that is called, unless `calledUrl` says otherwise. */
  url?: string;
  calledUrl?: string;
  authToken?: string;
  headers?: Record<string, string>;
}

/** A request as Twilio makes it, signed by Twilio's own code. */
export function signedRequest(post: SignedPost = {}): Request {
  const { form = arrivingForm(), url = WEBHOOK_URL, calledUrl = url, authToken = AUTH_TOKEN, headers = {} } = post;
  return new Request(calledUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'TwilioProxy/1.1',
      'x-twilio-signature': twilio.getExpectedTwilioSignature(authToken, url, form),
      ...headers,
    },
    body: new URLSearchParams(form).toString(),
  });
}

/** The same signature as in `signedRequest`, for checks below the request. */
export function signatureOf(form: FormFields, url = WEBHOOK_URL, authToken = AUTH_TOKEN): string {
  return twilio.getExpectedTwilioSignature(authToken, url, { ...form });
}

/** A logger that keeps what it was told. */
export function keptLogs(): {
  lines: string[];
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
} {
  const lines: string[] = [];
  const keep =
    (level: string) =>
    (line: string): void => {
      lines.push(`${level} ${line}`);
    };
  return { lines, info: keep('info'), warn: keep('warn'), error: keep('error') };
}

/** A clock a test moves by hand. */
export function movableClock(start = Date.parse('2026-11-21T09:00:00Z')): {
  now(): number;
  advance(milliseconds: number): void;
} {
  let now = start;
  return {
    now: () => now,
    advance: (milliseconds) => {
      now += milliseconds;
    },
  };
}

/** A sleep that takes no time and remembers how long it was asked to take. */
export function rememberedSleep(): { waits: number[]; sleep(milliseconds: number): Promise<void> } {
  const waits: number[] = [];
  return {
    waits,
    sleep: async (milliseconds) => {
      waits.push(milliseconds);
    },
  };
}
