import type { EventReported, NoTextReason } from '@claude-companion/protocol';
import type { DeliveryState } from '../../store/deliveries.ts';
import { deliveryStateOf, type MonitoredEventRow } from '../../store/monitored-events.ts';
import type { Context } from '../context.ts';

/** Longer nobody is kept waiting for the carrier: the answer then says that the text is on its way. */
const PATIENCE_MS = 3_000;
const FIRST_LOOK_MS = 10;

const OUTCOME: Record<DeliveryState, 'open' | 'sent' | 'failed'> = {
  queued: 'open',
  sending: 'open',
  sent: 'sent',
  delivered: 'sent',
  failed: 'failed',
  skipped: 'failed',
};

/** What became of the text about an event, as it is now or at the latest in three seconds. */
export async function awaitText(context: Context, event: MonitoredEventRow): Promise<EventReported> {
  const { deliveryId, noText, nextAllowedAt } = event;
  const unsent = (reason: NoTextReason | null, nextAt: string | null): EventReported => ({
    sms_sent: false,
    sms_id: deliveryId,
    rate_limited: reason === 'rate_limited',
    next_allowed_at: nextAt,
    reason,
  });
  if (deliveryId === null) return unsent(noText, nextAllowedAt);
  const outcome = await outcomeOf(context, { deliveryId, waits: noText === null });
  if (outcome === 'open') return unsent(noText ?? 'queued', nextAllowedAt);
  // A text that did not go out holds up no other.
  if (outcome === 'failed') return unsent('failed', null);
  return { ...unsent(null, nextAllowedAt), sms_sent: true };
}

/** Looks less and less often: most texts are with the carrier within milliseconds, and many may wait at once. */
async function outcomeOf(
  { store, clock }: Context,
  { deliveryId, waits }: { deliveryId: string; waits: boolean },
): Promise<'open' | 'sent' | 'failed'> {
  const until = clock.now().getTime() + PATIENCE_MS;
  for (let pause = FIRST_LOOK_MS; ; pause *= 1.6) {
    const state = await deliveryStateOf(store.db, deliveryId);
    // A row that was cleaned away had ended long before.
    const outcome = state === undefined ? 'failed' : OUTCOME[state];
    const left = until - clock.now().getTime();
    if (outcome !== 'open' || !waits || left <= 0) return outcome;
    await new Promise<void>((resolve) => clock.after(Math.min(pause, left), resolve));
  }
}
