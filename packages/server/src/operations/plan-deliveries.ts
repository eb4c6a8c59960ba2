import { holdForCompany } from '../asks/fold.ts';
import { planNotices } from '../asks/ladder.ts';
import type { NewAsk } from '../store/asks.ts';
import { addDelivery, lastOpenTextAt, textDueAt } from '../store/deliveries.ts';
import { findPerson, type Person } from '../store/people.ts';
import { othersRun } from '../store/sessions.ts';
import type { SessionChangeFrame } from './change-session.ts';
import type { Context } from './context.ts';

/** A text can reach this person: there is a carrier, a number, and the person did not text STOP. */
export const reachableByText = (policy: Context['policy'], person: Person | undefined): boolean =>
  policy.canText && person !== undefined && person.phone !== null && person.optedOutAt === null;

/** Writes who is told when, in the transaction that opened the ask: an ask that is committed is also on its way. */
export async function planDeliveries(context: Context, frame: SessionChangeFrame, ask: NewAsk): Promise<void> {
  const { policy, ids } = context;
  const { tx, now, session } = frame;
  const person = await findPerson(tx, ask.personId);
  const isSubAgent = ask.subAgentId !== null;
  const mainTextAt = isSubAgent ? await textDueAt(tx, session.id) : null;
  const notices = planNotices({
    ask: { id: ask.id, kind: ask.kind, openedAt: Date.parse(ask.openedAt), deadline: Date.parse(ask.deadline) },
    now: Date.parse(now),
    sessionKind: session.kind,
    isSubAgent,
    mainTextAt: mainTextAt === null ? null : Date.parse(mainTextAt),
    // Sockets and push are not built yet: a text is the best there is. One to somebody who texted STOP is planned as well: its
    // end says why nobody was told.
    channels: { live: false, push: false, sms: policy.canText && (person?.phone ?? null) !== null },
    lastSeenAt: null,
    settings: {
      textAfterSeconds: policy.textAfterSeconds,
      holdDownSeconds: policy.holdDownSeconds,
      quietHours: policy.quietHours,
      pausedUntil: person?.pausedUntil ? Date.parse(person.pausedUntil) : null,
    },
    given: [],
  });
  const lastTextAt = await lastOpenTextAt(tx, ask.personId);
  const company = {
    othersRun: await othersRun(tx, { personId: ask.personId, besides: session.id }),
    lastTextAt: lastTextAt === null ? null : Date.parse(lastTextAt),
    windowMs: policy.foldSeconds * 1_000,
  };
  const iso = (ms: number): string => new Date(ms).toISOString();
  for (const notice of notices.filter(({ channel }) => channel === 'sms')) {
    const hold = holdForCompany({ notice, ...company });
    await addDelivery(tx, context.store.seal, {
      id: ids.uuid(),
      key: `ask:${ask.id}:${ask.personId}:sms`,
      personId: ask.personId,
      channel: 'sms',
      purpose: 'ask',
      askId: ask.id,
      dueAt: iso(hold.dueAt),
      hold: { wantedAt: iso(hold.wantedAt), releaseAt: iso(hold.releaseAt) },
      now,
    });
  }
}
