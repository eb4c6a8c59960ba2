/**
 * How long a text waits for others to the same person, so that a burst of asks becomes one text.
 *
 * A person who is away is told a few seconds later at most once; a person who is answering must never wait. So a text waits only
 * where another one is likely: while other sessions of the person run, or shortly after a text that nobody has answered.
 */
import { FOLD_WINDOW_MS, type Notice } from './ladder.ts';

/** Calls that an agent makes side by side ask one right after the other. */
export const SETTLE_MS = 1_000;

export interface FoldRequest {
  notice: Pick<Notice, 'at' | 'latest'>;
  /** Another session of the person is running and may ask at any moment. */
  othersRun: boolean;
  /** When the last text about an ask that is still open went to this person; null: there is none. */
  lastTextAt: number | null;
  /** How long a burst may last. 0: nothing waits for company. Default 20 s. */
  windowMs?: number;
}

export interface Hold {
  /** The ladder's moment: from then on the text joins any other that goes out. */
  wantedAt: number;
  /** From then on it goes out as soon as no session of the person runs. */
  releaseAt: number;
  /** It goes out now at the latest. */
  dueAt: number;
}

/** Never past the notice's latest useful moment, never before its own. */
export function holdForCompany({ notice, othersRun, lastTextAt, windowMs = FOLD_WINDOW_MS }: FoldRequest): Hold {
  const bounded = (moment: number): number => Math.max(notice.at, Math.min(moment, notice.latest));
  const afterBurst = lastTextAt === null ? 0 : lastTextAt + windowMs;
  const releaseAt = bounded(Math.max(notice.at + Math.min(SETTLE_MS, windowMs), afterBurst));
  const dueAt = othersRun ? bounded(Math.max(notice.at + windowMs, releaseAt)) : releaseAt;
  return { wantedAt: notice.at, releaseAt, dueAt };
}
