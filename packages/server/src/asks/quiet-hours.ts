/** The hours in which no text goes out, in the owner's own time zone. */

export interface QuietHours {
  /** `HH:MM`, 24 hours. The window begins at `from` and ends before `to`; it may cross midnight. Equal: no window. */
  from: string;
  to: string;
  /** An IANA name such as `Europe/Berlin`. */
  timeZone: string;
}

const MINUTE = 60_000;
const DAY_MINUTES = 1_440;
/** Minutes; no zone changes its clock by more at once. */
const MAX_CLOCK_CHANGE = 120;

/** Checked where settings come in: the rules below throw for a name that is none. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * The first moment at or after `at` (milliseconds since the epoch) that is not quiet. When a clock change skips or repeats an
 * hour, the clock on the wall counts.
 */
export function afterQuietHours(at: number, quiet: QuietHours | null): number {
  if (quiet === null) return at;
  const from = minuteOfDay(quiet.from);
  const to = minuteOfDay(quiet.to);
  if (from === to) return at;
  let moment = at;
  // Once for the window, again where a clock change made the first step land before its end.
  for (let step = 0; step < 3; step += 1) {
    const minute = wallMinute(moment, quiet.timeZone);
    if (!isWithin(minute, from, to)) return moment;
    const wait = (to - minute + DAY_MINUTES) % DAY_MINUTES;
    moment = (Math.floor(moment / MINUTE) + wait) * MINUTE;
    // Where an hour was skipped the step went past the end by what was skipped.
    const past = (wallMinute(moment, quiet.timeZone) - to + DAY_MINUTES) % DAY_MINUTES;
    if (past <= MAX_CLOCK_CHANGE) moment -= past * MINUTE;
  }
  return moment;
}

function isWithin(minute: number, from: number, to: number): boolean {
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

function minuteOfDay(clock: string): number {
  const [hours, minutes] = clock.split(':').map(Number);
  return ((hours ?? 0) * 60 + (minutes ?? 0)) % DAY_MINUTES;
}

function wallMinute(at: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return minuteOfDay(format.format(at));
}
