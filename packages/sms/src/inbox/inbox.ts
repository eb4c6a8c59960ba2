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

/**
 * Processes what an earlier process left behind; call it at start. A text whose processing fails stays, and its error goes
 * to `onError`.
 *
 * @returns how many were processed.
 */
export async function processPending(
  inbox: Inbox,
  process: (message: InboundMessage) => Promise<unknown>,
  onError: (error: unknown, message: InboundMessage) => void,
): Promise<number> {
  let processed = 0;
  for (const message of await inbox.pending()) {
    try {
      await process(message);
      await inbox.done(message.messageSid);
      processed += 1;
    } catch (error) {
      onError(error, message);
    }
  }
  return processed;
}
