/** One at a time, first come first served. */
export class Mutex {
  #tail: Promise<unknown> = Promise.resolve();

  /** Runs `work` after everything queued before it has settled. Not re-entrant: work that waits for itself never ends. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => {});
    return result;
  }
}
