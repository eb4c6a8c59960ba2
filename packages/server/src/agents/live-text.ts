/** Messages while they are being written. Kept in memory only: the finished message is an event of the log. */
import type { Delta, NewEvent } from '@claude-companion/protocol';

type Listener = (delta: Delta) => void;
type Fragment = Pick<Delta, 'messageId' | 'kind' | 'text'>;

export class LiveText {
  readonly #writing = new Map<string, Fragment>();
  readonly #listeners = new Map<string, Set<Listener>>();

  /** A listener who joins in the middle of a message first gets all of it so far. */
  listen(sessionId: string, onDelta: Listener): () => void {
    const written = this.#writing.get(sessionId);
    if (written) onDelta({ sessionId, ...written, snapshot: true });
    const listeners = this.#listeners.get(sessionId) ?? new Set();
    this.#listeners.set(sessionId, listeners.add(onDelta));
    return () => {
      listeners.delete(onDelta);
      if (listeners.size === 0) this.#listeners.delete(sessionId);
    };
  }

  push(delta: Delta): void {
    const { sessionId, messageId, kind, text } = delta;
    const written = this.#writing.get(sessionId);
    const same = written?.messageId === messageId && written.kind === kind;
    this.#writing.set(sessionId, { messageId, kind, text: same ? written.text + text : text });
    for (const listener of this.#listeners.get(sessionId) ?? []) listener(delta);
  }

  /** Called with events that are committed: what they hold is no longer "being written". */
  settle(sessionId: string, events: readonly NewEvent[]): void {
    const done = events.some(
      ({ kind }) => kind.startsWith('message.') || kind === 'turn.ended' || kind === 'agent.stopped',
    );
    if (done) this.#writing.delete(sessionId);
  }
}
