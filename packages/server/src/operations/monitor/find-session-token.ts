/** The token of a monitored session: random, told once, kept as a hash. */
import { createHash } from 'node:crypto';
import { findTokenSession } from '../../store/monitored-sessions.ts';
import type { Context, Ids } from '../context.ts';

const PREFIX = 'cc_session_';
const TOKEN_BYTES = 32;

export const newSessionToken = (ids: Ids): string =>
  `${PREFIX}${Buffer.from(ids.bytes(TOKEN_BYTES)).toString('base64url')}`;

/** The token is random and long: a plain hash of it cannot be guessed back. */
export const hashOfToken = (token: string): string => createHash('sha256').update(token).digest('base64url');

export interface SessionCaller {
  kind: 'session';
  personId: string;
  sessionId: string;
}

/**
 * Whose token it is; null for one that nobody knows. A session that has ended is still told by its token, for a week, so that
 * what it is refused says why; the operations let it do nothing any more.
 */
export async function findSessionToken(
  { store }: Pick<Context, 'store'>,
  token: string,
): Promise<SessionCaller | null> {
  if (!token.startsWith(PREFIX)) return null;
  const found = await findTokenSession(store.db, hashOfToken(token));
  return found ? { kind: 'session', ...found } : null;
}
