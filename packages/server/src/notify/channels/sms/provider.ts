/**
 * What the server needs of a carrier. A provider never throws for a refusal of the carrier: it says what became of the
 * text and whether trying again can help.
 */
import type { CarrierReport, RetryAdvice } from '../../../operations/carrier-report.ts';

/** A carrier is waited for no longer: the claim on a text outlasts the call. */
export const CALL_MS = 10_000;

export interface OutgoingText {
  /** Ours; the carrier's reports name it. */
  deliveryId: string;
  /** The whole number. It is for the carrier and for nothing else: not for a log, an event or an error. */
  to: string;
  body: string;
  /** The carrier drops the text after this moment; null: as late as it likes. */
  expiresAt: string | null;
  /** The carrier is not called after this moment: the claim on the text might end before the call, and another server send it. */
  callBy: string;
}

export type SendOutcome =
  | { state: 'sent' | 'delivered'; providerId: string }
  /** The carrier certainly does not have the text. The reason is for the operator. */
  | { state: 'failed'; retry: RetryAdvice; reason: string; optedOut?: boolean }
  /** No answer: it may have the text or not. */
  | { state: 'unknown'; reason: string };

/** A text whose sending was not answered. */
export interface UnansweredText {
  deliveryId: string;
  to: string;
  body: string;
  /** When the carrier was called. */
  handedAt: string;
  /** The carrier's ids of other texts to this number. */
  otherIds: readonly string[];
}

export type FoundText =
  | { outcome: 'sent'; providerId: string }
  | { outcome: 'not_sent' }
  /** The carrier could not be asked. */
  | { outcome: 'unknown'; reason: string };

/** What a carrier can that remembers its texts. */
export interface CarrierMemory {
  find(text: UnansweredText): Promise<FoundText>;
  /** Where a text stands; null when the carrier could not be asked or says nothing new. */
  report(text: { to: string; providerId: string; handedAt: string }): Promise<CarrierReport | null>;
}

export interface SmsProvider {
  readonly name: string;
  /** Texts to our number reach this server: it hears STOP and START itself. */
  readonly hears: boolean;
  /** Null: it forgets its texts, and one that was not answered is sent again. */
  readonly memory: CarrierMemory | null;
  send(text: OutgoingText): Promise<SendOutcome>;
}
