import type { DedupeStore } from './dedupe-store.ts';

/** A batch of message ids, split. */
export interface BatchDedupeResult {
  /** Ids nobody had seen, in the order given; they are marked now. */
  newSids: string[];
  /** Ids seen before, or earlier in the same batch, in the order given. */
  duplicates: string[];
}

/** Checks many message ids at once and marks the new ones as seen. */
export async function batchDedupeCheck(
  adapter: { readonly dedupe: DedupeStore },
  messageSids: readonly string[],
): Promise<BatchDedupeResult> {
  const isNew = await adapter.dedupe.markMany(messageSids);
  return {
    newSids: messageSids.filter((_, at) => isNew[at]),
    duplicates: messageSids.filter((_, at) => !isNew[at]),
  };
}
