import { expiredIfHeardBefore } from '../../sessions/monitored.ts';
import { deleteTokensOfEnded, findMonitored, monitoredHeardBefore } from '../../store/monitored-sessions.ts';
import { changeSession } from '../change-session.ts';
import type { Context } from '../context.ts';
import { endMonitored } from './end-monitored.ts';
import { livenessNow } from './own-session.ts';

/** A stop or an event that comes later than this after the end is told that the token is unknown. */
const TOKENS_LIVE_ON_MS = 7 * 86_400_000;

/** Ends, in the log, sessions nobody has heard of for a day. Requests about them are refused before that, by the time alone. */
export async function endExpired(context: Context): Promise<number> {
  const { store, clock } = context;
  const now = clock.now().getTime();
  const candidates = await monitoredHeardBefore(store.db, new Date(expiredIfHeardBefore(now)).toISOString());
  let ended = 0;
  for (const sessionId of candidates) {
    await changeSession(context, { sessionId }, async (frame) => {
      const [monitored] = await findMonitored(frame.tx, [sessionId]);
      // Another server may have been quicker.
      if (!monitored || frame.session.state === 'ended' || livenessNow(monitored, frame.now) !== 'expired') return;
      await endMonitored(frame, { reason: 'expired', endedAt: monitored.lastHeardAt });
      ended += 1;
    });
  }
  await deleteTokensOfEnded(store.db, new Date(now - TOKENS_LIVE_ON_MS).toISOString());
  return ended;
}
