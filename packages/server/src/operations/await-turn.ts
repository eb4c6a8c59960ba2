/** Waits for the end of the turn that a prompt is part of, and collects what the agent said and did in it. */
import { CompanionError, type EventData, type SessionEvent } from '@claude-companion/protocol';
import type { Context } from './context.ts';

export interface TurnResult {
  events: SessionEvent[];
  end: EventData<'turn.ended'>;
}

/**
 * `after` is the session's seq before the prompt was accepted. Rejects with SESSION_ENDED when the session is closed first.
 * Waits as long as the signal lives: an ask in the turn may take a person hours.
 */
export async function awaitTurn(
  context: Context,
  wait: { sessionId: string; promptId: string; after: number; signal: AbortSignal },
): Promise<TurnResult> {
  const events: SessionEvent[] = [];
  let started = false;
  const { sessionId, after, signal } = wait;
  for await (const page of context.store.feed.followSession({ sessionId, after, signal })) {
    for (const event of page) {
      if (event.kind === 'turn.started' && event.data.promptId === wait.promptId) started = true;
      if (event.kind === 'session.ended') throw new CompanionError('SESSION_ENDED', 'This session has ended.');
      events.push(event);
      if (started && event.kind === 'turn.ended') return { events, end: event.data };
    }
  }
  throw new CompanionError('AICLI_TIMEOUT', 'The turn did not end in time; it goes on.');
}
