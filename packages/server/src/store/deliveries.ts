/** The outbox: one row per thing to be told, claimed by one worker at a time. */
import type { Queryable } from './database.ts';
import type { Seal } from './seal.ts';

export const DELIVERIES_CHANNEL = 'deliveries';

export type DeliveryState = 'queued' | 'sending' | 'sent' | 'delivered' | 'failed' | 'skipped';
/** What a delivery tells: an ask, the reply to a text, one sentence, or a code for signing in. */
export type DeliveryPurpose = 'ask' | 'reply' | 'notice' | 'code';
export type ChannelName = 'sms' | 'apns' | 'webpush' | 'socket';

export interface Delivery {
  id: string;
  /** Null: the text goes to `toSealed`, a number that belongs to nobody yet. */
  personId: string | null;
  channel: ChannelName;
  purpose: DeliveryPurpose;
  askId: string | null;
  inboundId: number | null;
  /** What a notice or a code says, sealed. Null for the others, which are worded when they are sent. */
  bodySealed: string | null;
  toSealed: string | null;
  /** Not sent after this moment; null: as long as it has something to say. */
  expiresAt: string | null;
  state: DeliveryState;
  attempts: number;
  dueAt: string;
  createdAt: string;
}

const COLUMNS = `id, person_id as "personId", channel, purpose, ask_id as "askId", inbound_id as "inboundId", state, attempts,
  body_sealed as "bodySealed", to_sealed as "toSealed", expires_at as "expiresAt",
  due_at as "dueAt", created_at as "createdAt"`;

export interface NewDelivery {
  id: string;
  /** One per (what it tells about, person, channel). */
  key: string;
  personId: string | null;
  channel: ChannelName;
  purpose: DeliveryPurpose;
  askId?: string;
  inboundId?: number;
  /** What a notice or a code says. */
  body?: string;
  /** The number, where there is no person. */
  to?: string;
  expiresAt?: string;
  dueAt: string;
  now: string;
}

/** Writing the same key again changes nothing. Wakes the workers at commit. */
export async function addDelivery(tx: Queryable, seal: Seal, delivery: NewDelivery): Promise<void> {
  const sealed = (text: string | undefined): string | null => (text === undefined ? null : seal.seal(text));
  await tx.query(
    `insert into deliveries (id, key, person_id, channel, purpose, ask_id, inbound_id, due_at, created_at, updated_at,
       body_sealed, to_sealed, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12) on conflict (key) do nothing`,
    [
      delivery.id,
      delivery.key,
      delivery.personId,
      delivery.channel,
      delivery.purpose,
      delivery.askId ?? null,
      delivery.inboundId ?? null,
      delivery.dueAt,
      delivery.now,
      sealed(delivery.body),
      sealed(delivery.to),
      delivery.expiresAt ?? null,
    ],
  );
  await wakeDeliveries(tx);
}

export async function wakeDeliveries(db: Queryable): Promise<void> {
  await db.query(`select pg_notify('${DELIVERIES_CHANNEL}', '')`);
}

/**
 * Takes the most overdue delivery and every other ask that is due for the same person and channel, so that they can share
 * one text. A row whose lease ran out (its worker died) is taken again.
 */
export async function claimDueDeliveries(
  db: Queryable,
  claim: { now: string; leaseUntil: string },
): Promise<Delivery[]> {
  const { rows } = await db.query<Delivery>(
    `with first as (
       select id, person_id, channel, purpose from deliveries
        where state in ('queued', 'sending') and due_at <= $1 and (lease_until is null or lease_until <= $1)
        order by due_at, created_at, id limit 1 for update skip locked
     ), batch as (
       select d.id from deliveries d join first f
           on d.id = f.id or (f.purpose = 'ask' and d.purpose = 'ask' and d.person_id = f.person_id and d.channel = f.channel)
        where d.state in ('queued', 'sending') and d.due_at <= $1 and (d.lease_until is null or d.lease_until <= $1)
        order by d.due_at, d.created_at, d.id limit 20 for update of d skip locked
     )
     update deliveries set lease_until = $2, attempts = attempts + 1, updated_at = $1
      where id in (select id from batch)
     returning ${COLUMNS}`,
    [claim.now, claim.leaseUntil],
  );
  // Oldest first: the order in which the asks were opened is the order in which they are told.
  return rows.sort((a, b) => a.dueAt.localeCompare(b.dueAt) || a.createdAt.localeCompare(b.createdAt));
}

export interface DeliveryChange {
  state: DeliveryState;
  reason?: string | null;
  providerId?: string | null;
  /** Try again at this moment. */
  dueAt?: string;
  now: string;
}

export async function setDeliveryState(db: Queryable, ids: readonly string[], change: DeliveryChange): Promise<void> {
  await db.query(
    `update deliveries set state = $2, reason = $3, provider_id = coalesce($4, provider_id), due_at = coalesce($5, due_at),
       lease_until = case when $2 = 'sending' then lease_until else null end, updated_at = $6,
       body_sealed = case when $2 in ('queued', 'sending') then body_sealed end,
       to_sealed = case when $2 in ('queued', 'sending') then to_sealed end
     where id = any($1::uuid[])`,
    [ids, change.state, change.reason ?? null, change.providerId ?? null, change.dueAt ?? null, change.now],
  );
}

/** Moves the reply to an inbound text forward: what it waited for is settled. */
export async function hastenReply(tx: Queryable, inboundId: number, now: string): Promise<void> {
  await tx.query(`update deliveries set due_at = $2 where inbound_id = $1 and state = 'queued' and due_at > $2`, [
    inboundId,
    now,
  ]);
  await wakeDeliveries(tx);
}

/** When the next row becomes due, leases included. */
export async function nextDue(db: Queryable): Promise<string | null> {
  const { rows } = await db.query<{ at: string | null }>(
    `select min(greatest(due_at, coalesce(lease_until, due_at))) as at from deliveries where state in ('queued', 'sending')`,
  );
  return rows[0]?.at ?? null;
}

/** When the main agent's own ask of a session goes out by text; null when it has none waiting. */
export async function textDueAt(db: Queryable, sessionId: string): Promise<string | null> {
  const { rows } = await db.query<{ at: string | null }>(
    `select max(d.due_at) as at from deliveries d join asks a on a.id = d.ask_id
      where a.session_id = $1 and a.sub_agent_id is null and a.state = 'open' and d.channel = 'sms' and d.state = 'queued'`,
    [sessionId],
  );
  return rows[0]?.at ?? null;
}
