import { lockAsk, overdueAsks } from '../store/asks.ts';
import { changeSession } from './change-session.ts';
import { type Context, nowOf } from './context.ts';
import { settleAsk } from './settle-ask.ts';

/** Closes every open ask whose deadline has passed: the deadline denies, nobody's silence ever allows. Returns how many. */
export async function expireAsks(context: Context): Promise<number> {
  let expired = 0;
  for (const askId of await overdueAsks(context.store.db, nowOf(context))) {
    if (await expireAsk(context, askId)) expired++;
  }
  return expired;
}

async function expireAsk(context: Context, askId: string): Promise<boolean> {
  const { rows } = await context.store.db.query<{ sessionId: string }>(
    `select session_id as "sessionId" from asks where id = $1`,
    [askId],
  );
  const [row] = rows;
  if (!row) return false;
  return changeSession(context, { sessionId: row.sessionId }, async (frame) => {
    const ask = await lockAsk(frame.tx, askId);
    if (!ask || ask.deadline > frame.now) return false;
    const toBeTold = ask.kind === 'done' || ask.kind === 'error';
    return settleAsk(frame, {
      ask,
      input: toBeTold ? 'withdraw' : 'expire',
      reason: toBeTold ? 'it is old news' : 'nobody answered in time',
    });
  });
}
