import { setTimeout as delay } from 'node:timers/promises';

export interface GatewayClock {
  /** Resolves after `ms` milliseconds; rejects as soon as the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: GatewayClock = {
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
};
