/**
 * Texts in the hands of the carrier. Deliveries only move forward here, whatever order the reports come in, and a text whose
 * sending was never answered is looked up before anything is sent again.
 */
import type { Queryable } from './database.ts';
import { DELIVERY_COLUMNS, type Delivery, type DeliveryState } from './deliveries.ts';

/** The states a delivery may come from. `sent` to `queued` is no way: a text that was taken is never sent again. */
const COMES_FROM: Record<DeliveryState, readonly DeliveryState[]> = {
  queued: ['queued', 'sending'],
  sending: ['queued'],
  sent: ['queued', 'sending'],
  delivered: ['queued', 'sending', 'sent'],
  failed: ['queued', 'sending', 'sent'],
  skipped: ['queued', 'sending'],
};

export interface HandOver {
  textId: string;
  toSealed: string;
  bodySealed: string;
  leaseUntil: string;
  now: string;
}

/** Written before the carrier is called, so that a crash during the call is seen. False: the rows are not ours to send. */
export async function markHanded(db: Queryable, ids: readonly string[], text: HandOver): Promise<boolean> {
  const { rowCount } = await db.query(
    `update deliveries set state = 'sending', text_id = $2, handed_to_sealed = $3, handed_body_sealed = $4, handed_at = $5,
       lease_until = $6, updated_at = $5, checks = 0, reason = null
     where id = any($1::uuid[]) and state = any($7::text[])`,
    [ids, text.textId, text.toSealed, text.bodySealed, text.now, text.leaseUntil, COMES_FROM.sending],
  );
  return rowCount === ids.length;
}

export type Which = { ids: readonly string[] } | { textId: string };

export interface Advance {
  state: 'sent' | 'delivered' | 'failed' | 'skipped';
  reason?: string | undefined;
  /** The carrier's id. What it says of another copy of the text does not count, except that one arrived. */
  providerId?: string | undefined;
  /** Of a text that was sent: when the carrier is asked about it. */
  checkAt?: string | undefined;
  /** Only while this claim holds; see `HandedText`. */
  heldUntil?: string | undefined;
  now: string;
}

/** Moves deliveries forward and returns those that moved. The others stand as far already, or further. */
export async function advanceDeliveries(db: Queryable, which: Which, to: Advance): Promise<Delivery[]> {
  const { rows } = await db.query<Delivery>(
    `update deliveries set state = $3, reason = $4, provider_id = coalesce(provider_id, $5), updated_at = $6,
       lease_until = null, body_sealed = null, to_sealed = null, handed_body_sealed = null,
       handed_to_sealed = case when $3 = 'sent' then handed_to_sealed end,
       check_at = case when $3 = 'sent' then $7::timestamptz end, checks = 0
     where (id = any($1::uuid[]) or text_id = $2) and state = any($8::text[])
       and ($3 = 'delivered' or $5::text is null or provider_id is null or provider_id = $5)
       and ($9::timestamptz is null or lease_until = $9)
     returning ${DELIVERY_COLUMNS}`,
    [
      'ids' in which ? which.ids : [],
      'textId' in which ? which.textId : null,
      to.state,
      to.reason ?? null,
      to.providerId ?? null,
      to.now,
      to.checkAt ?? null,
      COMES_FROM[to.state],
      to.heldUntil ?? null,
    ],
  );
  return rows;
}

export interface Postponed {
  reason: string;
  dueAt: string;
  /** Until when the rows are claimed: who was too slow, and lost them, changes nothing. */
  heldUntil: string;
  now: string;
}

/** Back into the queue: the carrier certainly does not have the text. A report that came meanwhile wins. */
export async function putBack(db: Queryable, which: Which, change: Postponed): Promise<void> {
  await db.query(
    `update deliveries set state = 'queued', reason = $3, due_at = $4, lease_until = null, updated_at = $5,
       handed_body_sealed = null, handed_to_sealed = null, wanted_at = null, release_at = null
     where (id = any($1::uuid[]) or text_id = $2) and state = any($6::text[]) and lease_until = $7`,
    [
      'ids' in which ? which.ids : [],
      'textId' in which ? which.textId : null,
      change.reason,
      change.dueAt,
      change.now,
      COMES_FROM.queued,
      change.heldUntil,
    ],
  );
}

/** Nobody knows whether the carrier has the text: it is looked up at `dueAt`. */
export async function keepUnsettled(db: Queryable, textId: string, change: Postponed): Promise<void> {
  await db.query(
    `update deliveries set reason = $2, due_at = $3, lease_until = null, updated_at = $4, checks = checks + 1
     where text_id = $1 and state = 'sending' and lease_until = $5`,
    [textId, change.reason, change.dueAt, change.now, change.heldUntil],
  );
}

