import { advanceStatus, type DeliveryStatus } from './delivery-status.ts';

export interface StatusChange {
  /** Where the text stands now. */
  status: DeliveryStatus;
  /** False for a report that is late or a copy. */
  changed: boolean;
}

/** Remembers where each text stands. A durable one must compare and write in one step (`advanceStatus` is the rule). */
export interface StatusStore {
  advance(messageSid: string, reported: DeliveryStatus): StatusChange | Promise<StatusChange>;
}

/** Statuses in memory, bounded: the oldest texts are forgotten first. */
export class MemoryStatusStore implements StatusStore {
  readonly #statuses = new Map<string, DeliveryStatus>();
  readonly #limit: number;

  constructor({ limit = 100_000 }: { limit?: number } = {}) {
    this.#limit = limit;
  }

  advance(messageSid: string, reported: DeliveryStatus): StatusChange {
    const current = this.#statuses.get(messageSid);
    const status = advanceStatus(current, reported);
    this.#statuses.set(messageSid, status);
    const oldest = this.#statuses.keys().next();
    if (this.#statuses.size > this.#limit && !oldest.done) this.#statuses.delete(oldest.value);
    return { status, changed: status !== current };
  }
}
