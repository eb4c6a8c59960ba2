export interface GatewayClock {
  /** Resolves after `ms` milliseconds; rejects with the reason of the signal as soon as it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The system's timers. The promise version of them makes an error with a stack trace for every abort. */
export const systemClock: GatewayClock = {
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return void reject(signal.reason);
      const stop = (): void => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      }, ms);
      signal.addEventListener('abort', stop, { once: true });
    }),
};
