import type { EventData, FinalState, SessionSummary, StopReason } from '@claude-companion/protocol';
import { countMonitoredEvents, delayedNotices } from '../../store/monitored-events.ts';
import { changeSession } from '../change-session.ts';
import type { Context } from '../context.ts';
import { recordDeliveryIn } from '../record-delivery.ts';
import { endMonitored } from './end-monitored.ts';
import { ownSession, type SessionTokenRequest } from './own-session.ts';

export interface StopMonitoring extends SessionTokenRequest {
  reason: StopReason;
  finalState: FinalState;
  /** By the clock of its machine; default now. */
  endedAt?: string | undefined;
}

const ENDED_BECAUSE: Record<StopReason, EventData<'session.ended'>['reason']> = {
  completed: 'closed',
  user_stop: 'closed',
  error: 'failed',
};

/** Ends the session and tells what it was. Stopping it again changes nothing and tells the same. */
export async function stopMonitoring(context: Context, stop: StopMonitoring): Promise<SessionSummary> {
  return changeSession(context, stop, async (frame) => {
    const { tx, now } = frame;
    const { session, monitored } = await ownSession(tx, frame.session, { tokenOf: stop.tokenOf, now });
    const { reason, finalState } = stop;
    const endedAt = stop.endedAt ?? now;
    if (session.state !== 'ended') {
      await endMonitored(frame, { reason: ENDED_BECAUSE[reason], endedAt, stop: { reason, finalState } });
      // Who stops the monitoring wants no more texts about it.
      if (reason === 'user_stop') {
        const ids = await delayedNotices(tx, { sessionId: session.id, now });
        const end = { state: 'skipped' as const, reason: 'the monitoring was stopped' };
        await recordDeliveryIn(context, tx, { which: { ids }, end });
      }
    }
    const { byType, texts } = await countMonitoredEvents(tx, session.id);
    const ended = monitored.endedAt ?? endedAt;
    return {
      description: monitored.description,
      hostname: monitored.hostname,
      started_at: monitored.startedAt,
      ended_at: ended,
      // Its clock may have been set back in between.
      duration_ms: Math.max(0, Date.parse(ended) - Date.parse(monitored.startedAt)),
      sms_sent_count: texts,
      event_count: byType.error + byType.done + byType.waiting,
      events_by_type: byType,
      reason: monitored.stopReason ?? reason,
      final_state: monitored.finalState ?? finalState,
    };
  });
}
