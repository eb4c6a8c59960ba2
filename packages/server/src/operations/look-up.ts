/** Reads for the doors: what there is, or the refusal that says there is none. */
import { type Ask, type AskState, CompanionError } from '@claude-companion/protocol';
import { type AskRow, findAsk, listAsks } from '../store/asks.ts';
import { countSessions, findSession, listSessions, type SessionRow } from '../store/sessions.ts';
import { type Actor, listedFor } from './actor.ts';
import { publicAsk } from './answer-ask.ts';
import type { Context } from './context.ts';

export type { SessionRow } from '../store/sessions.ts';
export type { SimulatedText } from '../store/texts.ts';

const MAX_LISTED_ASKS = 500;

export async function getSession({ store }: Context, sessionId: string): Promise<SessionRow> {
  const session = await findSession(store.db, sessionId);
  if (!session) throw new CompanionError('SESSION_NOT_FOUND', 'Session not found');
  return session;
}

/** Sessions that have not ended, the most recently used first. */
export const activeSessions = ({ store }: Context, actor: Actor): Promise<SessionRow[]> =>
  listSessions(store.db, { includeEnded: false, personId: listedFor(actor) });

export const countActiveSessions = ({ store }: Context): Promise<number> => countSessions(store.db);

export async function getAsk({ store }: Context, askId: string): Promise<Ask> {
  const ask = await findAsk(store.db, askId);
  if (!ask) throw new CompanionError('ASK_NOT_FOUND', 'Ask not found');
  return publicAsk(ask);
}

/** Oldest first. */
export async function findAsks(
  { store }: Context,
  actor: Actor,
  filter: { state: AskState | 'all'; sessionId?: string | undefined },
): Promise<Ask[]> {
  const { state, sessionId } = filter;
  const personId = listedFor(actor);
  const rows = await listAsks(store.db, {
    limit: MAX_LISTED_ASKS,
    ...(personId === undefined ? {} : { personId }),
    ...(state === 'all' ? {} : { states: [state] }),
    ...(sessionId === undefined ? {} : { sessionId }),
  });
  return rows.map(publicAsk);
}

/** The oldest ask of a session that waits for a decision. */
export async function oldestOpenAsk({ store }: Context, sessionId: string): Promise<AskRow | undefined> {
  const open = await listAsks(store.db, { sessionId, states: ['open'], limit: 100 });
  return open.find(({ kind }) => kind !== 'done' && kind !== 'error');
}
