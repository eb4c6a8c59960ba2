/** Ends monitored sessions that nobody has heard of for a day, now and then. */
import type { Context } from '../operations/context.ts';
import { endExpired } from '../operations/monitor/end-expired.ts';

/** Requests about an expired session are refused by the time alone, so its end in the log may come a little later. */
const EVERY_MS = 60_000;

/** Sweeps once at the start. The result stops it and waits for a sweep in progress. */
export function startExpirySweep(context: Context): () => Promise<void> {
  let stopped = false;
  let cancel = (): void => undefined;
  let running: Promise<void> = Promise.resolve();
  const sweep = async (): Promise<void> => {
    await endExpired(context).catch((error: unknown) =>
      context.logger.error({ err: error }, 'expired sessions could not be ended; it is tried again'),
    );
    if (stopped) return;
    cancel = context.clock.after(EVERY_MS, () => {
      running = sweep();
    });
  };
  running = sweep();
  return async () => {
    stopped = true;
    cancel();
    await running;
  };
}
