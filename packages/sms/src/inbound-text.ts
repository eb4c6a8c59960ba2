import { type InboundMessage, MessageType } from './message.ts';
import { isE164 } from './phone-number.ts';
import { type FormFields, field } from './webhook/form.ts';

/** A text as the webhook carried it, before the carrier's words in it were looked at. */
export interface InboundText {
  message: InboundMessage;
  optOutType?: string;
}

const MESSAGE_ID = /^[\w-]{1,128}$/;

/**
 * Reads an inbound webhook. Null when it has no message id, no text, or a sender that is no phone number in E.164: a name,
 * a short code, `whatsapp:…`, nothing at all.
 */
export function readInboundText(channelId: string, postData: FormFields): InboundText | null {
  const messageSid = field(postData, 'MessageSid') ?? '';
  const from = field(postData, 'From') ?? '';
  const text = field(postData, 'Body');
  if (!MESSAGE_ID.test(messageSid) || !isE164(from) || text === undefined) return null;
  const optOutType = field(postData, 'OptOutType');
  const media = Number(field(postData, 'NumMedia') ?? 0);
  const message: InboundMessage = {
    channelId,
    userKey: from,
    conversationKey: from,
    type: MessageType.TEXT,
    text,
    messageSid,
    to: field(postData, 'To') ?? '',
    numMedia: Number.isSafeInteger(media) && media > 0 ? media : 0,
  };
  return { message, ...(optOutType && { optOutType }) };
}
