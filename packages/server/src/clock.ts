/** Time as the server sees it. Passed in everywhere, so that tests can stop it and move it. */
export interface Clock {
  now(): Date;
  /** Calls back once after `ms`. The result cancels. Never keeps the process alive. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => new Date(),
  after(ms, callback) {
    // setTimeout fires at once for delays beyond 2^31-1 ms; a day is far enough for anything that re-arms itself.
    const timer = setTimeout(callback, Math.min(Math.max(ms, 0), 86_400_000));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
