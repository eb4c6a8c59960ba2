/**
 * One text from the outbox to the carrier. What is handed over is written down before the carrier is called; what the carrier
 * answers is written down after. Between the two nobody knows, and `settle-text.ts` finds out.
 */
import type { Context } from '../operations/context.ts';
import { FIRST_CHECK_MS } from '../operations/receive-status.ts';
import { recordDelivery } from '../operations/record-delivery.ts';
import { tellCode } from '../store/ask-codes.ts';
import type { Delivery } from '../store/deliveries.ts';
import { keepUnsettled, markHanded, putBack } from '../store/handed-texts.ts';
import { findPerson, type Person, phoneOf, setOptedOut } from '../store/people.ts';
import { composeText } from './channels/sms/compose-text.ts';
import { CALL_MS, type OutgoingText, type SendOutcome, type SmsProvider } from './channels/sms/provider.ts';
import { retryAt } from './retry-delay.ts';

/**
 * A server that died holds up the texts to one person for so long. It is the latest moment for the call to begin, the longest call,
 * and 5 s by which the clocks of two servers may differ.
 */
export const LEASE_MS = 20_000;
const CALL_WITHIN_MS = LEASE_MS - CALL_MS - 5_000;
/** A text that was not answered is looked up after this long: its reports may settle it first. */
const LOOK_UP_AFTER_MS = 1_000;

export interface SmsChannel {
  context: Context;
  sms: SmsProvider;
}

export async function sendDelivery(channel: SmsChannel, batch: readonly Delivery[]): Promise<void> {
  const { context } = channel;
  const late = batch.filter((delivery) => isPast(delivery.expiresAt, context));
  for (const each of late) await endLate(context, each);
  const text = await composeText(
    context,
    batch.filter((delivery) => !late.includes(delivery)),
  );
  for (const { delivery, reason } of text.skipped) await skip(context, [delivery.id], reason);
  const [leader] = text.included;
  if (!leader) return;
  const ids = text.included.map(({ id }) => id);
  if (text.body === '') return skip(context, ids, 'there was nothing left to say');
  const recipient = await recipientOf(context, leader);
  if ('unreachable' in recipient) {
    await recordDelivery(context, { ids }, recipient.unreachable);
    return;
  }
  for (const told of text.told) await tellCode(context.store.db, told);
  const { to, person } = recipient;
  const now = context.clock.now().getTime();
  const heldUntil = new Date(now + LEASE_MS).toISOString();
  const callBy = new Date(now + CALL_WITHIN_MS).toISOString();
  const outgoing: OutgoingText = { deliveryId: leader.id, to, body: text.body, expiresAt: text.expiresAt, callBy };
  if (!(await handOver(context, ids, { ...outgoing, heldUntil }))) return;
  const outcome = await channel.sms.send(outgoing);
  const useful = { ...leader, expiresAt: text.expiresAt ?? leader.expiresAt };
  await record(channel, { outcome, ids, leader: useful, person, heldUntil });
}

const isPast = (moment: string | null, { clock }: Context): boolean =>
  moment !== null && Date.parse(moment) <= clock.now().getTime();

/** What the carrier said when it refused is the better reason. */
async function endLate(context: Context, { id, reason }: Delivery): Promise<void> {
  if (reason === null) return skip(context, [id], 'its time ran out before it could be sent');
  await recordDelivery(context, { ids: [id] }, { state: 'failed', reason });
}

async function skip(context: Context, ids: readonly string[], reason: string): Promise<void> {
  await recordDelivery(context, { ids }, { state: 'skipped', reason });
}

type Recipient =
  | { to: string; person: Person | null }
  | { unreachable: { state: 'skipped' | 'failed'; reason: string } };

async function recipientOf(context: Context, delivery: Delivery): Promise<Recipient> {
  const { db, seal } = context.store;
  const { personId, toSealed } = delivery;
  if (personId === null) {
    return toSealed
      ? { to: seal.open(toSealed), person: null }
      : { unreachable: { state: 'skipped', reason: 'it names no phone' } };
  }
  const [person, to] = [await findPerson(db, personId), await phoneOf(db, seal, personId)];
  if (!person || to === null) {
    return {
      unreachable: { state: 'skipped', reason: 'this person has no phone: set OWNER_PHONE or sign in by phone' },
    };
  }
  if (person.optedOutAt !== null) {
    return { unreachable: { state: 'failed', reason: 'this phone texted STOP; it gets no text until it texts START' } };
  }
  return { to, person };
}

async function handOver(
  { store, clock }: Context,
  ids: readonly string[],
  text: OutgoingText & { heldUntil: string },
): Promise<boolean> {
  return markHanded(store.db, ids, {
    textId: text.deliveryId,
    toSealed: store.seal.seal(text.to),
    bodySealed: store.seal.seal(text.body),
    leaseUntil: text.heldUntil,
    now: clock.now().toISOString(),
  });
}

interface Sent {
  heldUntil: string;
  outcome: SendOutcome;
  ids: readonly string[];
  leader: Delivery;
  person: Person | null;
}

async function record({ context, sms }: SmsChannel, { outcome, ids, leader, person, heldUntil }: Sent): Promise<void> {
  const { store, clock } = context;
  const at = clock.now().getTime();
  const now = new Date(at).toISOString();
  switch (outcome.state) {
    case 'sent':
    case 'delivered': {
      const checkAt = new Date(at + FIRST_CHECK_MS).toISOString();
      await recordDelivery(context, { ids }, { state: outcome.state, providerId: outcome.providerId, checkAt });
      return;
    }
    case 'unknown': {
      const dueAt = new Date(at + LOOK_UP_AFTER_MS).toISOString();
      await keepUnsettled(store.db, leader.id, { reason: outcome.reason, dueAt, heldUntil, now });
      return;
    }
    case 'failed': {
      // A server that cannot hear START would never send again: there the carrier refuses for as long as it has to.
      if (outcome.optedOut && person && sms.hears) await setOptedOut(store.db, person.id, now);
      const dueAt = retryAt(leader, outcome.retry, at);
      if (dueAt === null)
        await recordDelivery(context, { ids }, { state: 'failed', reason: outcome.reason, heldUntil });
      else await putBack(store.db, { ids }, { reason: outcome.reason, dueAt, heldUntil, now });
    }
  }
}
