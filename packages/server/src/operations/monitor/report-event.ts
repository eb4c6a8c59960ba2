/**
 * A monitored session tells its person something. The event, the limit and the row of the outbox are one commit under the log's
 * lock, so that of two requests at the same moment only one passes the limit.
 */
import { CompanionError, type EventReported, type MonitoredEventType } from '@claude-companion/protocol';
import { STATE_AFTER_EVENT } from '../../sessions/monitored.ts';
import { addDelivery } from '../../store/deliveries.ts';
import {
  findMonitoredEvent,
  insertMonitoredEvent,
  type MonitoredEventRow,
  noTextBefore,
} from '../../store/monitored-events.ts';
import { type MonitoredSession, updateMonitored } from '../../store/monitored-sessions.ts';
import { findPerson } from '../../store/people.ts';
import { updateSession } from '../../store/sessions.ts';
import { changeSession, type SessionChangeFrame } from '../change-session.ts';
import type { Context } from '../context.ts';
import { awaitText } from './await-text.ts';
import { decideText, type TextDecision } from './decide-text.ts';
import { refuseOversized } from './details-limit.ts';
import { noticeText } from './notice-text.ts';
import { ownSession, type SessionTokenRequest, sessionNotFound } from './own-session.ts';

export interface ReportEvent extends SessionTokenRequest {
  type: MonitoredEventType;
  /** By the clock of its machine; default now. */
  timestamp?: string | undefined;
  details: Record<string, unknown>;
  /** The sender's own name for the event: the same again is the same event. */
  clientId?: string | undefined;
}

/** Says whether the text about the event went out. Waits for the carrier, but only shortly. */
export async function reportEvent(context: Context, report: ReportEvent): Promise<EventReported> {
  refuseOversized(report.details);
  const row = await changeSession(context, report, async (frame) => {
    const { tx, now } = frame;
    const { session, monitored } = await ownSession(tx, frame.session, { tokenOf: report.tokenOf, now });
    const known = await knownEvent(frame, report);
    if (known) return known;
    if (session.state === 'ended') throw sessionNotFound();
    return takeEvent(context, frame, { report, monitored });
  });
  return awaitText(context, row);
}

async function knownEvent({ tx }: SessionChangeFrame, report: ReportEvent): Promise<MonitoredEventRow | undefined> {
  const { sessionId, clientId, type } = report;
  const known = clientId === undefined ? undefined : await findMonitoredEvent(tx, { sessionId, clientId });
  if (known && known.eventType !== type) {
    throw new CompanionError('IDEMPOTENCY_MISMATCH', 'event_id: was already used for an event of another type');
  }
  return known;
}

async function takeEvent(
  context: Context,
  frame: SessionChangeFrame,
  { report, monitored }: { report: ReportEvent; monitored: MonitoredSession },
): Promise<MonitoredEventRow> {
  const { ids, store, policy } = context;
  const { tx, session, now, append } = frame;
  const { type, details, timestamp = now } = report;
  const person = await findPerson(tx, session.personId);
  if (!person) throw sessionNotFound();
  const before = await noTextBefore(tx, { sessionId: session.id, eventType: type });
  const decision = decideText({
    now: Date.parse(now),
    canText: policy.canText,
    person,
    quietHours: policy.quietHours,
    noTextBefore: before === null ? null : Date.parse(before),
  });
  const row: MonitoredEventRow = {
    eventType: type,
    deliveryId: decision.dueAt === null ? null : ids.uuid(),
    noText: decision.reason,
    nextAllowedAt: decision.nextAllowedAt === null ? null : new Date(decision.nextAllowedAt).toISOString(),
  };
  if (row.deliveryId !== null && decision.dueAt !== null) {
    await addDelivery(tx, store.seal, {
      id: row.deliveryId,
      key: `monitor:${row.deliveryId}`,
      personId: session.personId,
      channel: 'sms',
      purpose: 'notice',
      body: noticeText({ type, description: monitored.description, details }),
      dueAt: new Date(decision.dueAt).toISOString(),
      now,
    });
  }
  await insertMonitoredEvent(tx, { ...row, sessionId: session.id, clientId: report.clientId ?? null, now });
  await append({ sessionId: session.id, kind: 'monitor.reported', data: eventData(report, row, decision), at: now });
  await updateSession(tx, session.id, { state: STATE_AFTER_EVENT[type], lastActivityAt: now });
  await updateMonitored(tx, session.id, { lastHeardAt: now, lastReportedAt: timestamp });
  return row;

  function eventData({ type: event }: ReportEvent, { deliveryId }: MonitoredEventRow, { reason }: TextDecision) {
    const told = deliveryId === null ? {} : { deliveryId };
    return { event, timestamp, details, text: reason ?? ('planned' as const), ...told };
  }
}
