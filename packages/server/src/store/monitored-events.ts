/** What the events of monitored sessions did to their person's phone. */
import type { MonitoredEventType, NoTextReason } from '@claude-companion/protocol';
import type { Queryable } from './database.ts';
import type { DeliveryState } from './deliveries.ts';

export interface MonitoredEventRow {
  eventType: MonitoredEventType;
  deliveryId: string | null;
  noText: NoTextReason | null;
  nextAllowedAt: string | null;
}

export async function insertMonitoredEvent(
  tx: Queryable,
  event: MonitoredEventRow & { sessionId: string; clientId: string | null; now: string },
): Promise<void> {
  await tx.query(
    `insert into monitored_events (session_id, event_type, client_id, at, delivery_id, no_text, next_allowed_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [event.sessionId, event.eventType, event.clientId, event.now, event.deliveryId, event.noText, event.nextAllowedAt],
  );
}

export async function findMonitoredEvent(
  db: Queryable,
  { sessionId, clientId }: { sessionId: string; clientId: string },
): Promise<MonitoredEventRow | undefined> {
  const { rows } = await db.query<MonitoredEventRow>(
    `select event_type as "eventType", delivery_id as "deliveryId", no_text as "noText", next_allowed_at as "nextAllowedAt"
       from monitored_events where session_id = $1 and client_id = $2`,
    [sessionId, clientId],
  );
  return rows[0];
}

/** Until when no text of a type goes out. A text that failed or was skipped told nobody anything, and holds up no other. */
export async function noTextBefore(
  tx: Queryable,
  { sessionId, eventType }: { sessionId: string; eventType: MonitoredEventType },
): Promise<string | null> {
  const { rows } = await tx.query<{ at: string | null }>(
    `select max(e.next_allowed_at) as at from monitored_events e join deliveries d on d.id = e.delivery_id
      where e.session_id = $1 and e.event_type = $2 and d.state not in ('failed', 'skipped')`,
    [sessionId, eventType],
  );
  return rows[0]?.at ?? null;
}

/** The session that a delivery tells about; undefined when it tells of something else. */
export async function sessionOfNotice(db: Queryable, deliveryId: string): Promise<string | undefined> {
  const { rows } = await db.query<{ sessionId: string }>(
    `select session_id as "sessionId" from monitored_events where delivery_id = $1`,
    [deliveryId],
  );
  return rows[0]?.sessionId;
}

export async function deliveryStateOf(db: Queryable, deliveryId: string): Promise<DeliveryState | undefined> {
  const { rows } = await db.query<{ state: DeliveryState }>(`select state from deliveries where id = $1`, [deliveryId]);
  return rows[0]?.state;
}

/** Texts of a session that were put off: until a pause or quiet hours are over, or until the next attempt. */
export async function delayedNotices(
  tx: Queryable,
  { sessionId, now }: { sessionId: string; now: string },
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select d.id from deliveries d join monitored_events e on e.delivery_id = d.id
      where e.session_id = $1 and d.state = 'queued' and d.due_at > $2 for update of d`,
    [sessionId, now],
  );
  return rows.map(({ id }) => id);
}

export interface EventCounts {
  byType: Record<MonitoredEventType, number>;
  /** Texts that the carrier took. */
  texts: number;
}

export async function countMonitoredEvents(db: Queryable, sessionId: string): Promise<EventCounts> {
  const { rows } = await db.query<Record<MonitoredEventType | 'texts', number>>(
    `select count(*) filter (where e.event_type = 'error')::int as error,
            count(*) filter (where e.event_type = 'done')::int as done,
            count(*) filter (where e.event_type = 'waiting')::int as waiting,
            count(*) filter (where d.state in ('sent', 'delivered'))::int as texts
       from monitored_events e left join deliveries d on d.id = e.delivery_id where e.session_id = $1`,
    [sessionId],
  );
  const { texts = 0, error = 0, done = 0, waiting = 0 } = rows[0] ?? {};
  return { byType: { error, done, waiting }, texts };
}
