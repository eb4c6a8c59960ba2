/** Machines without a browser that wait for a person to sign them in elsewhere (RFC 8628). */
import type { Queryable } from './database.ts';

export interface DeviceLogin {
  id: string;
  deviceName: string;
  state: 'pending' | 'approved' | 'refused' | 'done';
  personId: string | null;
  intervalS: number;
  polledAt: string | null;
  createdAt: string;
  expiresAt: string;
}

const COLUMNS = `id, device_name as "deviceName", state, person_id as "personId", interval_s as "intervalS",
  polled_at as "polledAt", created_at as "createdAt", expires_at as "expiresAt"`;

export interface NewDeviceLogin {
  id: string;
  deviceCodeHash: string;
  userCodeHash: string;
  deviceName: string;
  intervalS: number;
  now: string;
  expiresAt: string;
}

export async function addDeviceLogin(db: Queryable, login: NewDeviceLogin): Promise<void> {
  await db.query(
    `insert into device_logins (id, device_code_hash, user_code_hash, device_name, state, interval_s, created_at, expires_at)
     values ($1, $2, $3, $4, 'pending', $5, $6, $7)`,
    [login.id, login.deviceCodeHash, login.userCodeHash, login.deviceName, login.intervalS, login.now, login.expiresAt],
  );
}

/** One that a person can still approve or refuse. */
export async function findPendingLogin(
  db: Queryable,
  { userCodeHash, now }: { userCodeHash: string; now: string },
): Promise<DeviceLogin | undefined> {
  const { rows } = await db.query<DeviceLogin>(
    `select ${COLUMNS} from device_logins where user_code_hash = $1 and state = 'pending' and expires_at > $2`,
    [userCodeHash, now],
  );
  return rows[0];
}

/** Another poll with the same code waits until this transaction ends. */
export async function lockDeviceLogin(tx: Queryable, deviceCodeHash: string): Promise<DeviceLogin | undefined> {
  const { rows } = await tx.query<DeviceLogin>(
    `select ${COLUMNS} from device_logins where device_code_hash = $1 for update`,
    [deviceCodeHash],
  );
  return rows[0];
}

export async function recordPoll(tx: Queryable, poll: { id: string; intervalS: number; now: string }): Promise<void> {
  await tx.query(`update device_logins set polled_at = $3, interval_s = $2 where id = $1`, [
    poll.id,
    poll.intervalS,
    poll.now,
  ]);
}

/** @returns false when it was decided already */
export async function decideDeviceLogin(
  tx: Queryable,
  decision: { id: string; state: 'approved' | 'refused'; personId: string | null },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update device_logins set state = $2, person_id = $3 where id = $1 and state = 'pending'`,
    [decision.id, decision.state, decision.personId],
  );
  return rowCount === 1;
}

export async function finishDeviceLogin(tx: Queryable, id: string): Promise<void> {
  await tx.query(`update device_logins set state = 'done' where id = $1`, [id]);
}
