/** Who waits for news of the log. A wake-up that nobody waits for yet is kept (once): it is not lost, nor does it pile up. */
import type { Clock } from '../clock.ts';

export interface Wakeup {
  /** Forgets wake-ups so far. Called before a read, which will see what they announced. */
  reset(): void;
  /** Resolves at a wake-up since `reset`, at the next poll, or when it ended. */
  wait(): Promise<void>;
  /** The signal aborted or the source closed. */
  readonly ended: boolean;
  unsubscribe(): void;
}

class Subscription implements Wakeup {
  ended = false;
  #woken = false;
  #resolve: (() => void) | undefined;
  readonly #leave: (subscription: Subscription) => void;

  constructor(leave: (subscription: Subscription) => void) {
    this.#leave = leave;
  }

  reset(): void {
    this.#woken = false;
  }

  async wait(): Promise<void> {
    if (this.#woken || this.ended) return;
    await new Promise<void>((resolve) => {
      this.#resolve = resolve;
    });
  }

  wake(): void {
    this.#woken = true;
    this.#resolve?.();
    this.#resolve = undefined;
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  unsubscribe(): void {
    this.#leave(this);
  }
}

export class Wakeups {
  readonly #clock: Clock;
  readonly #pollMs: number;
  /** The key `undefined` holds those who follow everything. */
  readonly #bySession = new Map<string | undefined, Set<Subscription>>();
  #cancelPoll: (() => void) | undefined;
  #closed = false;

  constructor(options: { clock: Clock; pollMs: number }) {
    this.#clock = options.clock;
    this.#pollMs = options.pollMs;
  }

  subscribe(sessionId: string | undefined, signal: AbortSignal): Wakeup {
    const group = this.#bySession.get(sessionId) ?? new Set();
    this.#bySession.set(sessionId, group);
    const onAbort = () => subscription.end();
    const subscription = new Subscription((left) => {
      signal.removeEventListener('abort', onAbort);
      group.delete(left);
      if (group.size === 0 && this.#bySession.get(sessionId) === group) this.#bySession.delete(sessionId);
      if (this.#bySession.size === 0) this.#stopPolling();
    });
    group.add(subscription);
    if (signal.aborted || this.#closed) subscription.end();
    else signal.addEventListener('abort', onAbort, { once: true });
    if (!this.#closed) this.#cancelPoll ??= this.#poll();
    return subscription;
  }

  /** `undefined`: something is new somewhere. */
  wake(sessionIds: readonly string[] | undefined): void {
    if (sessionIds === undefined) {
      for (const group of this.#bySession.values()) wakeAll(group);
      return;
    }
    wakeAll(this.#bySession.get(undefined));
    for (const sessionId of sessionIds) wakeAll(this.#bySession.get(sessionId));
  }

  close(): void {
    this.#closed = true;
    this.#stopPolling();
    for (const group of this.#bySession.values()) {
      for (const subscription of group) subscription.end();
    }
  }

  #poll(): () => void {
    return this.#clock.after(this.#pollMs, () => {
      this.#cancelPoll = this.#bySession.size > 0 && !this.#closed ? this.#poll() : undefined;
      this.wake(undefined);
    });
  }

  #stopPolling(): void {
    this.#cancelPoll?.();
    this.#cancelPoll = undefined;
  }
}

function wakeAll(group: Iterable<Subscription> | undefined): void {
  for (const subscription of group ?? []) subscription.wake();
}