/**
 * A text with the carrier, claimed until a moment. While the claim holds, no other text goes to its person: only then is what
 * was found in the carrier's list sure to be this one. So what was found counts only if the claim still holds.
 */
export interface HandedText {
  textId: string;
  heldUntil: string;
  /** Sealed. */
  to: string;
  /** Sealed; null once the carrier is known to have the text. */
  body: string | null;
  providerId: string | null;
  handedAt: string;
  attempts: number;
  checks: number;
  /** The carrier's ids of other texts to the same person around that time: the same words may have been sent before. */
  otherIds: string[];
}

const HANDED = `text_id as "textId", min(handed_to_sealed) as "to", min(handed_body_sealed) as body, min(provider_id) as "providerId",
  min(handed_at) as "handedAt", max(attempts)::int as attempts, max(checks)::int as checks`;

/** Takes the longest waiting text whose sending was not answered: by a crash, or because the carrier said nothing. */
export async function claimUnsettledText(
  db: Queryable,
  claim: { now: string; leaseUntil: string },
): Promise<HandedText | undefined> {
  return claimText(db, claim, `state = 'sending' and due_at <= $1 and (lease_until is null or lease_until <= $1)`);
}

/** Takes a text that the carrier took and has said nothing about. */
export async function claimUnreportedText(
  db: Queryable,
  claim: { now: string; leaseUntil: string },
): Promise<HandedText | undefined> {
  return claimText(db, claim, `state = 'sent' and check_at <= $1 and (lease_until is null or lease_until <= $1)`);
}

async function claimText(
  db: Queryable,
  claim: { now: string; leaseUntil: string },
  isDue: string,
): Promise<HandedText | undefined> {
  const { rows } = await db.query<HandedText & { personId: string | null }>(
    `with first as (
       select text_id from deliveries where ${isDue} and text_id is not null
        order by due_at, created_at, id limit 1 for update skip locked
     ), taken as (
       update deliveries set lease_until = $2, updated_at = $1
        where text_id = (select text_id from first) and ${isDue} returning *
     )
     select ${HANDED}, (array_agg(person_id))[1] as "personId" from taken group by text_id`,
    [claim.now, claim.leaseUntil],
  );
  const [text] = rows;
  if (!text) return undefined;
  const others = await db.query<{ id: string }>(
    `select distinct provider_id as id from deliveries
      where person_id = $1 and text_id <> $2 and provider_id is not null and handed_at > $3::timestamptz - interval '10 minutes'`,
    [text.personId, text.textId, text.handedAt],
  );
  return { ...text, heldUntil: claim.leaseUntil, otherIds: others.rows.map(({ id }) => id) };
}

/** The carrier is asked again at `checkAt`; null: never again, and `reason` stays. */
export async function scheduleCheck(
  db: Queryable,
  textId: string,
  change: { checkAt: string | null; reason: string | null; now: string },
): Promise<void> {
  await db.query(
    `update deliveries set check_at = $2, reason = coalesce($3, reason), checks = checks + 1, lease_until = null, updated_at = $4,
       handed_to_sealed = case when $2::timestamptz is not null then handed_to_sealed end
     where text_id = $1 and state = 'sent'`,
    [textId, change.checkAt, change.reason, change.now],
  );
}

/** When the next text must be looked up or asked about. */
export async function nextLookUp(db: Queryable): Promise<string | null> {
  const { rows } = await db.query<{ at: string | null }>(
    `select min(greatest(case state when 'sending' then due_at else check_at end, lease_until)) as at from deliveries
      where state = 'sending' or (state = 'sent' and check_at is not null)`,
  );
  return rows[0]?.at ?? null;
}

/** A delivery that got lost behind the carrier is queued once more, as a row of its own: an end stays an end. */
export async function repeatDelivery(
  tx: Queryable,
  repeat: { id: string; of: string; dueAt: string; now: string },
): Promise<void> {
  await tx.query(
    `insert into deliveries (id, key, person_id, channel, purpose, ask_id, inbound_id, due_at, expires_at, retries, created_at,
       updated_at)
     select $1, key || ':again', person_id, channel, purpose, ask_id, inbound_id, $3, expires_at, retries + 1, $4, $4
       from deliveries where id = $2 on conflict (key) do nothing`,
    [repeat.id, repeat.of, repeat.dueAt, repeat.now],
  );
}

/** At the start of the only server of a database: whoever held these is gone. */
export async function releaseDeliveries(db: Queryable): Promise<void> {
  await db.query(`update deliveries set lease_until = null where lease_until is not null`);
}
