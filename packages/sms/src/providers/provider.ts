import type { SendResult } from '../send-result.ts';
import type { CarrierErrorAdvice } from './carrier-error.ts';

/** One text for a provider. */
export interface SendSmsRequest {
  /** The recipient in E.164. */
  toNumber: string;
  messageText: string;
  /** The sender. Default: the provider's own number. */
  fromNumber?: string;
  /** A text of more segments is not sent. Default 3. */
  maxSegments?: number;
  /** The carrier drops the text when it could not hand it over within so many seconds. Providers that cannot, ignore it. */
  validityPeriodSeconds?: number;
  /** Where the carrier reports what became of the text. Default: the provider's setting. */
  statusCallbackUrl?: string;
}

/** The outcome of a check; `error` is a sentence that says what is wrong and what to do. */
export type ConfigCheck = { ok: true; error?: undefined } | { ok: false; error: string };

/** Speaks to one carrier. Every failure is a result: no method throws because the carrier failed. */
export interface SmsProvider {
  readonly name: string;
  sendSms(request: SendSmsRequest): Promise<SendResult>;
  /** Checks the settings themselves, without a request. */
  validateConfig(): ConfigCheck;
  /** Asks the carrier whether the settings are right; with a number it also sends one text there. */
  testConnection(testToNumber?: string): Promise<ConfigCheck>;
  /** What one of the carrier's error codes means, for carriers that have codes. */
  explainError?(providerCode: string): CarrierErrorAdvice;
}

/** A text as the carrier remembers it. */
export interface SentMessage {
  messageSid: string;
  to: string;
  text: string;
  /** The carrier's word for its state. */
  status: string;
  /** The carrier's error code, when the text failed. */
  providerCode?: string;
  createdAt: Date;
}

/** Which texts of the carrier are looked for. */
export interface ListMessagesQuery {
  to: string;
  /** Texts the carrier created before are left out. */
  since: Date;
}

/** What some carriers can besides: list the texts they were given, so that a send without an answer can be settled. */
export interface MessageLookup {
  /**
   * Our texts to one number, newest first.
   *
   * @throws when the carrier cannot be asked or did not answer with the whole list.
   */
  listMessages(query: ListMessagesQuery): Promise<SentMessage[]>;
}

/** Whether the provider can list its texts, so that a send without an answer can be settled. */
export function canLookUp(provider: SmsProvider): provider is SmsProvider & MessageLookup {
  return 'listMessages' in provider && typeof provider.listMessages === 'function';
}

export const DEFAULT_MAX_SEGMENTS = 3;

/** The text a provider sends to prove that it can. */
export const TEST_TEXT = 'Test message: this number can send texts.';
