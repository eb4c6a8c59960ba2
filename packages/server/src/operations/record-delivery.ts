import { findAsk } from '../store/asks.ts';
import { type Delivery, type DeliveryState, setDeliveryState } from '../store/deliveries.ts';
import { lockLog } from '../store/log-lock.ts';
import { type Context, nowOf } from './context.ts';

export interface DeliveryEnd {
  state: DeliveryState;
  reason?: string | undefined;
  providerId?: string | undefined;
}

/** What became of a text, in the outbox and, when it was about an ask, in the session's log. */
export async function recordDelivery(context: Context, delivery: Delivery, end: DeliveryEnd): Promise<void> {
  const { store } = context;
  const now = nowOf(context);
  await store.db.transaction(async (tx) => {
    await lockLog(tx);
    await setDeliveryState(tx, [delivery.id], { ...end, now });
    const ask = delivery.askId ? await findAsk(tx, delivery.askId) : undefined;
    if (!ask) return;
    await store.log.appendIn(tx, [
      {
        sessionId: ask.sessionId,
        kind: 'delivery.updated',
        data: {
          deliveryId: delivery.id,
          askId: ask.id,
          channel: delivery.channel,
          state: end.state,
          ...(end.reason === undefined ? {} : { reason: end.reason }),
        },
        at: now,
      },
    ]);
  });
}
