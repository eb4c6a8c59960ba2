/** Hears when a paired device is signed out, here or at another server on the same database, for connections that are still open. */
import type { Database } from '../../store/database.ts';
import { DEVICES_ENDED_CHANNEL } from '../../store/sign-in-devices.ts';

export class Revocations {
  readonly #listeners = new Map<string, Set<() => void>>();
  #stopListening: () => Promise<void> = async () => undefined;

  static async open(db: Database): Promise<Revocations> {
    const revocations = new Revocations();
    revocations.#stopListening = await db.listen(DEVICES_ENDED_CHANNEL, (tokenId) => revocations.announce(tokenId));
    return revocations;
  }

  /** Calls back once when the token of this id (`tokenId` of a caller) is revoked. The result stops it. */
  onRevoked(tokenId: string, callback: () => void): () => void {
    const group = this.#listeners.get(tokenId) ?? new Set();
    this.#listeners.set(tokenId, group);
    // A function of its own, so that the same callback may be given twice.
    const listener = (): void => callback();
    group.add(listener);
    return () => {
      group.delete(listener);
      if (group.size === 0 && this.#listeners.get(tokenId) === group) this.#listeners.delete(tokenId);
    };
  }

  /** Does not wait for the database to say it; saying it twice does no harm. */
  announce(tokenId: string): void {
    const group = this.#listeners.get(tokenId);
    this.#listeners.delete(tokenId);
    for (const listener of group ?? []) listener();
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    await this.#stopListening();
  }
}
