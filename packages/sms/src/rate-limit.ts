import { type Clock, systemClock } from './clock.ts';
import type { InboundMessage, OutboundMessage } from './message.ts';
import { type Middleware, type ProcessingContext, ProcessingStatus } from './middleware.ts';

const WINDOW_MS = 60_000;

/** How many texts a sender may send. */
export interface SmsRateLimitOptions {
  /** Texts one sender may send in a minute. Default 10. */
  maxPerMinute?: number;
  clock?: Clock;
}

/** Rejects the texts of a sender above a number per minute. A rejected text does not count. Replies are not limited. */
export class SmsRateLimitMiddleware implements Middleware {
  readonly #maxPerMinute: number;
  readonly #clock: Clock;
  /** Times of the accepted texts of the last minute, by sender; senders whose minute is over are dropped. */
  readonly #accepted = new Map<string, number[]>();
  #sweptAt = 0;

  constructor({ maxPerMinute = 10, clock = systemClock }: SmsRateLimitOptions = {}) {
    this.#maxPerMinute = maxPerMinute;
    this.#clock = clock;
  }

  async processInbound(message: InboundMessage, context: ProcessingContext): Promise<ProcessingContext> {
    const now = this.#clock.now();
    this.#sweep(now);
    const recent = (this.#accepted.get(message.userKey) ?? []).filter((at) => at > now - WINDOW_MS);
    if (recent.length >= this.#maxPerMinute) {
      context.status = ProcessingStatus.REJECT;
      context.error = `Rate limit exceeded: ${this.#maxPerMinute}/min`;
      return context;
    }
    this.#accepted.set(message.userKey, [...recent, now]);
    return context;
  }

  async processOutbound(_message: OutboundMessage, context: ProcessingContext): Promise<ProcessingContext> {
    return context;
  }

  #sweep(now: number): void {
    if (now - this.#sweptAt < WINDOW_MS) return;
    this.#sweptAt = now;
    for (const [userKey, times] of this.#accepted) {
      if (times.every((at) => at <= now - WINDOW_MS)) this.#accepted.delete(userKey);
    }
  }
}
