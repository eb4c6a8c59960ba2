/** The time of day. Passed in wherever time decides something, so that a test can move it. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

/** Waits; passed in wherever something waits between attempts. */
export type Sleep = (milliseconds: number) => Promise<void>;

export const systemClock: Clock = { now: () => Date.now() };

export const systemSleep: Sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
