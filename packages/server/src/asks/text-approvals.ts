/** A phone in the wrong hands, or a machine that answers, may allow so much and no more. */

export const TEXT_APPROVAL_LIMIT = 20;
export const TEXT_APPROVAL_WINDOW_MS = 3_600_000;

/**
 * Until when this person may allow nothing more by text (milliseconds since the epoch), or null. Denying stays possible.
 *
 * @param allowedAt when this person allowed by text within the window, in any order.
 */
export function approvalsRestUntil(allowedAt: readonly number[], now: number): number | null {
  const recent = allowedAt.filter((at) => at > now - TEXT_APPROVAL_WINDOW_MS).sort((a, b) => b - a);
  const first = recent[TEXT_APPROVAL_LIMIT - 1];
  return first === undefined ? null : first + TEXT_APPROVAL_WINDOW_MS;
}
