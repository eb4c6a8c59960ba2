import type { DeliveryStatus } from './delivery-status.ts';
import type { StatusStore } from './status-store.ts';

/** Takes the reports about each text one after the other, and keeps a status only once it was handled. */
export class StatusTracker {
  readonly #store: StatusStore;
  /** The last report that is being taken, by text. */
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(store: StatusStore) {
    this.#store = store;
  }

  /** Gives `handler` the status so far and keeps the one it answers with; keeps nothing when it throws. */
  take<Update extends { status: DeliveryStatus }>(
    messageSid: string,
    handler: (current: DeliveryStatus | undefined) => Promise<Update>,
  ): Promise<Update> {
    const before = this.#last.get(messageSid) ?? Promise.resolve();
    const taken = before
      .catch(() => {})
      .then(async () => {
        const update = await handler(await this.#store.get(messageSid));
        await this.#store.advance(messageSid, update.status);
        return update;
      });
    const last = taken
      .catch(() => {})
      .finally(() => {
        if (this.#last.get(messageSid) === last) this.#last.delete(messageSid);
      });
    this.#last.set(messageSid, last);
    return taken;
  }
}
