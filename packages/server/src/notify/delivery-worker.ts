/**
 * Empties the outbox. A row is claimed with a lease, marked `sending` before the carrier is called, and ends in a terminal
 * state with a reason. A worker that dies leaves its lease to run out; the row is then taken again.
 */
import type { Context } from '../operations/context.ts';
import { recordDelivery } from '../operations/record-delivery.ts';
import { claimDueDeliveries, DELIVERIES_CHANNEL, nextDue } from '../store/deliveries.ts';
import { nextLookUp, releaseDeliveries } from '../store/handed-texts.ts';
import type { SmsProvider } from './channels/sms/provider.ts';
import { LEASE_MS, sendDelivery } from './send-delivery.ts';
import { findUnsettled } from './settle-text.ts';

/** A missed wake-up is noticed after this long at the latest. */
const POLL_MS = 5_000;
/** A burst of texts is looked for once, not once each. */
const PAUSE_MS = 10;
/** Something is due and cannot be taken: another text to the same person is on its way. */
const BUSY_MS = 250;
/** A stop does not wait longer for a carrier that hangs: what is under way is looked up after the next start. */
const STOP_MS = 3_000;
/** Texts with the carrier at the same time: one that hangs must not hold up the texts to others. */
const LANES = 4;

export class DeliveryWorker {
  readonly #context: Context;
  readonly #sms: SmsProvider | null;
  readonly #lanes = new Set<Promise<void>>();
  /** When a text has to be looked up next, as far as is known; whatever a lane has done may have changed it. */
  #lookUpAt = 0;
  #cancelTimer: () => void = () => undefined;
  #stopListening: (() => Promise<void>) | null = null;
  /** Two looks at once could each take a text to the same person. */
  #looking = false;
  /** Something was written while nobody could look. */
  #again = false;
  #stopped = false;

  constructor(context: Context, channels: { sms: SmsProvider | null }) {
    this.#context = context;
    this.#sms = channels.sms;
  }

  /** A text is looked for or on its way; otherwise only a timer or a wake-up sets it going. */
  get busy(): boolean {
    return this.#lanes.size > 0;
  }

  async start(): Promise<void> {
    const { db } = this.#context.store;
    // Nobody else has an embedded database: what an earlier process was sending need not wait for its lease to run out.
    if (db.engine === 'pglite') await releaseDeliveries(db);
    this.#stopListening = await db.listen(DELIVERIES_CHANNEL, () => this.#kick());
    this.#kick();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    await this.#stopListening?.();
    const patience = new Promise<void>((resolve) => this.#context.clock.after(STOP_MS, resolve));
    await Promise.race([Promise.all(this.#lanes), patience]);
  }

  /** One lane looks for work at a time; when it has found some, the next one looks on. */
  #kick(): void {
    if (this.#stopped) return;
    if (this.#looking || this.#lanes.size === LANES) {
      this.#again = true;
      return;
    }
    const lane = this.#work()
      .catch((error: unknown) => {
        this.#context.logger.error({ err: error }, 'the delivery worker missed a beat');
        this.#wakeAfter(POLL_MS);
      })
      .finally(() => this.#lanes.delete(lane));
    this.#lanes.add(lane);
  }

  async #work(): Promise<void> {
    do {
      const work = await this.#look();
      if (!work) return this.#rest();
      this.#kick();
      await work();
      this.#lookUpAt = 0;
    } while (!this.#looking);
    // Another lane looks, and may have begun before this one's work was written down.
    this.#again = true;
  }

  async #look(): Promise<(() => Promise<void>) | null> {
    this.#looking = true;
    try {
      return this.#stopped ? null : await this.#find();
    } finally {
      this.#looking = false;
    }
  }

  /** Until something is due, or was written meanwhile. */
  async #rest(): Promise<void> {
    const { clock, store } = this.#context;
    if (this.#stopped) return;
    if (this.#again) {
      this.#again = false;
      return this.#wakeAfter(PAUSE_MS);
    }
    const now = clock.now().getTime();
    const lookUp = await nextLookUp(store.db);
    this.#lookUpAt = lookUp === null ? Number.POSITIVE_INFINITY : Date.parse(lookUp);
    const moments = [await nextDue(store.db, new Date(now).toISOString()), lookUp];
    const waits = moments.filter((at) => at !== null).map((at) => Date.parse(at) - now);
    this.#wakeAfter(Math.min(...waits.map((wait) => (wait > 0 ? Math.max(wait, PAUSE_MS) : BUSY_MS)), POLL_MS));
  }

  #wakeAfter(ms: number): void {
    this.#cancelTimer();
    if (!this.#stopped) this.#cancelTimer = this.#context.clock.after(ms, () => this.#kick());
  }

  /** Takes what is due; null: nothing is. */
  async #find(): Promise<(() => Promise<void>) | null> {
    const context = this.#context;
    const sms = this.#sms;
    const now = context.clock.now();
    const batch = await claimDueDeliveries(context.store.db, {
      now: now.toISOString(),
      leaseUntil: new Date(now.getTime() + LEASE_MS).toISOString(),
    });
    const [first] = batch;
    if (!first) return sms && now.getTime() >= this.#lookUpAt ? findUnsettled({ context, sms }) : null;
    if (first.channel === 'sms' && sms) return () => sendDelivery({ context, sms }, batch);
    const ids = batch.map(({ id }) => id);
    const reason = `no ${first.channel} channel is configured`;
    return async () => void (await recordDelivery(context, { ids }, { state: 'skipped', reason }));
  }
}
