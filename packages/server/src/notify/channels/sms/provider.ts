/**
 * What the server needs of a carrier. A provider never throws for a refusal of the carrier: it says what became of the
 * text and whether trying again can help.
 */
export interface OutgoingText {
  /** Ours; the provider uses it so that sending the same text again does not deliver it twice where the carrier allows. */
  deliveryId: string;
  body: string;
}

export type SendOutcome =
  | { state: 'sent' | 'delivered'; providerId: string }
  /** `retry`: another attempt later may succeed. The reason is for the operator. */
  | { state: 'failed'; retry: boolean; reason: string };

export interface SmsProvider {
  readonly name: string;
  send(text: OutgoingText): Promise<SendOutcome>;
}
