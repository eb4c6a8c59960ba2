/** Paired devices and their access tokens. A token is as good as its row says, and ends with its device. */
import type { Queryable } from './database.ts';

export const DEVICES_ENDED_CHANNEL = 'devices_ended';

export type DeviceEnd = 'signed_out' | 'revoked' | 'reused' | 'expired';

export interface PairedDevice {
  id: string;
  name: string;
  createdAt: string;
  lastUsedAt: string;
}

export interface StoredToken {
  id: string;
  deviceId: string;
  personId: string;
  scopes: string[];
  issuedAt: string;
  expiresAt: string;
  replacedBy: string | null;
  replacedAt: string | null;
  usedAt: string | null;
  deviceEndedAt: string | null;
  deviceUsedAt: string;
}

const TOKEN = `t.id, t.device_id as "deviceId", d.person_id as "personId", t.scopes, t.issued_at as "issuedAt", t.expires_at as "expiresAt",
  t.replaced_by as "replacedBy", t.replaced_at as "replacedAt", t.used_at as "usedAt", d.ended_at as "deviceEndedAt",
  d.last_used_at as "deviceUsedAt"
  from access_tokens t join paired_devices d on d.id = t.device_id`;

export async function addDevice(
  tx: Queryable,
  device: { id: string; personId: string; name: string; now: string },
): Promise<void> {
  await tx.query(
    `insert into paired_devices (id, person_id, name, created_at, last_used_at) values ($1, $2, $3, $4, $4)`,
    [device.id, device.personId, device.name, device.now],
  );
}

export async function addToken(
  tx: Queryable,
  token: { id: string; deviceId: string; scopes: readonly string[]; now: string; expiresAt: string },
): Promise<void> {
  await tx.query(
    `insert into access_tokens (id, device_id, scopes, issued_at, expires_at) values ($1, $2, $3, $4, $5)`,
    [token.id, token.deviceId, token.scopes, token.now, token.expiresAt],
  );
}

export async function findToken(db: Queryable, id: string): Promise<StoredToken | undefined> {
  const { rows } = await db.query<StoredToken>(`select ${TOKEN} where t.id = $1`, [id]);
  return rows[0];
}

/**
 * Whoever else refreshes the same token or ends its device waits. Both rows are locked: a row that is only joined is read as it was
 * before the wait.
 */
export async function lockToken(tx: Queryable, id: string): Promise<StoredToken | undefined> {
  const { rows } = await tx.query<StoredToken>(`select ${TOKEN} where t.id = $1 for update of t, d`, [id]);
  return rows[0];
}

export async function replaceToken(
  tx: Queryable,
  token: { id: string; replacedBy: string; now: string },
): Promise<void> {
  await tx.query(`update access_tokens set replaced_by = $2, replaced_at = $3 where id = $1`, [
    token.id,
    token.replacedBy,
    token.now,
  ]);
}

export async function markUsed(db: Queryable, token: { id: string; deviceId: string; now: string }): Promise<void> {
  await db.query(
    `with used as (update access_tokens set used_at = $3 where id = $1 and used_at is null)
     update paired_devices set last_used_at = $3 where id = $2`,
    [token.id, token.deviceId, token.now],
  );
}

export async function devicesOf(db: Queryable, personId: string): Promise<PairedDevice[]> {
  const { rows } = await db.query<PairedDevice>(
    `select id, name, created_at as "createdAt", last_used_at as "lastUsedAt" from paired_devices
      where person_id = $1 and ended_at is null order by last_used_at desc, id`,
    [personId],
  );
  return rows;
}

/** Tells every server at commit. @returns false when there is no such device of this person, or none any more */
export async function endDevice(
  tx: Queryable,
  device: { id: string; personId: string; reason: DeviceEnd; now: string },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update paired_devices set ended_at = $3, ended_reason = $4 where id = $1 and person_id = $2 and ended_at is null`,
    [device.id, device.personId, device.now, device.reason],
  );
  if (rowCount === 1) await tx.query(`select pg_notify('${DEVICES_ENDED_CHANNEL}', $1)`, [device.id]);
  return rowCount === 1;
}

/** Ends devices none of whose tokens is good any more, and forgets those that ended before `forgetBefore`. */
export async function sweepDevices(db: Queryable, { now, forgetBefore }: { now: string; forgetBefore: string }) {
  await db.query(
    `with ended as (
       update paired_devices d set ended_at = $1, ended_reason = 'expired'
        where ended_at is null and not exists (select 1 from access_tokens t where t.device_id = d.id and t.expires_at > $1)
       returning id
     ) select pg_notify('${DEVICES_ENDED_CHANNEL}', id::text) from ended`,
    [now],
  );
  await db.query(`delete from paired_devices where ended_at <= $1`, [forgetBefore]);
  await db.query(`delete from access_tokens where expires_at <= $1`, [forgetBefore]);
}
