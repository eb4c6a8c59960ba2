/** Kinds of message. SMS has one. */
export const MessageType = { TEXT: 'text' } as const;

export type MessageType = (typeof MessageType)[keyof typeof MessageType];

/** A text to send. */
export interface OutboundMessage {
  channelId: string;
  /** The recipient's phone number in E.164, such as `+15559876543`. */
  userKey: string;
  /** The conversation; for SMS the same as `userKey`. */
  conversationKey: string;
  type: MessageType;
  text: string;
  /** The carrier drops the text when it could not hand it over within so many seconds. Default: the carrier's own. */
  validityPeriodSeconds?: number;
  /** Where the carrier reports what became of the text. Default: the provider's setting. */
  statusCallbackUrl?: string;
}

/**
 * A word that belongs to the carrier, not to the application. The carrier acts on it and answers it by itself; after
 * `opt_out` every text to that phone is refused until it sends an `opt_in` word.
 */
export type CarrierKeyword = 'opt_out' | 'opt_in' | 'help';

/** A text that arrived. */
export interface InboundMessage {
  channelId: string;
  /** The sender's phone number in E.164. The signature proves that the carrier delivered the text, not who typed it. */
  userKey: string;
  conversationKey: string;
  type: MessageType;
  text: string;
  /** The carrier's id of the text: the key by which copies of it are known. */
  messageSid: string;
  /** Our number that was texted, as the carrier wrote it. */
  to: string;
  /** Pictures and other attachments that came with the text; they are not fetched. */
  numMedia: number;
  /** Set when the text is a word of the carrier; such a text reaches no inbound handler. */
  keyword?: CarrierKeyword;
}
