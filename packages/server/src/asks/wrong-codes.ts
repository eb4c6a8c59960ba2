/** Guessing a code by text must not pay: five wrong ones within an hour lock approvals by text for that phone. */

export const WRONG_CODE_LIMIT = 5;
export const WRONG_CODE_WINDOW_MS = 3_600_000;

/**
 * Until when this phone may not approve by text (milliseconds since the epoch), or null. The lock lasts an hour from the
 * wrong code that completed it; more of them make it longer. Denying and asking stay possible.
 *
 * @param wrongAt when this phone sent wrong codes, in any order.
 */
export function lockedUntil(wrongAt: readonly number[], now: number): number | null {
  const times = [...wrongAt].sort((a, b) => a - b);
  const ends = times
    .filter(
      (time, index) => time - (times[index - WRONG_CODE_LIMIT + 1] ?? Number.NEGATIVE_INFINITY) < WRONG_CODE_WINDOW_MS,
    )
    .map((time) => time + WRONG_CODE_WINDOW_MS);
  const end = Math.max(...ends, Number.NEGATIVE_INFINITY);
  return end > now ? end : null;
}
