import { type CarrierKeyword, carrierKeyword } from '@claude-companion/sms';
import { countUnknownSender } from '../store/channel-settings.ts';
import { findPersonByPhone } from '../store/people.ts';
import { maskPhone } from '../store/phone-mask.ts';
import { type Context, nowOf } from './context.ts';
import { receiveText } from './receive-text.ts';

export interface CarrierText {
  provider: string;
  /** The carrier's own id of this message. */
  carrierId: string;
  /** The sender's whole number, as the carrier signed it. */
  from: string;
  body: string;
  /** What the carrier says that it made of the text. Unset: what it makes of the usual words. */
  keyword?: CarrierKeyword | undefined;
}

/**
 * A text that a carrier brings. It is its sender's alone: who is not known by exactly this number gets nothing done and no
 * reply, and is only counted.
 */
export async function receiveCarrierText(
  context: Context,
  { from, ...text }: CarrierText,
): Promise<'received' | 'duplicate' | 'unknown_sender'> {
  const { store, logger } = context;
  const person = await findPersonByPhone(store.db, store.seal, from);
  if (!person) {
    const phone = maskPhone(from);
    await countUnknownSender(store.db, phone, nowOf(context));
    logger.warn({ phone }, 'a text came from a number that nobody here has');
    return 'unknown_sender';
  }
  // Only of a phone that is opted out, YES is a word of the carrier's.
  const keyword = text.keyword ?? carrierKeyword({ text: text.body, optedOut: person.optedOutAt !== null });
  const { duplicate } = await receiveText(context, { ...text, person, keyword });
  return duplicate ? 'duplicate' : 'received';
}
