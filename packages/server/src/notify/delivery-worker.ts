/**
 * Sends what the outbox holds. A row is claimed with a lease, marked `sending` before the carrier is called, and ends in a
 * terminal state with a reason. A worker that dies leaves its lease to run out; the row is then taken again.
 */
import type { Context } from '../operations/context.ts';
import { recordDelivery } from '../operations/record-delivery.ts';
import { tellCode } from '../store/ask-codes.ts';
import {
  claimDueDeliveries,
  DELIVERIES_CHANNEL,
  type Delivery,
  nextDue,
  setDeliveryState,
} from '../store/deliveries.ts';
import { composeText } from './channels/sms/compose-text.ts';
import type { SmsProvider } from './channels/sms/provider.ts';

const LEASE_MS = 30_000;
/** A missed wake-up is noticed after this long at the latest. */
const POLL_MS = 5_000;
const RETRY_DELAYS_MS = [2_000, 10_000, 60_000, 300_000] as const;

export class DeliveryWorker {
  readonly #context: Context;
  readonly #sms: SmsProvider | null;
  #cancelTimer: () => void = () => undefined;
  #stopListening: (() => Promise<void>) | null = null;
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = false;

  constructor(context: Context, channels: { sms: SmsProvider | null }) {
    this.#context = context;
    this.#sms = channels.sms;
  }

  async start(): Promise<void> {
    this.#stopListening = await this.#context.store.db.listen(DELIVERIES_CHANNEL, () => this.#kick());
    this.#kick();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    await this.#stopListening?.();
    await this.#running;
  }

  #kick(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      if (this.#again) this.#kick();
    });
  }

  async #run(): Promise<void> {
    const { clock, logger, store } = this.#context;
    try {
      do {
        this.#again = false;
        while (!this.#stopped && (await this.#sendOne())) {
          // keep going until nothing is due
        }
      } while (this.#again && !this.#stopped);
      const due = await nextDue(store.db);
      const wait = due ? Date.parse(due) - clock.now().getTime() : POLL_MS;
      this.#wakeAfter(Math.min(Math.max(wait, 10), POLL_MS));
    } catch (error) {
      logger.error({ err: error }, 'the delivery worker missed a beat');
      this.#wakeAfter(POLL_MS);
    }
  }

  #wakeAfter(ms: number): void {
    this.#cancelTimer();
    if (!this.#stopped) this.#cancelTimer = this.#context.clock.after(ms, () => this.#kick());
  }

  async #sendOne(): Promise<boolean> {
    const { clock, store } = this.#context;
    const now = clock.now();
    const batch = await claimDueDeliveries(store.db, {
      now: now.toISOString(),
      leaseUntil: new Date(now.getTime() + LEASE_MS).toISOString(),
    });
    const [first] = batch;
    if (!first) return false;
    if (first.channel !== 'sms' || !this.#sms) {
      await this.#finish(batch, { state: 'skipped', reason: `no ${first.channel} channel is configured` });
      return true;
    }
    const text = await composeText(this.#context, batch);
    for (const { delivery, reason } of text.skipped) await this.#finish([delivery], { state: 'skipped', reason });
    const [leader] = text.included;
    if (!leader) return true;
    if (text.body === '') {
      await this.#finish(text.included, { state: 'skipped', reason: 'there was nothing left to say' });
      return true;
    }
    for (const told of text.told) await tellCode(store.db, told);
    await this.#send(this.#sms, { leader, included: text.included, body: text.body });
    return true;
  }

  async #send(sms: SmsProvider, text: { leader: Delivery; included: Delivery[]; body: string }): Promise<void> {
    const { clock, store } = this.#context;
    const now = (): string => clock.now().toISOString();
    const ids = text.included.map((delivery) => delivery.id);
    await setDeliveryState(store.db, ids, { state: 'sending', now: now() });
    const outcome = await sms.send({ deliveryId: text.leader.id, body: text.body });
    if (outcome.state !== 'failed') {
      await this.#finish(text.included, { state: outcome.state, providerId: outcome.providerId });
      return;
    }
    const delay = RETRY_DELAYS_MS[text.leader.attempts - 1];
    if (!outcome.retry || delay === undefined) {
      await this.#finish(text.included, { state: 'failed', reason: outcome.reason });
      return;
    }
    const dueAt = new Date(clock.now().getTime() + delay).toISOString();
    await setDeliveryState(store.db, ids, { state: 'queued', reason: outcome.reason, dueAt, now: now() });
  }

  async #finish(
    deliveries: readonly Delivery[],
    end: { state: 'sent' | 'delivered' | 'failed' | 'skipped'; reason?: string; providerId?: string },
  ): Promise<void> {
    for (const delivery of deliveries) await recordDelivery(this.#context, delivery, end);
  }
}
