/**
 * What is sent on the channel `log` after each commit: the sessions that have something new, so that only their readers look.
 * PostgreSQL refuses 8,000 bytes or more; a longer list is sent as "any".
 */
export const LOG_CHANNEL = 'log';

const ANY = '*';
const MAX_SESSIONS = Math.floor(7_990 / 37);

export function noticeOf(sessionIds: readonly string[]): string {
  return sessionIds.length > MAX_SESSIONS ? ANY : sessionIds.join(' ');
}

/** `undefined` means: any session may have something new. */
export function sessionsOf(notice: string): string[] | undefined {
  return notice === ANY || notice === '' ? undefined : notice.split(' ');
}
