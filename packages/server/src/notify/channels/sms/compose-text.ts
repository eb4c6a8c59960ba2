/** From rows of the outbox to one text: a reply, a sentence, one ask, or several asks that go together. */
import { renderAsk } from '../../../asks/render.ts';
import { renderFolded } from '../../../asks/render-folded.ts';
import { publicAsk } from '../../../operations/answer-ask.ts';
import { askLink, asksLink } from '../../../operations/ask-link.ts';
import type { Context } from '../../../operations/context.ts';
import { replyText } from '../../../operations/describe-work.ts';
import { type CodeUse, codeOfAsk } from '../../../store/ask-codes.ts';
import { findAsk } from '../../../store/asks.ts';
import type { Delivery, DeliveryPurpose } from '../../../store/deliveries.ts';
import { findInboundText } from '../../../store/texts.ts';

export interface ComposedText {
  /** Empty: there is nothing left to say. */
  body: string;
  /** Deliveries that are in the text. */
  included: Delivery[];
  /** Deliveries that are not, with the reason. */
  skipped: { delivery: Delivery; reason: string }[];
  /** What the text says each code is good for. */
  told: { askId: string; personId: string; use: CodeUse }[];
  /** Nobody needs the text after this moment: the last of its asks is closed then. Null: it is always of use. */
  expiresAt: string | null;
}

type Compose = (context: Context, batch: readonly Delivery[]) => Promise<ComposedText>;

const COMPOSE: Record<DeliveryPurpose, Compose> = {
  ask: composeAsks,
  reply: composeReply,
  notice: composeKept,
  code: composeKept,
};

export async function composeText(context: Context, batch: readonly Delivery[]): Promise<ComposedText> {
  const purpose = batch[0]?.purpose;
  return purpose ? COMPOSE[purpose](context, batch) : nothing([]);
}

const nothing = (skipped: ComposedText['skipped']): ComposedText => ({
  body: '',
  included: [],
  skipped,
  told: [],
  expiresAt: null,
});

async function composeAsks(context: Context, batch: readonly Delivery[]): Promise<ComposedText> {
  const { db } = context.store;
  const included: Delivery[] = [];
  const skipped: ComposedText['skipped'] = [];
  const open: { ask: ReturnType<typeof publicAsk>; code: string; personId: string }[] = [];
  for (const delivery of batch) {
    const ask = delivery.askId ? await findAsk(db, delivery.askId) : undefined;
    const { personId } = delivery;
    if (ask?.state !== 'open' || personId === null) {
      skipped.push({ delivery, reason: ask ? `the ask is ${ask.state} already` : 'the ask is gone' });
      continue;
    }
    if (Date.parse(ask.deadline) <= context.clock.now().getTime()) {
      skipped.push({ delivery, reason: 'the deadline of the ask has passed' });
      continue;
    }
    included.push(delivery);
    open.push({ ask: publicAsk(ask), code: (await codeOfAsk(db, ask.id, personId)) ?? '', personId });
  }
  const { publicUrl, textCeiling: ceiling } = context.policy;
  const [only, ...more] = open;
  if (!only) return nothing(skipped);
  const { personId } = only;
  const expiresAt = new Date(Math.max(...open.map(({ ask }) => Date.parse(ask.deadline)))).toISOString();
  if (more.length === 0) {
    const { text, use } = renderAsk(only.ask, { code: only.code, link: askLink(publicUrl, only.ask.id), ceiling });
    return { body: text, included, skipped, told: [{ askId: only.ask.id, personId, use }], expiresAt };
  }
  const { text, shown } = renderFolded(open, { link: asksLink(publicUrl), ceiling });
  return { body: text, included, skipped, told: shown.map((each) => ({ ...each, personId })), expiresAt };
}

async function composeReply(context: Context, batch: readonly Delivery[]): Promise<ComposedText> {
  const inboundId = batch[0]?.inboundId ?? null;
  const text = inboundId === null ? undefined : await findInboundText(context.store.db, inboundId);
  const body = text ? await replyText(context, text) : '';
  return { ...nothing([]), body, included: [...batch] };
}

/** A notice or a code was worded when it was written. */
async function composeKept(context: Context, batch: readonly Delivery[]): Promise<ComposedText> {
  const [delivery] = batch;
  if (!delivery?.bodySealed) return { ...nothing([]), included: [...batch] };
  const body = context.store.seal.open(delivery.bodySealed);
  return { ...nothing([]), body, included: [delivery], expiresAt: delivery.expiresAt };
}
