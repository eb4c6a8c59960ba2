/** Logins in progress: one row from the request for a code until the code is used, replaced or too old. */
import type { Queryable } from './database.ts';

export interface SignIn {
  id: string;
  phoneSealed: string;
  texted: boolean;
  codeHash: string;
  codeChallenge: string | null;
  deviceLoginId: string | null;
  /** Including the one that was just counted. */
  tries: number;
}

export interface NewSignIn {
  id: string;
  handleHash: string;
  phoneIndex: string;
  phoneSealed: string;
  texted: boolean;
  codeHash: string;
  codeChallenge: string | null;
  deviceLoginId: string | null;
  now: string;
  expiresAt: string;
}

const COLUMNS = `id, phone_sealed as "phoneSealed", texted, code_hash as "codeHash", code_challenge as "codeChallenge",
  device_login_id as "deviceLoginId", tries`;

/** Takes the place of an earlier one with the same handle, and ends those of the same phone: only the newest code is good. */
export async function addSignIn(tx: Queryable, signIn: NewSignIn): Promise<void> {
  await tx.query(
    `with older as (
       update sign_ins set ended_at = $9 where phone_index = $3 and ended_at is null and handle_hash <> $2
     )
     insert into sign_ins (id, handle_hash, phone_index, phone_sealed, texted, code_hash, code_challenge, device_login_id,
       created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (handle_hash) do update set id = excluded.id, phone_index = excluded.phone_index,
       phone_sealed = excluded.phone_sealed, texted = excluded.texted, code_hash = excluded.code_hash,
       code_challenge = excluded.code_challenge, device_login_id = excluded.device_login_id, tries = 0,
       created_at = excluded.created_at, expires_at = excluded.expires_at, ended_at = null`,
    [
      signIn.id,
      signIn.handleHash,
      signIn.phoneIndex,
      signIn.phoneSealed,
      signIn.texted,
      signIn.codeHash,
      signIn.codeChallenge,
      signIn.deviceLoginId,
      signIn.now,
      signIn.expiresAt,
    ],
  );
}

/**
 * Counts one try at a code, before the code is looked at: of any number at the same moment no more than `maxTries` get the row.
 * A row from the future was made before the clock was set back, and is not good any more.
 */
export async function countTry(
  db: Queryable,
  attempt: { handleHash: string; now: string; maxTries: number },
): Promise<SignIn | undefined> {
  const { rows } = await db.query<SignIn>(
    `update sign_ins set tries = tries + 1
      where handle_hash = $1 and ended_at is null and tries < $3 and expires_at > $2
        and created_at <= $2::timestamptz + interval '5 seconds'
     returning ${COLUMNS}`,
    [attempt.handleHash, attempt.now, attempt.maxTries],
  );
  return rows[0];
}

/** @returns false when somebody else ended it first */
export async function endSignIn(db: Queryable, id: string, now: string): Promise<boolean> {
  const { rowCount } = await db.query(`update sign_ins set ended_at = $2 where id = $1 and ended_at is null`, [
    id,
    now,
  ]);
  return rowCount === 1;
}

/** What is too old stays so, whatever the clock does next; what nobody can ask about any more is forgotten. */
export async function sweepSignIns(db: Queryable, { now, forgetBefore }: { now: string; forgetBefore: string }) {
  await db.query(`update sign_ins set ended_at = $1 where ended_at is null and expires_at <= $1`, [now]);
  await db.query(`delete from sign_ins where expires_at <= $1`, [forgetBefore]);
  await db.query(`delete from device_logins where expires_at <= $1`, [forgetBefore]);
  await db.query(`delete from sign_in_windows where forget_at <= $1`, [now]);
}
