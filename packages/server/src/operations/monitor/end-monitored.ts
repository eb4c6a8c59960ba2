/** The end of a monitored session, however it came. */
import type { EventData, FinalState, StopReason } from '@claude-companion/protocol';
import { listAsks } from '../../store/asks.ts';
import { updateMonitored } from '../../store/monitored-sessions.ts';
import { updateSession } from '../../store/sessions.ts';
import type { SessionChangeFrame } from '../change-session.ts';
import { moveSession } from '../change-session.ts';
import { settleAsk } from '../settle-ask.ts';

export interface MonitoredEnd {
  reason: EventData<'session.ended'>['reason'];
  /** By the clock of its machine where that told it. */
  endedAt: string;
  stop?: { reason: StopReason; finalState: FinalState };
}

export async function endMonitored(frame: SessionChangeFrame, end: MonitoredEnd): Promise<void> {
  const { tx, session, now, append } = frame;
  for (const ask of await listAsks(tx, { sessionId: session.id, states: ['open', 'answered'], limit: 1000 })) {
    await settleAsk(frame, { ask, input: 'withdraw', reason: 'the session has ended' });
  }
  const detail = end.stop ? { detail: `${end.stop.reason}, ${end.stop.finalState}` } : {};
  await append({ sessionId: session.id, kind: 'session.ended', data: { reason: end.reason, ...detail }, at: now });
  await updateSession(tx, session.id, { state: moveSession(session, 'close'), endedAt: now, lastActivityAt: now });
  await updateMonitored(tx, session.id, {
    endedAt: end.endedAt,
    ...(end.stop ? { stopReason: end.stop.reason, finalState: end.stop.finalState } : {}),
  });
}
