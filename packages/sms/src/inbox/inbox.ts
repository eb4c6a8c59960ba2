import type { InboundMessage } from '../message.ts';

/**
 * Texts that were confirmed to the carrier and are not processed yet. With a durable inbox a text survives the death of the
 * process between the two.
 */
export interface Inbox {
  /**
   * Keeps a text. False when a text with the same message id was kept before, processed or not: it is not kept twice. When
   * it throws, the carrier is asked to deliver again.
   */
  save(message: InboundMessage): Promise<boolean>;
  /** Texts to process, oldest first. */
  pending(): Promise<InboundMessage[]>;
  /** The text was processed. */
  done(messageSid: string): Promise<void>;
}

/** An inbox in memory: lost with the process, and without memory of what was processed. */
export class MemoryInbox implements Inbox {
  readonly #messages = new Map<string, InboundMessage>();

  async save(message: InboundMessage): Promise<boolean> {
    if (this.#messages.has(message.messageSid)) return false;
    this.#messages.set(message.messageSid, message);
    return true;
  }

  async pending(): Promise<InboundMessage[]> {
    return [...this.#messages.values()];
  }

  async done(messageSid: string): Promise<void> {
    this.#messages.delete(messageSid);
  }
}
