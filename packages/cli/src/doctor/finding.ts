/** What the doctor says of one thing. */

/** `note`: nothing is broken, but it is good to know. */
export type Status = 'ok' | 'note' | 'problem';

export interface Finding {
  /** Stable, for programs. */
  id: string;
  status: Status;
  /** One sentence: how it is. */
  says: string;
  /** What to do, when something is to be done. */
  next?: string;
  /** Because of it a text would not reach the owner, or no answer would come back. */
  stopsTexts?: boolean;
}

export const ok = (id: string, says: string): Finding => ({ id, status: 'ok', says });
export const note = (id: string, says: string, next?: string): Finding => ({
  id,
  status: 'note',
  says,
  ...(next !== undefined && { next }),
});
export const problem = (id: string, says: string, next: string): Finding => ({ id, status: 'problem', says, next });
/** A problem for which no text arrives, or no answer comes back. */
export const noText = (id: string, says: string, next: string): Finding => ({
  ...problem(id, says, next),
  stopsTexts: true,
});
