/**
 * The frame of every operation that changes a session: one transaction, the log's lock first and then the session's row,
 * an idempotency key that returns the first result, events and effects committed together.
 */

import { CompanionError, type NewEvent, type SessionState } from '@claude-companion/protocol';
import { SESSION_REFUSALS, type SessionInput, sessionStep } from '../sessions/lifecycle.ts';
import type { Transaction } from '../store/database.ts';
import type { Fence } from '../store/event-batch.ts';
import { lockLog } from '../store/log-lock.ts';
import { lockSession, type SessionRow } from '../store/sessions.ts';
import { refuseFenced } from '../store/streams.ts';
import type { Context } from './context.ts';

/** Names one request: the same key again returns the first result; with another request it is refused. */
export interface Idempotency {
  key: string;
  fingerprint: string;
}

export interface SessionChangeRequest {
  sessionId: string;
  idempotency?: Idempotency | undefined;
  /** The lease by which the caller serves the session. When it was lost, nothing is changed and FencedError is thrown. */
  fence?: Fence;
}

/** A session as the one server that serves it knows it. */
export interface ServedSession {
  sessionId: string;
  fence: Fence;
}

export interface SessionChangeFrame {
  tx: Transaction;
  session: SessionRow;
  now: string;
  /** Appends to the log in this transaction. */
  append(...events: NewEvent[]): Promise<void>;
}

export async function changeSession<T>(
  context: Context,
  request: SessionChangeRequest,
  work: (frame: SessionChangeFrame) => Promise<T>,
): Promise<T> {
  const { store, clock } = context;
  return store.db.transaction(async (tx) => {
    await lockLog(tx);
    if (request.fence) await refuseFenced(tx, request.fence);
    const change = async (): Promise<T> => {
      const session = await lockSession(tx, request.sessionId);
      if (!session) throw new CompanionError('SESSION_NOT_FOUND', 'Session not found');
      return work({
        tx,
        session,
        now: clock.now().toISOString(),
        append: async (...events) => {
          await store.log.appendIn(tx, events);
        },
      });
    };
    if (!request.idempotency) return change();
    return (await store.idempotency.once(tx, request.idempotency, change)).result;
  });
}

/** The state after `input`. Throws the refusal of the table when the session's state does not allow it. */
export function moveSession(session: Pick<SessionRow, 'state'>, input: SessionInput): SessionState {
  const step = sessionStep(session.state, input);
  if (!step.ok) throw new CompanionError(step.refusal, SESSION_REFUSALS[step.refusal]);
  return step.state;
}
