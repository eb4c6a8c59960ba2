/** Sign-in links and the browser sessions they open. Secrets are known here by their SHA-256 only. */
import type { Queryable } from './database.ts';

export interface BrowserSession {
  id: string;
  personId: string;
  role: 'owner' | 'user';
  /** Masked; null while the person has none. */
  phone: string | null;
  strength: 'proven' | 'claimed';
  deviceId: string | null;
  /** Whether its person decides asks with it: by the scopes of the device, and always where the owner's link opened it. */
  mayAnswer: boolean;
  label: string;
  createdAt: string;
  lastUsedAt: string;
  expiresAt: string;
}

const COLUMNS = `b.id, b.person_id as "personId", p.role, p.phone_masked as phone, b.strength, b.device_id as "deviceId", b.label,
  b.strength = 'proven' or exists (
    select 1 from access_tokens t where t.device_id = b.device_id and 'answer' = any (t.scopes)) as "mayAnswer",
  b.created_at as "createdAt", b.last_used_at as "lastUsedAt", b.expires_at as "expiresAt"`;
/** What was opened with a token ends with the device that the token is of. */
const LIVE = `from browser_sessions b join people p on p.id = b.person_id left join paired_devices d on d.id = b.device_id
  where b.ended_at is null and d.ended_at is null and b.expires_at > $2 and b.last_used_at > $3`;

export interface Ticket {
  hash: string;
  personId: string;
  expiresAt: string;
}

/** Links nobody used go with the next one that is made. */
export async function insertTicket(tx: Queryable, ticket: Ticket, now: string): Promise<void> {
  await tx.query(`delete from sign_in_tickets where expires_at <= $1`, [now]);
  await tx.query(`insert into sign_in_tickets (hash, person_id, expires_at) values ($1, $2, $3)`, [
    ticket.hash,
    ticket.personId,
    ticket.expiresAt,
  ]);
}

/** The person a link was made for; it is gone afterwards: of two that use it at once, one gets nothing. */
export async function takeTicket(tx: Queryable, hash: string, now: string): Promise<string | null> {
  const { rows } = await tx.query<{ personId: string; expiresAt: string }>(
    `delete from sign_in_tickets where hash = $1 returning person_id as "personId", expires_at as "expiresAt"`,
    [hash],
  );
  const [ticket] = rows;
  return ticket !== undefined && ticket.expiresAt > now ? ticket.personId : null;
}

export type NewBrowserSession = Omit<BrowserSession, 'role' | 'phone' | 'mayAnswer' | 'lastUsedAt'> & {
  secretHash: string;
};

/** Those that are past their end go with the next one that is opened. */
export async function insertBrowserSession(tx: Queryable, session: NewBrowserSession): Promise<void> {
  await tx.query(`delete from browser_sessions where expires_at <= $1`, [session.createdAt]);
  await tx.query(
    `insert into browser_sessions (id, secret_hash, person_id, strength, device_id, label, created_at, last_used_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $7, $8)`,
    [
      session.id,
      session.secretHash,
      session.personId,
      session.strength,
      session.deviceId,
      session.label,
      session.createdAt,
      session.expiresAt,
    ],
  );
}

/** Null when it is unknown, ended, past its end, or was not used since `idleSince`. */
export async function findLiveBrowserSession(
  db: Queryable,
  secretHash: string,
  { now, idleSince }: { now: string; idleSince: string },
): Promise<BrowserSession | null> {
  const { rows } = await db.query<BrowserSession>(`select ${COLUMNS} ${LIVE} and b.secret_hash = $1`, [
    secretHash,
    now,
    idleSince,
  ]);
  return rows[0] ?? null;
}

export async function touchBrowserSession(db: Queryable, id: string, now: string): Promise<void> {
  await db.query(`update browser_sessions set last_used_at = greatest(last_used_at, $2) where id = $1`, [id, now]);
}

/** Those that still open something, the last used first. */
export async function listBrowserSessions(
  db: Queryable,
  personId: string,
  { now, idleSince }: { now: string; idleSince: string },
): Promise<BrowserSession[]> {
  const { rows } = await db.query<BrowserSession>(
    `select ${COLUMNS} ${LIVE} and b.person_id = $1 order by b.last_used_at desc, b.id`,
    [personId, now, idleSince],
  );
  return rows;
}

/** True when it was this person's and still open. */
export async function endBrowserSession(
  db: Queryable,
  { id, personId, now }: { id: string; personId: string; now: string },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update browser_sessions set ended_at = $3 where id = $1 and person_id = $2 and ended_at is null returning id`,
    [id, personId, now],
  );
  return rowCount === 1;
}
