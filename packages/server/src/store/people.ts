/** People and their phones. The number itself leaves this file only through `phoneOf`, for whoever sends a text. */
import type { Queryable } from './database.ts';
import { maskPhone } from './phone-mask.ts';
import type { Seal } from './seal.ts';

export interface Person {
  id: string;
  role: 'owner' | 'user';
  pausedUntil: string | null;
  /** Masked, as `+1415***1234`; null while the person has none. */
  phone: string | null;
  /** Since when the carrier refuses texts to this person; null: it does not. */
  optedOutAt: string | null;
}

const COLUMNS = `id, role, paused_until as "pausedUntil", phone_masked as phone, opted_out_at as "optedOutAt"`;

/** The one owner. Made at the first start. */
export async function ensureOwner(db: Queryable, owner: { id: string; now: string }): Promise<Person> {
  await db.query(`insert into people (id, role, created_at) values ($1, 'owner', $2) on conflict do nothing`, [
    owner.id,
    owner.now,
  ]);
  const { rows } = await db.query<Person>(`select ${COLUMNS} from people where role = 'owner'`);
  const [row] = rows;
  if (!row) throw new Error('the owner is missing although it was just made');
  return row;
}

export async function findPerson(db: Queryable, id: string): Promise<Person | undefined> {
  const { rows } = await db.query<Person>(`select ${COLUMNS} from people where id = $1`, [id]);
  return rows[0];
}

export async function findPersonByPhone(db: Queryable, seal: Seal, phone: string): Promise<Person | undefined> {
  const { rows } = await db.query<Person>(`select ${COLUMNS} from people where phone_index = $1`, [seal.index(phone)]);
  return rows[0];
}

/** The person of a number, made when there is none: the same number is always the same person. */
export async function ensurePersonByPhone(
  tx: Queryable,
  seal: Seal,
  person: { id: string; phone: string; now: string },
): Promise<Person> {
  const { id, phone, now } = person;
  await tx.query(
    `insert into people (id, role, created_at, phone_sealed, phone_index, phone_masked) values ($1, 'user', $2, $3, $4, $5)
     on conflict (phone_index) where phone_index is not null do nothing`,
    [id, now, seal.seal(phone), seal.index(phone), maskPhone(phone)],
  );
  const found = await findPersonByPhone(tx, seal, phone);
  if (!found) throw new Error('the person is missing although it was just made');
  return found;
}

/** Gives a person this number. Somebody else who had it loses it: a number reaches one phone. */
export async function setPhone(db: Queryable, seal: Seal, { personId, phone }: { personId: string; phone: string }) {
  const index = seal.index(phone);
  await db.query(
    `update people set phone_sealed = null, phone_index = null, phone_masked = null where phone_index = $1 and id <> $2`,
    [index, personId],
  );
  // Another number has not been opted out; the same one again changes nothing.
  await db.query(
    `update people set phone_sealed = $2, phone_index = $3, phone_masked = $4, opted_out_at = null
      where id = $1 and phone_index is distinct from $3`,
    [personId, seal.seal(phone), index, maskPhone(phone)],
  );
}

/** The whole number, for sending to it and for nothing else. */
export async function phoneOf(db: Queryable, seal: Seal, personId: string): Promise<string | null> {
  const { rows } = await db.query<{ sealed: string | null }>(
    `select phone_sealed as sealed from people where id = $1`,
    [personId],
  );
  const sealed = rows[0]?.sealed ?? null;
  return sealed === null ? null : seal.open(sealed);
}

export async function setOptedOut(tx: Queryable, personId: string, at: string | null): Promise<void> {
  await tx.query(`update people set opted_out_at = $2 where id = $1`, [personId, at]);
}

export async function pausePerson(db: Queryable, id: string, until: string | null): Promise<void> {
  await db.query(`update people set paused_until = $2 where id = $1`, [id, until]);
}
