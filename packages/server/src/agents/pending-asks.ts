/** Asks that a live process is waiting for. An ask that is not here belongs to a process that was lost. */
import type { Answer } from '@claude-companion/protocol';

interface Waiter {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

export class PendingAsks {
  readonly #waiters = new Map<string, Waiter>();

  get ids(): ReadonlySet<string> {
    return new Set(this.#waiters.keys());
  }

  get size(): number {
    return this.#waiters.size;
  }

  has(askId: string): boolean {
    return this.#waiters.has(askId);
  }

  wait(askId: string): Promise<Answer> {
    return new Promise((resolve, reject) => this.#waiters.set(askId, { resolve, reject }));
  }

  /** Hands the decision to the agent. False when no process waits for it any more. */
  decide(askId: string, answer: Answer): boolean {
    const waiter = this.#waiters.get(askId);
    this.#waiters.delete(askId);
    waiter?.resolve(answer);
    return waiter !== undefined;
  }

  drop(askId: string): void {
    this.#waiters.get(askId)?.reject(new Error('nobody waits for this ask any more'));
    this.#waiters.delete(askId);
  }

  /** The process is gone: nobody waits. The asks themselves stay open. */
  dropAll(): void {
    for (const askId of [...this.#waiters.keys()]) this.drop(askId);
  }
}
