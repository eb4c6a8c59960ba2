import { type Clock, systemClock } from '../clock.ts';
import {
  type Claim,
  DEFAULT_LEASE_SECONDS,
  DEFAULT_TTL_SECONDS,
  type DedupeOptions,
  type DedupeStore,
} from './dedupe-store.ts';

/**
 * The part of a Redis client this library uses. `redis` (node-redis) fits as it is; with ioredis:
 * `{ sendCommand: ([command, ...rest]) => redis.call(command, ...rest) }`.
 */
export interface RedisClient {
  sendCommand(args: string[]): Promise<unknown>;
}

/** Where and how long ids are remembered in Redis. */
export interface RedisDedupeOptions extends DedupeOptions {
  client: RedisClient;
  /** Default `sms:dedupe:`. */
  prefix?: string;
  clock?: Clock;
}

const SEEN = '1';
const IN_HAND = 'in hand';

/** Marks in Redis, shared by all processes that use it: `SET sms:dedupe:<id> 1 NX EX 3600`, one atomic command an id. */
export class RedisDedupeStore implements DedupeStore {
  readonly #client: RedisClient;
  readonly #prefix: string;
  readonly #ttlSeconds: number;
  readonly #leaseSeconds: number;
  readonly #clock: Clock;

  constructor(options: RedisDedupeOptions) {
    this.#client = options.client;
    this.#prefix = options.prefix ?? 'sms:dedupe:';
    this.#ttlSeconds = options.ttlSeconds ?? DEFAULT_TTL_SECONDS;
    this.#leaseSeconds = options.leaseSeconds ?? DEFAULT_LEASE_SECONDS;
    this.#clock = options.clock ?? systemClock;
  }

  async markMany(ids: readonly string[]): Promise<boolean[]> {
    const marked = new Set<string>();
    const mark = async (id: string): Promise<void> => {
      if (await this.#setNew(id, SEEN, this.#ttlSeconds)) marked.add(id);
    };
    await Promise.all(Array.from(new Set(ids), mark));
    return ids.map((id) => marked.delete(id));
  }

  async unmark(id: string): Promise<void> {
    await this.#client.sendCommand(['DEL', this.#prefix + id]);
  }

  async claim(id: string): Promise<Claim | 'busy' | 'done'> {
    const claimedAt = this.#clock.now();
    if (!(await this.#setNew(id, IN_HAND, this.#leaseSeconds))) {
      const value = await this.#client.sendCommand(['GET', this.#prefix + id]);
      return value === SEEN ? 'done' : 'busy';
    }
    return {
      complete: async () => {
        await this.#client.sendCommand(['SET', this.#prefix + id, SEEN, 'EX', String(this.#ttlSeconds)]);
      },
      release: async () => {
        // After the lease the key may be another's claim. Half of it is room for clocks that run apart and a slow network.
        const stillOurs = this.#clock.now() - claimedAt < (this.#leaseSeconds * 1_000) / 2;
        if (stillOurs) await this.#client.sendCommand(['DEL', this.#prefix + id]);
      },
    };
  }

  async #setNew(id: string, value: string, seconds: number): Promise<boolean> {
    const answer = await this.#client.sendCommand(['SET', this.#prefix + id, value, 'NX', 'EX', String(seconds)]);
    return answer === 'OK';
  }
}
