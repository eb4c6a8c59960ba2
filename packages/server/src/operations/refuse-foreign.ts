/**
 * Whose things a request names. What belongs to somebody else is told in the words of what is not there: an id that was
 * guessed or overheard says nothing.
 */
import { CompanionError, type ErrorCode } from '@claude-companion/protocol';
import { findAsk } from '../store/asks.ts';
import type { Queryable } from '../store/database.ts';
import { findSession } from '../store/sessions.ts';
import type { Actor } from './actor.ts';
import type { Context } from './context.ts';

interface Owned {
  ownerOf(db: Queryable, id: string): Promise<string | undefined>;
  code: ErrorCode;
  missing: string;
}

const SESSION: Owned = {
  ownerOf: async (db, id) => (await findSession(db, id))?.personId,
  code: 'SESSION_NOT_FOUND',
  missing: 'Session not found',
};

/** Every name that a path may give to somebody's thing. A route for people with another one is refused by a test. */
export const OWNED_PARAMS = {
  session_id: SESSION,
  sessionId: SESSION,
  askId: {
    ownerOf: async (db, id) => (await findAsk(db, id))?.personId,
    code: 'ASK_NOT_FOUND',
    missing: 'Ask not found',
  },
} as const satisfies Record<string, Owned>;

/** @throws CompanionError SESSION_NOT_FOUND, ASK_NOT_FOUND unless all that `params` name is the actor's own */
export async function refuseForeign(
  { store }: Pick<Context, 'store'>,
  actor: Actor,
  params: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (actor.isOwner) return;
  for (const [name, owned] of Object.entries<Owned>(OWNED_PARAMS)) {
    const id = params[name];
    if (typeof id !== 'string') continue;
    if ((await owned.ownerOf(store.db, id)) !== actor.personId) throw new CompanionError(owned.code, owned.missing);
  }
}
