import { advanceStatus, type DeliveryStatus } from './delivery-status.ts';

/** Remembers where each text stands. */
export interface StatusStore {
  get(messageSid: string): DeliveryStatus | undefined | Promise<DeliveryStatus | undefined>;
  /**
   * Moves a text to `status`, unless it stands further by now (`advanceStatus` is the rule). A durable store that several
   * processes share must compare and write in one step.
   */
  advance(messageSid: string, status: DeliveryStatus): void | Promise<void>;
}

/** Statuses in memory, bounded: the oldest texts are forgotten first. */
export class MemoryStatusStore implements StatusStore {
  readonly #statuses = new Map<string, DeliveryStatus>();
  readonly #limit: number;

  constructor({ limit = 100_000 }: { limit?: number } = {}) {
    this.#limit = limit;
  }

  get(messageSid: string): DeliveryStatus | undefined {
    return this.#statuses.get(messageSid);
  }

  advance(messageSid: string, status: DeliveryStatus): void {
    this.#statuses.set(messageSid, advanceStatus(this.#statuses.get(messageSid), status));
    const oldest = this.#statuses.keys().next();
    if (this.#statuses.size > this.#limit && !oldest.done) this.#statuses.delete(oldest.value);
  }
}
