/**
 * Who asked for no more texts. Keep it durable in production: the carrier remembers too and refuses those texts with 21610,
 * but an application that knows goes to another channel without the attempt.
 */
export interface OptOutList {
  isOptedOut(userKey: string): boolean | Promise<boolean>;
  optOut(userKey: string): void | Promise<void>;
  optIn(userKey: string): void | Promise<void>;
}

/** An opt-out list in memory: lost with the process. */
export class MemoryOptOutList implements OptOutList {
  readonly #optedOut = new Set<string>();

  isOptedOut(userKey: string): boolean {
    return this.#optedOut.has(userKey);
  }

  optOut(userKey: string): void {
    this.#optedOut.add(userKey);
  }

  optIn(userKey: string): void {
    this.#optedOut.delete(userKey);
  }
}
