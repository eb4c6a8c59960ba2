import type { InboundMessage, Inbox } from '@claude-companion/sms';
import { dropText, type KeptText, keepTexts, keptTexts } from '../store/inbox.ts';
import type { Context } from './context.ts';

interface Waiting extends KeptText {
  resolve(isNew: boolean): void;
  reject(reason: unknown): void;
}

/**
 * Where a text is durable before the carrier is answered. Acting on it comes after and may take its time: a carrier that waits
 * delivers again. A text that was acted on when the server died is found by its id and does nothing more.
 *
 * Texts that come while others are written share the next statement, as events do: a commit takes as long for fifty.
 */
export function carrierInbox({ store }: Pick<Context, 'store'>): Inbox {
  const { db, seal } = store;
  let waiting: Waiting[] = [];
  let writing = false;

  async function write(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        const fresh = await keepTexts(db, seal, batch);
        // A copy in the same batch is a copy too.
        for (const each of batch) each.resolve(fresh.delete(each.carrierId));
      } catch (error) {
        for (const each of batch) each.reject(error);
      }
    }
    writing = false;
  }

  return {
    save: (message) =>
      new Promise((resolve, reject) => {
        waiting.push({ carrierId: message.messageSid, content: JSON.stringify(message), resolve, reject });
        if (!writing) void write();
      }),
    pending: async () => (await keptTexts(db, seal)).map((content) => JSON.parse(content) as InboundMessage),
    done: (messageSid) => dropText(db, messageSid),
  };
}
