import { findAsk } from '../store/asks.ts';
import type { Transaction } from '../store/database.ts';
import type { Delivery } from '../store/deliveries.ts';
import { type Advance, advanceDeliveries, type Which } from '../store/handed-texts.ts';
import { lockLog } from '../store/log-lock.ts';
import { sessionOfNotice } from '../store/monitored-events.ts';
import { type Context, nowOf } from './context.ts';

export type DeliveryEnd = Omit<Advance, 'now'>;

/**
 * What became of a text, in the outbox and, where it was about a session, in its log. Only forward: what stands as far
 * already is left as it is and not told again. Returns what moved.
 */
export async function recordDelivery(context: Context, which: Which, end: DeliveryEnd): Promise<Delivery[]> {
  return context.store.db.transaction(async (tx) => {
    await lockLog(tx);
    return recordDeliveryIn(context, tx, { which, end });
  });
}

/** The same inside a transaction that already holds the log's lock. */
export async function recordDeliveryIn(
  context: Context,
  tx: Transaction,
  { which, end }: { which: Which; end: DeliveryEnd },
): Promise<Delivery[]> {
  const now = nowOf(context);
  const moved = await advanceDeliveries(tx, which, { ...end, now });
  for (const delivery of moved) {
    const ask = delivery.askId ? await findAsk(tx, delivery.askId) : undefined;
    const sessionId = ask?.sessionId ?? (await sessionOfNotice(tx, delivery.id));
    if (sessionId === undefined) continue;
    await context.store.log.appendIn(tx, [
      {
        sessionId,
        kind: 'delivery.updated',
        data: {
          deliveryId: delivery.id,
          askId: ask?.id ?? null,
          channel: delivery.channel,
          state: end.state,
          ...(end.reason === undefined ? {} : { reason: end.reason }),
        },
        at: now,
      },
    ]);
  }
  return moved;
}
