/**
 * Texts of which nobody knows: their sending was cut by a crash or not answered, or the carrier took them and says nothing
 * more. The carrier's own list decides. Nothing is sent again on a guess.
 */
import type { Context } from '../operations/context.ts';
import { FIRST_CHECK_MS, receiveStatus } from '../operations/receive-status.ts';
import { recordDelivery } from '../operations/record-delivery.ts';
import {
  claimUnreportedText,
  claimUnsettledText,
  type HandedText,
  keepUnsettled,
  putBack,
  scheduleCheck,
} from '../store/handed-texts.ts';
import type { FoundText } from './channels/sms/provider.ts';
import type { SmsChannel } from './send-delivery.ts';

/** Two looks into the carrier's list with a pause between. Who takes longer has looked in vain: another one may look by then. */
const LOOK_UP_MS = 30_000;
const ASK_AGAIN_MS = [2_000, 10_000, 30_000, 60_000] as const;
/** Other texts to the person wait behind an unsettled one, so it cannot wait for ever. */
const GIVE_UP_MS = 600_000;
/** A text that was surely not taken is due again after this long. */
const SEND_AGAIN_MS = 1_000;
/** When a text that the carrier took and does not report on is asked about, after the first time. */
const CHECKS_MS = [FIRST_CHECK_MS, 300_000, 1_800_000, 7_200_000, 28_800_000] as const;

/** Takes one text that is to be settled or asked about; null: there is none. */
export async function findUnsettled(channel: SmsChannel): Promise<(() => Promise<void>) | null> {
  const { context } = channel;
  const claim = claimOf(context);
  const unsettled = await claimUnsettledText(context.store.db, claim);
  if (unsettled) return () => settleSending(channel, unsettled);
  const unreported = await claimUnreportedText(context.store.db, claim);
  return unreported ? () => askAbout(channel, unreported) : null;
}

function claimOf({ clock }: Context): { now: string; leaseUntil: string } {
  const now = clock.now().getTime();
  return { now: new Date(now).toISOString(), leaseUntil: new Date(now + LOOK_UP_MS).toISOString() };
}

async function settleSending(channel: SmsChannel, text: HandedText): Promise<void> {
  const { context } = channel;
  const { db } = context.store;
  const { textId, heldUntil } = text;
  const found = await lookUp(channel, text);
  const at = context.clock.now().getTime();
  const now = new Date(at).toISOString();
  if (found.outcome === 'sent') {
    const checkAt = new Date(at + FIRST_CHECK_MS).toISOString();
    await recordDelivery(context, { textId }, { state: 'sent', providerId: found.providerId, checkAt, heldUntil });
  } else if (found.outcome === 'not_sent') {
    const dueAt = new Date(at + SEND_AGAIN_MS).toISOString();
    await putBack(db, { textId }, { reason: 'the carrier did not have it', dueAt, heldUntil, now });
  } else if (at - Date.parse(text.handedAt) > GIVE_UP_MS) {
    const reason = `Nobody can tell whether it was sent. ${found.reason}`;
    await recordDelivery(context, { textId }, { state: 'failed', reason, heldUntil });
  } else {
    const dueAt = new Date(at + (ASK_AGAIN_MS[text.checks] ?? 60_000)).toISOString();
    await keepUnsettled(db, textId, { reason: found.reason, dueAt, heldUntil, now });
  }
}

/** A carrier without memory cannot tell: sending again may deliver twice, and not sending may lose the text. */
async function lookUp({ context, sms }: SmsChannel, text: HandedText): Promise<FoundText> {
  const { seal } = context.store;
  if (!sms.memory || text.body === null) return { outcome: 'not_sent' };
  return sms.memory.find({
    deliveryId: text.textId,
    to: seal.open(text.to),
    body: seal.open(text.body),
    handedAt: text.handedAt,
    otherIds: text.otherIds,
  });
}

async function askAbout({ context, sms }: SmsChannel, text: HandedText): Promise<void> {
  const { seal, db } = context.store;
  const { textId, handedAt, providerId } = text;
  const report =
    sms.memory && providerId !== null
      ? await sms.memory.report({ to: seal.open(text.to), providerId, handedAt }).catch(() => null)
      : null;
  if (report && report.state !== 'sent') {
    return receiveStatus(context, { textId, report: { ...report, optedOut: report.optedOut && sms.hears } });
  }
  const now = context.clock.now().getTime();
  const wait = sms.memory ? CHECKS_MS[text.checks + 1] : undefined;
  await scheduleCheck(db, textId, {
    checkAt: wait === undefined ? null : new Date(now + wait).toISOString(),
    reason: wait === undefined ? 'the carrier took it and never said whether it arrived' : null,
    now: new Date(now).toISOString(),
  });
}
