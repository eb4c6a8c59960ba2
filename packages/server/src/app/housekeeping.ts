/** What has to be thrown away now and then. */
import type { Clock } from '../clock.ts';
import type { Store } from '../store/open.ts';
import type { Logger } from '../telemetry/logger.ts';

const EVERY_MS = 3_600_000;
/** A sender that repeats a request later than this is making a new one. */
const KEYS_LIVE_MS = 7 * 86_400_000;

/** Runs until the result is called. */
export function startHousekeeping({
  store,
  clock,
  logger,
}: {
  store: Store;
  clock: Clock;
  logger: Logger;
}): () => void {
  let cancel = (): void => undefined;
  const arm = (): void => {
    cancel = clock.after(EVERY_MS, () => {
      store.idempotency
        .deleteOlderThan(store.db, KEYS_LIVE_MS)
        .catch((error: unknown) => logger.warn({ err: error }, 'old idempotency keys could not be forgotten'));
      arm();
    });
  };
  arm();
  return () => cancel();
}
