/** Limits over a time that slides: at most `max` hits in any stretch of `windowMs`. Pure. */

export interface Limit {
  max: number;
  windowMs: number;
}

export interface Verdict {
  /** Without what is too old to matter; hits that lie ahead of now are put to now. */
  hits: number[];
  /** 0: there is room. Otherwise the time until there is. */
  waitMs: number;
}

/**
 * Hits ahead of now were made before the clock was set back. Left as they are they would lock somebody out for as long as the clock
 * was wrong; dropped, they would open the limit. Put to now, they count as if they were just made.
 */
export function judge(past: readonly number[], now: number, limits: readonly Limit[]): Verdict {
  const longest = Math.max(...limits.map(({ windowMs }) => windowMs));
  const hits = past.map((hit) => Math.min(hit, now)).filter((hit) => hit > now - longest);
  const waits = limits.map(({ max, windowMs }) => {
    const oldest = max === 0 ? now : hits[hits.length - max];
    return oldest === undefined ? 0 : oldest + windowMs - now;
  });
  return { hits, waitMs: Math.max(0, ...waits) };
}

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
