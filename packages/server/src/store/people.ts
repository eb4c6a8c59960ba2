import type { Queryable } from './database.ts';

export interface Person {
  id: string;
  role: 'owner' | 'user';
  pausedUntil: string | null;
}

const COLUMNS = `id, role, paused_until as "pausedUntil"`;

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

export async function pausePerson(db: Queryable, id: string, until: string | null): Promise<void> {
  await db.query(`update people set paused_until = $2 where id = $1`, [id, until]);
}
