/** Texts to one person that are due close together become one text. */
import { FOLD_WINDOW_MS, type Notice } from './ladder.ts';

export interface DueText {
  personId: string;
  notice: Notice;
}

export interface FoldedNotice {
  personId: string;
  /** When the one text goes out. */
  at: number;
  /** The main agents' asks first, then by time. */
  askIds: string[];
}

/**
 * Groups by person, each group within 20 s of its first notice. A lone notice keeps its own time; a group goes out with its
 * last one, but never after the latest moment of any of them nor before the first is due.
 */
export function fold(due: readonly DueText[]): FoldedNotice[] {
  const people = Map.groupBy(due, ({ personId }) => personId);
  return [...people].flatMap(([personId, texts]) => groups(texts).map((group) => folded(personId, group)));
}

function groups(texts: readonly DueText[]): Notice[][] {
  const sorted = texts.map(({ notice }) => notice).sort((a, b) => a.at - b.at);
  const result: Notice[][] = [];
  for (const notice of sorted) {
    const group = result.at(-1);
    const first = group?.[0];
    if (group !== undefined && first !== undefined && notice.at - first.at <= FOLD_WINDOW_MS) group.push(notice);
    else result.push([notice]);
  }
  return result;
}

function folded(personId: string, group: readonly Notice[]): FoldedNotice {
  const first = Math.min(...group.map(({ at }) => at));
  const last = Math.max(...group.map(({ at }) => at));
  const latest = Math.min(...group.map((notice) => notice.latest));
  const ordered = [...group].sort((a, b) => Number(a.isSubAgent) - Number(b.isSubAgent) || a.at - b.at);
  return {
    personId,
    at: Math.max(first, Math.min(last, latest)),
    askIds: [...new Set(ordered.map(({ askId }) => askId))],
  };
}
