/** What a carrier says of a text, in the words of the outbox. */
import type { CarrierErrorAdvice, DeliveryStatus } from '@claude-companion/sms';

/** Whether the same text may be sent again. */
export type RetryAdvice = CarrierErrorAdvice['retry'];

export interface CarrierReport {
  state: 'sent' | 'delivered' | 'failed';
  /** The carrier's id of the text. */
  providerId: string;
  /** For the operator. */
  reason?: string | undefined;
  retry: RetryAdvice;
  /** The recipient texted STOP. */
  optedOut: boolean;
}

/** A carrier that reports on a text has it. Null: words about texts that come in. */
const STATES: Record<DeliveryStatus, CarrierReport['state'] | null> = {
  accepted: 'sent',
  scheduled: 'sent',
  queued: 'sent',
  sending: 'sent',
  sent: 'sent',
  partially_delivered: 'sent',
  delivered: 'delivered',
  read: 'delivered',
  undelivered: 'failed',
  failed: 'failed',
  canceled: 'failed',
  receiving: null,
  received: null,
};

export interface CarrierWords {
  status: DeliveryStatus;
  providerId: string;
  /** The carrier's error code. */
  code?: string | undefined;
  advice?: CarrierErrorAdvice | undefined;
}

export function carrierReport({ status, providerId, code, advice }: CarrierWords): CarrierReport | null {
  const state = STATES[status];
  if (state === null) return null;
  if (state !== 'failed') return { state, providerId, retry: 'no', optedOut: false };
  return {
    state,
    providerId,
    reason: reasonOf(code, advice) ?? `The carrier says "${status}" and gives no reason.`,
    retry: advice?.retry ?? 'no',
    optedOut: advice?.errorCode === 'OPTED_OUT',
  };
}

/** `21610: The recipient texted STOP …`: the number to look up, and what to do. */
export function reasonOf(
  code: string | undefined,
  advice: Pick<CarrierErrorAdvice, 'operator'> | undefined,
): string | undefined {
  return code === undefined ? undefined : `${code}: ${advice?.operator ?? 'The carrier gave no other reason.'}`;
}
