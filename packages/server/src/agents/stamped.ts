import type { NewEvent } from '@claude-companion/protocol';

/** An event of a session, before it is said whose and when. */
export type Unstamped = NewEvent extends infer E ? (E extends NewEvent ? Omit<E, 'sessionId' | 'at'> : never) : never;

export const stamped = (events: readonly Unstamped[], stamp: { sessionId: string; at: string }): NewEvent[] =>
  events.map((event) => ({ ...event, ...stamp }) as NewEvent);
