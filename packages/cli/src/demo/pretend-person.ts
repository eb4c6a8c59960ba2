/** Somebody on a train: reads each text, thinks for a moment, types the reply it asks for. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClaudeCompanionClient } from '@claude-companion/client';

const READING_MS = 1_500;
const POLL_MS = 150;

/** The reply that a text offers: `OK 7K3F` to allow, or the first choice of a question. Null when it asks for nothing. */
export function replyTo(body: string): string | null {
  const approve = /\bOK ([0-9A-Z]{4})\b/.exec(body);
  if (approve) return `OK ${approve[1]}`;
  const choose = /\bReply ([0-9A-Z]{4}) 1\b/.exec(body);
  return choose ? `${choose[1]} 1` : null;
}

export async function answerLikeAPerson(client: ClaudeCompanionClient, signal: AbortSignal): Promise<void> {
  let last = 0;
  while (!signal.aborted) {
    try {
      for (const text of await client.phoneTexts(last)) {
        last = text.id;
        const reply = text.direction === 'to_phone' ? replyTo(text.body) : null;
        if (reply === null) continue;
        await sleep(READING_MS, undefined, { signal });
        await client.typeOnPhone(reply);
      }
      await sleep(POLL_MS, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
