/** Passkeys, and the challenges they are asked to sign. */
import type { Queryable } from './database.ts';

export interface Passkey {
  /** The credential id, base64url. */
  id: string;
  personId: string;
  /** COSE, base64url. */
  publicKey: string;
  /** The highest the authenticator has reported; 0 for those that do not count. */
  counter: number;
  transports: string[];
  name: string;
  createdAt: string;
  lastUsedAt: string | null;
}

const COLUMNS = `id, person_id as "personId", public_key as "publicKey", counter, transports, name,
  created_at as "createdAt", last_used_at as "lastUsedAt"`;

/** False when the credential is known already, for whomever. */
export async function insertPasskey(tx: Queryable, passkey: Omit<Passkey, 'lastUsedAt'>): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into passkeys (id, person_id, public_key, counter, transports, name, created_at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing returning id`,
    [
      passkey.id,
      passkey.personId,
      passkey.publicKey,
      passkey.counter,
      JSON.stringify(passkey.transports),
      passkey.name,
      passkey.createdAt,
    ],
  );
  return rowCount === 1;
}

export async function listPasskeys(db: Queryable, personId: string): Promise<Passkey[]> {
  const { rows } = await db.query<Passkey>(
    `select ${COLUMNS} from passkeys where person_id = $1 order by created_at, id`,
    [personId],
  );
  return rows;
}

export async function findPasskey(db: Queryable, id: string, personId: string): Promise<Passkey | undefined> {
  const { rows } = await db.query<Passkey>(`select ${COLUMNS} from passkeys where id = $1 and person_id = $2`, [
    id,
    personId,
  ]);
  return rows[0];
}

/** False when it is gone, or was used in between with the same count or a higher one: one of the two is a copy. */
export async function recordPasskeyUse(
  db: Queryable,
  id: string,
  { counter, now }: { counter: number; now: string },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update passkeys set counter = $2, last_used_at = $3
      where id = $1 and (counter < $2 or (counter = 0 and $2 = 0)) returning id`,
    [id, counter, now],
  );
  return rowCount === 1;
}

export async function deletePasskey(db: Queryable, id: string, personId: string): Promise<boolean> {
  const { rowCount } = await db.query(`delete from passkeys where id = $1 and person_id = $2 returning id`, [
    id,
    personId,
  ]);
  return rowCount === 1;
}

export interface PasskeyChallenge {
  challenge: string;
  browserSessionId: string;
  /** What it is good for; null: for adding a passkey. */
  ask: { id: string; hash: string; applySuggestions: boolean } | null;
  expiresAt: string;
}

/** Challenges nobody signed go with the next one that is made. */
export async function insertChallenge(tx: Queryable, made: PasskeyChallenge, now: string): Promise<void> {
  await tx.query(`delete from passkey_challenges where expires_at <= $1`, [now]);
  await tx.query(
    `insert into passkey_challenges (challenge, browser_session_id, ask_id, ask_hash, apply_suggestions, expires_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [
      made.challenge,
      made.browserSessionId,
      made.ask?.id ?? null,
      made.ask?.hash ?? null,
      made.ask?.applySuggestions ?? false,
      made.expiresAt,
    ],
  );
}

/** The challenge as it was made for this browser session; it is gone afterwards, whatever the signature is worth. */
export async function takeChallenge(
  tx: Queryable,
  wanted: { challenge: string; browserSessionId: string; now: string },
): Promise<PasskeyChallenge | null> {
  const { rows } = await tx.query<{
    askId: string | null;
    askHash: string | null;
    applySuggestions: boolean;
    expiresAt: string;
  }>(
    `delete from passkey_challenges where challenge = $1 and browser_session_id = $2
     returning ask_id as "askId", ask_hash as "askHash", apply_suggestions as "applySuggestions", expires_at as "expiresAt"`,
    [wanted.challenge, wanted.browserSessionId],
  );
  const [row] = rows;
  if (row === undefined || row.expiresAt <= wanted.now) return null;
  const { askId, askHash, applySuggestions, expiresAt } = row;
  const ask = askId !== null && askHash !== null ? { id: askId, hash: askHash, applySuggestions } : null;
  return { challenge: wanted.challenge, browserSessionId: wanted.browserSessionId, ask, expiresAt };
}
