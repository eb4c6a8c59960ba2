/** What a channel keeps besides its texts: secrets that change at run time, and who wrote to it that nobody knows. */
import type { Queryable } from './database.ts';
import type { Seal } from './seal.ts';

/** Undefined: the channel has no settings yet. */
export async function readChannelSettings<T>(db: Queryable, seal: Seal, id: string): Promise<T | undefined> {
  const { rows } = await db.query<{ sealed: string }>(`select config_sealed as sealed from channels where id = $1`, [
    id,
  ]);
  const [row] = rows;
  return row && (JSON.parse(seal.open(row.sealed)) as T);
}

export async function writeChannelSettings(
  db: Queryable,
  seal: Seal,
  { id, settings, now }: { id: string; settings: unknown; now: string },
): Promise<void> {
  await db.query(
    `insert into channels (id, config_sealed, updated_at) values ($1, $2, $3)
     on conflict (id) do update set config_sealed = excluded.config_sealed, updated_at = excluded.updated_at`,
    [id, seal.seal(JSON.stringify(settings)), now],
  );
}

/** Of two servers that start at once, one makes the settings. */
export async function addChannelSettings(
  db: Queryable,
  seal: Seal,
  { id, settings, now }: { id: string; settings: unknown; now: string },
): Promise<void> {
  await db.query(
    `insert into channels (id, config_sealed, updated_at) values ($1, $2, $3) on conflict (id) do nothing`,
    [id, seal.seal(JSON.stringify(settings)), now],
  );
}

export interface UnknownSender {
  /** Masked. */
  phone: string;
  texts: number;
  lastAt: string;
}

export async function countUnknownSender(db: Queryable, phoneMasked: string, now: string): Promise<void> {
  await db.query(
    `insert into unknown_senders as u (phone_masked, texts, last_at) values ($1, 1, $2)
     on conflict (phone_masked) do update set texts = u.texts + 1, last_at = excluded.last_at`,
    [phoneMasked, now],
  );
}

/** The latest first. */
export async function listUnknownSenders(db: Queryable, limit: number): Promise<UnknownSender[]> {
  const { rows } = await db.query<UnknownSender>(
    `select phone_masked as phone, texts::int as texts, last_at as "lastAt" from unknown_senders order by last_at desc limit $1`,
    [limit],
  );
  return rows;
}

export interface FailedTexts {
  reason: string;
  count: number;
  lastAt: string;
}

/** Why texts did not arrive since a moment, the latest first. */
export async function failedTextsSince(db: Queryable, since: string): Promise<FailedTexts[]> {
  const { rows } = await db.query<FailedTexts>(
    `select coalesce(reason, '') as reason, count(*)::int as count, max(updated_at) as "lastAt" from deliveries
      where channel = 'sms' and state = 'failed' and updated_at > $1 group by 1 order by 3 desc limit 10`,
    [since],
  );
  return rows;
}

/** When a text last came in from somebody known, and when one last went out. */
export async function lastTexts(db: Queryable): Promise<{ receivedAt: string | null; sentAt: string | null }> {
  const { rows } = await db.query<{ receivedAt: string | null; sentAt: string | null }>(
    `select (select max(received_at) from inbound_texts where provider <> 'simulated') as "receivedAt",
       (select max(handed_at) from deliveries where channel = 'sms' and state in ('sent', 'delivered')) as "sentAt"`,
  );
  return rows[0] ?? { receivedAt: null, sentAt: null };
}
