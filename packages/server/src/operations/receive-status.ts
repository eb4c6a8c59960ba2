/**
 * A carrier's report about a text it took. Reports come late, more than once, in any order and before the carrier has
 * answered the sending itself: deliveries only move forward, and what moved is acted on once.
 */
import type { Delivery, DeliveryPurpose } from '../store/deliveries.ts';
import { repeatDelivery } from '../store/handed-texts.ts';
import { lockLog } from '../store/log-lock.ts';
import { setOptedOut } from '../store/people.ts';
import type { CarrierReport, RetryAdvice } from './carrier-report.ts';
import { type Context, nowOf } from './context.ts';
import { recordDeliveryIn } from './record-delivery.ts';

/** Waits before what got lost behind the carrier is sent once more; the number of them is the most that can help. */
const REPEAT_AFTER_MS: Record<RetryAdvice, readonly number[]> = {
  no: [],
  once: [60_000],
  twice: [60_000, 300_000],
  back_off: [60_000, 300_000, 1_800_000],
};

/** The words of a notice or a code are removed when the carrier has them; an ask and a reply are worded anew. */
const REPEATABLE: Record<DeliveryPurpose, boolean> = { ask: true, reply: true, notice: false, code: false };

/** A carrier that reports nothing is asked for the first time after this long. */
export const FIRST_CHECK_MS = 60_000;

export async function receiveStatus(
  context: Context,
  { textId, report }: { textId: string; report: CarrierReport },
): Promise<void> {
  const now = nowOf(context);
  await context.store.db.transaction(async (tx) => {
    await lockLog(tx);
    const moved = await recordDeliveryIn(context, tx, {
      which: { textId },
      end: {
        state: report.state,
        reason: report.reason,
        providerId: report.providerId,
        checkAt: new Date(Date.parse(now) + FIRST_CHECK_MS).toISOString(),
      },
    });
    if (report.state !== 'failed') return;
    for (const delivery of moved) {
      if (report.optedOut && delivery.personId !== null) await setOptedOut(tx, delivery.personId, now);
      const dueAt = repeatAt(delivery, report.retry, Date.parse(now));
      if (dueAt !== null) await repeatDelivery(tx, { id: context.ids.uuid(), of: delivery.id, dueAt, now });
    }
  });
}

function repeatAt({ purpose, retries, expiresAt }: Delivery, retry: RetryAdvice, now: number): string | null {
  const wait = REPEATABLE[purpose] ? REPEAT_AFTER_MS[retry][retries] : undefined;
  if (wait === undefined) return null;
  const at = now + wait;
  return expiresAt === null || at < Date.parse(expiresAt) ? new Date(at).toISOString() : null;
}
