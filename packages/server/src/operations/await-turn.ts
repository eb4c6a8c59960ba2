/** Waits for the end of the turn that a prompt is part of, and collects what the agent said and did in it. */
import { CompanionError, type EventData, type SessionEvent } from '@claude-companion/protocol';
import { promptIsDone } from '../store/commands.ts';
import type { Context } from './context.ts';
import type { FollowItem, FollowSession } from './follow-session.ts';

export interface TurnResult {
  events: SessionEvent[];
  end: EventData<'turn.ended'>;
}

interface Wait {
  sessionId: string;
  promptId: string;
  /** The session's seq before the prompt was accepted. */
  after: number;
}

/** The supervisor marks a prompt as done shortly after the event that ended it. */
const SETTLING_LOOKS = 8;
const SETTLING_MS = 125;

/**
 * Waits as long as the signal lives: an ask in the turn may take a person hours. Rejects with SESSION_ENDED when the session
 * is closed first.
 */
export async function awaitTurn(context: Context, wait: Wait & { signal: AbortSignal }): Promise<TurnResult> {
  const turn = new Turn(context, wait);
  const { sessionId, after, signal } = wait;
  for await (const page of context.store.feed.followSession({ sessionId, after, signal })) {
    for (const event of page) {
      const result = await turn.take(event);
      if (result) return result;
    }
  }
  throw stillGoing();
}

/** The same, handing out everything that happens on the way, fragments of messages too. Returns the result. */
export async function* followTurn(
  context: Context,
  follow: (request: FollowSession) => AsyncGenerator<FollowItem>,
  wait: Wait & { signal: AbortSignal },
): AsyncGenerator<FollowItem, TurnResult> {
  const turn = new Turn(context, wait);
  const after = { epoch: context.store.log.epoch, seq: wait.after };
  for await (const item of follow({ sessionId: wait.sessionId, after, signal: wait.signal })) {
    yield item;
    const result = item.kind === 'event' ? await turn.take(item.event) : null;
    if (result) return result;
  }
  throw stillGoing();
}

const stillGoing = (): CompanionError =>
  new CompanionError('AICLI_TIMEOUT', 'The turn did not end in time; it goes on.');

class Turn {
  readonly #context: Context;
  readonly #wait: Wait;
  #events: SessionEvent[] = [];
  #started = false;

  constructor(context: Context, wait: Wait) {
    this.#context = context;
    this.#wait = wait;
  }

  /** The result once the turn is over. Every event of the session has to pass here, in order. */
  async take(event: SessionEvent): Promise<TurnResult | null> {
    if (event.kind === 'session.ended') throw new CompanionError('SESSION_ENDED', 'This session has ended.');
    if (event.kind === 'turn.started' && event.data.promptId === this.#wait.promptId) this.#started = true;
    this.#events.push(event);
    if (event.kind !== 'turn.ended') return null;
    if (this.#started || (await this.#settled())) return { events: this.#events, end: event.data };
    // It was the end of the turn before.
    this.#events = [];
    return null;
  }

  /**
   * A turn ended that did not begin with our prompt. Was it ours all the same? It was when nothing more will happen to the
   * prompt: no process could be started for it, or it came to a lost process whose turn went on under another name.
   */
  async #settled(): Promise<boolean> {
    const { store, clock } = this.#context;
    const { sessionId, promptId } = this.#wait;
    for (let look = 0; look < SETTLING_LOOKS; look++) {
      if (await promptIsDone(store.db, sessionId, promptId)) return true;
      await new Promise<void>((resolve) => clock.after(SETTLING_MS, resolve));
    }
    return false;
  }
}
