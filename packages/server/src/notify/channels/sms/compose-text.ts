/** From rows of the outbox to one text: a reply, one ask, or several asks that are due together. */
import { renderAsk } from '../../../asks/render.ts';
import { renderFolded } from '../../../asks/render-folded.ts';
import { publicAsk } from '../../../operations/answer-ask.ts';
import { askLink, asksLink } from '../../../operations/ask-link.ts';
import type { Context } from '../../../operations/context.ts';
import { replyText } from '../../../operations/describe-work.ts';
import { type CodeUse, codeOfAsk } from '../../../store/ask-codes.ts';
import { findAsk } from '../../../store/asks.ts';
import type { Delivery } from '../../../store/deliveries.ts';
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
}

export async function composeText(context: Context, batch: readonly Delivery[]): Promise<ComposedText> {
  const [first] = batch;
  if (first?.purpose === 'reply') return composeReply(context, first);
  const { db } = context.store;
  const included: Delivery[] = [];
  const skipped: ComposedText['skipped'] = [];
  const open: { ask: ReturnType<typeof publicAsk>; code: string; personId: string }[] = [];
  for (const delivery of batch) {
    const ask = delivery.askId ? await findAsk(db, delivery.askId) : undefined;
    if (ask?.state !== 'open') {
      skipped.push({ delivery, reason: ask ? `the ask is ${ask.state} already` : 'the ask is gone' });
      continue;
    }
    included.push(delivery);
    const { personId } = delivery;
    open.push({ ask: publicAsk(ask), code: (await codeOfAsk(db, ask.id, personId)) ?? '', personId });
  }
  const { publicUrl, textCeiling: ceiling } = context.policy;
  const [only, ...more] = open;
  if (!only) return { body: '', included, skipped, told: [] };
  const { personId } = only;
  if (more.length === 0) {
    const { text, use } = renderAsk(only.ask, { code: only.code, link: askLink(publicUrl, only.ask.id), ceiling });
    return { body: text, included, skipped, told: [{ askId: only.ask.id, personId, use }] };
  }
  const { text, shown } = renderFolded(open, { link: asksLink(publicUrl), ceiling });
  return { body: text, included, skipped, told: shown.map((each) => ({ ...each, personId })) };
}

async function composeReply(context: Context, delivery: Delivery): Promise<ComposedText> {
  const text = delivery.inboundId === null ? undefined : await findInboundText(context.store.db, delivery.inboundId);
  const body = text ? await replyText(context, text) : '';
  return { body, included: [delivery], skipped: [], told: [] };
}
