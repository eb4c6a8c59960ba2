/** Texts that came in and were confirmed, until they are acted on. One statement each: the carrier is not kept waiting. */
import type { Queryable } from './database.ts';
import type { Seal } from './seal.ts';

export interface KeptText {
  carrierId: string;
  content: string;
}

/** Returns the ids of those that were not here yet. */
export async function keepTexts(db: Queryable, seal: Seal, texts: readonly KeptText[]): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>(
    `insert into inbox (carrier_id, sealed) select * from unnest($1::text[], $2::text[])
     on conflict (carrier_id) do nothing returning carrier_id as id`,
    [texts.map(({ carrierId }) => carrierId), texts.map(({ content }) => seal.seal(content))],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Oldest first. */
export async function keptTexts(db: Queryable, seal: Seal): Promise<string[]> {
  const { rows } = await db.query<{ sealed: string }>(`select sealed from inbox order by position limit 1000`);
  return rows.map(({ sealed }) => seal.open(sealed));
}

export async function dropText(db: Queryable, carrierId: string): Promise<void> {
  await db.query(`delete from inbox where carrier_id = $1`, [carrierId]);
}
