/** When a text that the carrier did not take is tried again. */
import type { RetryAdvice } from '../operations/carrier-report.ts';
import type { Delivery } from '../store/deliveries.ts';

const DELAYS_MS = [2_000, 10_000, 60_000, 300_000] as const;
/** What has no end of its own, such as a reply, is of no use later than this. */
const LIFE_MS = 3_600_000;
const MOST_RETRIES: Record<RetryAdvice, number> = { no: 0, once: 1, twice: 2, back_off: Number.POSITIVE_INFINITY };

/** Null: trying again would not help, or would come too late. */
export function retryAt(
  delivery: Pick<Delivery, 'attempts' | 'createdAt' | 'expiresAt'>,
  advice: RetryAdvice,
  now: number,
): string | null {
  if (delivery.attempts > MOST_RETRIES[advice]) return null;
  const delay = DELAYS_MS[Math.min(Math.max(delivery.attempts, 1), DELAYS_MS.length) - 1] ?? DELAYS_MS[0];
  const end = delivery.expiresAt === null ? Date.parse(delivery.createdAt) + LIFE_MS : Date.parse(delivery.expiresAt);
  return now + delay < end ? new Date(now + delay).toISOString() : null;
}
