/** A reader's view of one session: every event after its cursor, then live events and fragments as they come. */
import type { Cursor, Delta, SessionEvent } from '@claude-companion/protocol';
import type { Context } from './context.ts';
import { getSession } from './look-up.ts';

export type FollowItem =
  | { kind: 'event'; event: SessionEvent; cursor: Cursor }
  | { kind: 'delta'; delta: Delta }
  /** The cursor belongs to another log or lies ahead of this one: what follows starts from the beginning. */
  | { kind: 'gap'; cursor: Cursor };

/** Where fragments of messages still being written can be heard. */
export interface LiveText {
  /** Calls back with what is being written now, as snapshots, then with every fragment. The result stops it. */
  listen(sessionId: string, onDelta: (delta: Delta) => void): () => void;
}

/** A slow reader loses fragments, never events: the finished message is an event. */
const MAX_BUFFERED_DELTAS = 1_000;

export interface FollowSession {
  sessionId: string;
  /** Follow from after this place; from the beginning when absent. */
  after?: Cursor | undefined;
  signal: AbortSignal;
}

export async function* followSession(
  context: Context & { liveText: LiveText },
  request: FollowSession,
): AsyncGenerator<FollowItem> {
  const { store, liveText } = context;
  const { sessionId, signal } = request;
  await getSession(context, sessionId);
  const { epoch } = store.log;
  let after = request.after?.seq ?? 0;
  const ahead = after > (await store.feed.sessionHead(sessionId));
  if (request.after && (request.after.epoch !== epoch || ahead)) {
    after = 0;
    yield { kind: 'gap', cursor: { epoch, seq: 0 } };
  }

  const deltas: Delta[] = [];
  let wake: () => void = () => {};
  const stopListening = liveText.listen(sessionId, (delta) => {
    if (deltas.length < MAX_BUFFERED_DELTAS) deltas.push(delta);
    wake();
  });
  const events = store.feed.followSession({ sessionId, after, signal })[Symbol.asyncIterator]();
  try {
    let next = events.next();
    for (;;) {
      const heard = new Promise<'delta'>((resolve) => {
        wake = () => resolve('delta');
        if (deltas.length > 0) wake();
      });
      const first = await Promise.race([next, heard]);
      for (const delta of deltas.splice(0)) yield { kind: 'delta', delta };
      if (first === 'delta') continue;
      if (first.done) return;
      for (const event of first.value) yield { kind: 'event', event, cursor: { epoch, seq: event.seq } };
      next = events.next();
    }
  } finally {
    stopListening();
    await events.return?.();
  }
}
