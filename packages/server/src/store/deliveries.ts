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
  /** How often the same thing was sent before and got lost behind the carrier. */
  retries: number;
  /** Why it is not sent yet, or how it ended. */
  reason: string | null;
  dueAt: string;
  createdAt: string;
}

export const DELIVERY_COLUMNS = `id, person_id as "personId", channel, purpose, ask_id as "askId", inbound_id as "inboundId", state, attempts,
  body_sealed as "bodySealed", to_sealed as "toSealed", expires_at as "expiresAt", retries, reason,
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
  /** See `holdForCompany`. Default: nothing joins it and it waits for nothing. */
  hold?: { wantedAt: string; releaseAt: string };
  now: string;
}

/** Writing the same key again changes nothing. Wakes the workers at commit. */
export async function addDelivery(tx: Queryable, seal: Seal, delivery: NewDelivery): Promise<void> {
  const sealed = (text: string | undefined): string | null => (text === undefined ? null : seal.seal(text));
  await tx.query(
    `insert into deliveries (id, key, person_id, channel, purpose, ask_id, inbound_id, due_at, created_at, updated_at,
       body_sealed, to_sealed, expires_at, wanted_at, release_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12, $13, $14) on conflict (key) do nothing`,
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
      delivery.hold?.wantedAt ?? null,
      delivery.hold?.releaseAt ?? null,
    ],
  );
  await wakeDeliveries(tx);
}

export async function wakeDeliveries(db: Queryable): Promise<void> {
  await db.query(`select pg_notify('${DELIVERIES_CHANNEL}', '')`);
}

/** A held text goes as soon as nothing of its person runs: then no other ask can join it. */
const READY = `(d.due_at <= $1 or d.release_at <= $1 and not exists (
  select 1 from sessions s where s.person_id = d.person_id and s.kind = 'hosted' and s.state = 'running'))`;
/** A row whose lease ran out (its worker died before it called the carrier) is taken again. */
const FREE = `d.state = 'queued' and (d.lease_until is null or d.lease_until <= $1)`;
/**
 * A person has one text on its way to the carrier at a time: when its sending is not answered, the carrier's list tells by
 * the words alone whether it has it, and two texts of the same words could not be told apart.
 */
const ALONE = `(d.person_id is null or d.person_id not in (
  select o.person_id from deliveries o where o.person_id is not null and (o.state = 'sending' or o.lease_until > $1)))`;

/**
 * Takes the most overdue delivery and every other ask whose moment has come for the same person and channel, so that they
 * can share one text.
 */
export async function claimDueDeliveries(
  db: Queryable,
  claim: { now: string; leaseUntil: string },
): Promise<Delivery[]> {
  const { rows } = await db.query<Delivery>(
    `with first as (
       select d.id, d.person_id, d.channel, d.purpose from deliveries d where ${FREE} and ${READY} and ${ALONE}
        order by d.due_at, d.created_at, d.id limit 1 for update of d skip locked
     ), batch as (
       select d.id from deliveries d join first f
           on d.id = f.id or (f.purpose = 'ask' and d.purpose = 'ask' and d.person_id = f.person_id and d.channel = f.channel)
        where ${FREE} and (d.id = f.id or coalesce(d.wanted_at, d.due_at) <= $1)
        order by d.due_at, d.created_at, d.id limit 20 for update of d skip locked
     )
     update deliveries set lease_until = $2, attempts = attempts + 1, updated_at = $1
      where id in (select id from batch)
     returning ${DELIVERY_COLUMNS}`,
    [claim.now, claim.leaseUntil],
  );
  // Oldest first: the order in which the asks were opened is the order in which they are told.
  return rows.sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.dueAt.localeCompare(b.dueAt));
}

/** Moves the reply to an inbound text forward: what it waited for is settled. */
export async function hastenReply(tx: Queryable, inboundId: number, now: string): Promise<void> {
  await tx.query(`update deliveries set due_at = $2 where inbound_id = $1 and state = 'queued' and due_at > $2`, [
    inboundId,
    now,
  ]);
  await wakeDeliveries(tx);
}

/** When to look again at the latest, leases included. A text that is held while sessions run is looked at every second. */
export async function nextDue(db: Queryable, now: string): Promise<string | null> {
  const { rows } = await db.query<{ at: string | null }>(
    `select min(greatest(
         least(due_at, greatest(release_at, $1::timestamptz + interval '1 second')), coalesce(lease_until, due_at - interval '1 year'))
       ) as at from deliveries where state = 'queued'`,
    [now],
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

/** When the last text about an ask that still waits for this person's answer went out; null: there is none. */
export async function lastOpenTextAt(db: Queryable, personId: string): Promise<string | null> {
  const { rows } = await db.query<{ at: string | null }>(
    `select max(coalesce(d.handed_at, d.updated_at)) as at from deliveries d join asks a on a.id = d.ask_id
      where d.person_id = $1 and d.channel = 'sms' and d.state in ('sending', 'sent', 'delivered') and a.state = 'open'
        and a.kind not in ('done', 'error')`,
    [personId],
  );
  return rows[0]?.at ?? null;
}
