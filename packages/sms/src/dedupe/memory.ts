import { type Clock, systemClock } from '../clock.ts';
import {
  type Claim,
  DEFAULT_LEASE_SECONDS,
  DEFAULT_TTL_SECONDS,
  type DedupeOptions,
  type DedupeStore,
} from './dedupe-store.ts';

/** How long and how many ids are remembered. */
export interface MemoryDedupeOptions extends DedupeOptions {
  /** Ids kept; the oldest go first. Default 100,000. */
  limit?: number;
  clock?: Clock;
}

interface Mark {
  done: boolean;
  expiresAt: number;
}

/** Marks in the memory of one process: enough for one process, and lost with it. */
export class MemoryDedupeStore implements DedupeStore {
  readonly #marks = new Map<string, Mark>();
  readonly #ttl: number;
  readonly #lease: number;
  readonly #limit: number;
  readonly #clock: Clock;

  constructor(options: MemoryDedupeOptions = {}) {
    this.#ttl = (options.ttlSeconds ?? DEFAULT_TTL_SECONDS) * 1_000;
    this.#lease = (options.leaseSeconds ?? DEFAULT_LEASE_SECONDS) * 1_000;
    this.#limit = options.limit ?? 100_000;
    this.#clock = options.clock ?? systemClock;
  }

  async markMany(ids: readonly string[]): Promise<boolean[]> {
    return ids.map((id) => {
      if (this.#current(id)) return false;
      this.#put(id, { done: true, expiresAt: this.#clock.now() + this.#ttl });
      return true;
    });
  }

  async unmark(id: string): Promise<void> {
    this.#marks.delete(id);
  }

  async claim(id: string): Promise<Claim | 'busy' | 'done'> {
    const current = this.#current(id);
    if (current) return current.done ? 'done' : 'busy';
    const mark: Mark = { done: false, expiresAt: this.#clock.now() + this.#lease };
    this.#put(id, mark);
    return {
      complete: async () => this.#put(id, { done: true, expiresAt: this.#clock.now() + this.#ttl }),
      release: async () => {
        if (this.#marks.get(id) === mark) this.#marks.delete(id);
      },
    };
  }

  #current(id: string): Mark | undefined {
    const mark = this.#marks.get(id);
    return mark && mark.expiresAt > this.#clock.now() ? mark : undefined;
  }

  #put(id: string, mark: Mark): void {
    this.#marks.delete(id);
    this.#marks.set(id, mark);
    const oldest = this.#marks.keys().next();
    if (this.#marks.size > this.#limit && !oldest.done) this.#marks.delete(oldest.value);
  }
}
