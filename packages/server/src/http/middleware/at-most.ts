/** Bounds how much of one kind of work is in progress. Refused at once is better than waiting for a database that cannot follow. */
import { CompanionError } from '@claude-companion/protocol';

/** Work beyond `limit` at once is refused with RATE_LIMIT; nothing of it was done. */
export function atMost(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  return async (work) => {
    if (running >= limit) throw new CompanionError('RATE_LIMIT', `More than ${limit} of these are in progress.`);
    running++;
    try {
      return await work();
    } finally {
      running--;
    }
  };
}
