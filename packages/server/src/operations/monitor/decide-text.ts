/** Whether a text goes out about an event, and when. */
import type { NoTextReason } from '@claude-companion/protocol';
import { afterQuietHours, type QuietHours } from '../../asks/quiet-hours.ts';
import { nextTextAt } from '../../sessions/monitored.ts';

export interface TextQuestion {
  now: number;
  canText: boolean;
  person: { phone: string | null; optedOutAt: string | null; pausedUntil: string | null };
  quietHours: QuietHours | null;
  /** Until then the session has had its text of this type; null when it has not. */
  noTextBefore: number | null;
}

export type TextDecision =
  /** `reason`: why it does not go out at once; null when it does. */
  | { dueAt: number; nextAllowedAt: number; reason: NoTextReason | null }
  | { dueAt: null; nextAllowedAt: number | null; reason: NoTextReason };

/** A pause and quiet hours put a text off, they do not swallow it; the limit then counts from when it goes out. */
export function decideText({ now, canText, person, quietHours, noTextBefore }: TextQuestion): TextDecision {
  const none = (reason: NoTextReason): TextDecision => ({ dueAt: null, nextAllowedAt: null, reason });
  if (!canText) return none('no_carrier');
  if (person.phone === null) return none('no_phone');
  if (person.optedOutAt !== null) return none('opted_out');
  if (noTextBefore !== null && now < noTextBefore) {
    return { dueAt: null, nextAllowedAt: noTextBefore, reason: 'rate_limited' };
  }
  const pausedUntil = Math.max(now, person.pausedUntil === null ? now : Date.parse(person.pausedUntil));
  const dueAt = afterQuietHours(pausedUntil, quietHours);
  const reason = dueAt > pausedUntil ? 'quiet_hours' : pausedUntil > now ? 'paused' : null;
  return { dueAt, nextAllowedAt: nextTextAt(dueAt), reason };
}
