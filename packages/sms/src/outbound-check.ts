import { MessageType, type OutboundMessage } from './message.ts';
import { isE164 } from './phone-number.ts';
import { type SendFailure, sendFailure } from './send-result.ts';

/** What to do with a text of more than `maxLength` characters. */
export type WhenTooLong = 'refuse' | 'truncate';

const ELLIPSIS = '...';
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Why a message must not be handed to any provider, or undefined. */
export function outboundFault(message: OutboundMessage): SendFailure | undefined {
  if (message.type !== MessageType.TEXT)
    return sendFailure('UNSUPPORTED_TYPE', 'SMS carries messages of type text only.');
  if (!isE164(message.userKey)) {
    return sendFailure('INVALID_E164', 'The recipient is not a phone number in E.164 such as +15559876543.');
  }
  return message.text.trim() === '' ? sendFailure('EMPTY_TEXT', 'The message has no text.') : undefined;
}

/** Characters as Unicode counts them, so that an emoji outside the first plane is one. */
export function lengthOf(text: string): number {
  return [...text].length;
}

/** `text` cut to `maxLength` characters with `...` at its end; what a person sees as one character is not cut. */
export function truncate(text: string, maxLength: number): string {
  const end = maxLength > ELLIPSIS.length ? ELLIPSIS : '';
  let kept = '';
  let length = lengthOf(end);
  for (const { segment } of graphemes.segment(text)) {
    length += lengthOf(segment);
    if (length > maxLength) break;
    kept += segment;
  }
  return kept + end;
}
