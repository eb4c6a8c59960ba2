/** Texts this process works on: each is begun once, whether it comes from the carrier or is read from the inbox. */
export class TextsInHand {
  readonly #now = new Set<string>();
  readonly #readings = new Set<Set<string>>();

  /** False: it is in hand already. */
  take(messageSid: string): boolean {
    if (this.#now.has(messageSid)) return false;
    this.#now.add(messageSid);
    for (const reading of this.#readings) reading.add(messageSid);
    return true;
  }

  drop(messageSid: string): void {
    this.#now.delete(messageSid);
  }

  /**
   * For the time of `read`, the ids of all texts that were in hand at any moment of it: what it has read of those may be out
   * of date.
   */
  async during<T>(read: (taken: ReadonlySet<string>) => Promise<T>): Promise<T> {
    const taken = new Set(this.#now);
    this.#readings.add(taken);
    try {
      return await read(taken);
    } finally {
      this.#readings.delete(taken);
    }
  }
}
