/** What was done lately under each limit. Locked while it is judged, so that requests at the same moment do not pass together. */
import type { Queryable } from './database.ts';

/** Moments in ms since 1970, ascending. */
export type Hits = readonly number[];

/** Locks the rows until the transaction ends. All callers lock in the order of the keys, so they cannot wait for one another. */
export async function lockWindows(
  tx: Queryable,
  keys: readonly string[],
  now: string,
): Promise<ReadonlyMap<string, Hits>> {
  const sorted = keys.toSorted();
  await tx.query(
    `insert into sign_in_windows (key, forget_at) select key, $2 from unnest($1::text[]) as key on conflict do nothing`,
    [sorted, now],
  );
  const { rows } = await tx.query<{ key: string; hits: number[] }>(
    `select key, hits from sign_in_windows where key = any($1::text[]) order by key for update`,
    [sorted],
  );
  return new Map(rows.map(({ key, hits }) => [key, hits]));
}

/** Without a lock: enough to refuse, not to let through. */
export async function readWindows(db: Queryable, keys: readonly string[]): Promise<ReadonlyMap<string, Hits>> {
  const { rows } = await db.query<{ key: string; hits: number[] }>(
    `select key, hits from sign_in_windows where key = any($1::text[])`,
    [keys],
  );
  return new Map(rows.map(({ key, hits }) => [key, hits]));
}

export interface ChangedWindow {
  key: string;
  hits: Hits;
  forgetAt: string;
}

export async function saveWindows(tx: Queryable, changed: readonly ChangedWindow[]): Promise<void> {
  await tx.query(
    `update sign_in_windows w set hits = c.hits, forget_at = c."forgetAt"
       from jsonb_to_recordset($1::jsonb) as c (key text, hits jsonb, "forgetAt" timestamptz) where w.key = c.key`,
    [JSON.stringify(changed)],
  );
}
