/** Bodies of the notifier API (sms-server-api.md) about monitored sessions: start, report, heartbeat, stop. */
import { z } from 'zod';
import { EXAMPLE_SESSION_ID, EXAMPLE_TIME } from '../agent-api/examples.ts';

/** What a monitored session can tell its person. Each kind has a text of its own. */
export const MonitoredEventTypeSchema = z.enum(['error', 'done', 'waiting']);
export type MonitoredEventType = z.infer<typeof MonitoredEventTypeSchema>;

export const StopReasonSchema = z.enum(['completed', 'user_stop', 'error']);
export type StopReason = z.infer<typeof StopReasonSchema>;

export const FinalStateSchema = z.enum(['success', 'error', 'cancelled']);
export type FinalState = z.infer<typeof FinalStateSchema>;

/** Why no text went out for an event, where none did. */
export const NoTextReasonSchema = z
  .enum(['rate_limited', 'opted_out', 'no_phone', 'no_carrier', 'paused', 'quiet_hours', 'queued', 'failed'])
  .describe(
    'rate_limited: one of this type went out within 30 minutes. opted_out: the person texted STOP. no_phone: the person has no number. ' +
      'no_carrier: the server cannot send texts. paused, quiet_hours: it goes out when these are over. queued: it is still on its way. ' +
      'failed: the carrier refused it.',
  );
export type NoTextReason = z.infer<typeof NoTextReasonSchema>;

const NO_TIME = 'must be a time in ISO 8601, such as 2026-01-01T12:00:00.000Z';
const EARLIEST = Date.parse('1970-01-01T00:00:00.000Z');
const LATEST = Date.parse('9999-12-31T23:59:59.999Z');

/** A time without a zone is taken as UTC. */
const momentOf = (reported: string): number =>
  Date.parse(/(?:Z|[+-]\d{2}:?\d{2})$/i.test(reported) ? reported : `${reported}Z`);

/** Of the machine that reports. Years that no clock shows are refused: databases and `toISOString` spell them in their own ways. */
const ReportedTime = z.iso.datetime({ offset: true, local: true, error: NO_TIME }).refine((text) => {
  const moment = momentOf(text);
  return moment >= EARLIEST && moment <= LATEST;
}, NO_TIME);

/** A reported time as `toISOString` writes it. */
export const utcTime = (reported: string): string => new Date(momentOf(reported)).toISOString();

/** Eight hours: a session must be stale before it expires. */
const MAX_HEARTBEAT_INTERVAL_MS = 28_800_000;

export const StartMonitoringSchema = z
  .object({
    claude_session_id: z.string().min(1).max(200).describe('The session as its own machine calls it.'),
    description: z.string().max(100).describe('What it is about, in at most 100 characters. It is part of every text.'),
    hostname: z.string().max(255).optional(),
    started_at: ReportedTime.optional().describe('ISO 8601. Default: now.'),
    heartbeat_interval_ms: z
      .int()
      .min(1_000)
      .max(MAX_HEARTBEAT_INTERVAL_MS)
      .default(300_000)
      .describe(
        'How often heartbeats will come. The session is stale after 3 missed ones. Default: 300000 (5 minutes).',
      ),
  })
  .meta({
    title: 'StartMonitoring',
    examples: [
      {
        claude_session_id: 'session_1767268800000',
        description: 'Fixing Docker build',
        hostname: 'build-machine',
        started_at: EXAMPLE_TIME,
      },
    ],
  });

export const MonitoringStartedSchema = z
  .object({
    session_token: z.string().describe('Opens this session only. Told once; the server keeps a hash of it.'),
    monitoring_id: z.uuid().describe('Names the session in the paths.'),
  })
  .meta({
    title: 'MonitoringStarted',
    examples: [{ session_token: 'cc_session_example', monitoring_id: EXAMPLE_SESSION_ID }],
  });

export const ReportEventSchema = z
  .object({
    event_type: MonitoredEventTypeSchema,
    timestamp: ReportedTime.optional().describe('When it happened, ISO 8601. Default: now.'),
    details: z
      .record(z.string(), z.unknown())
      .optional()
      .describe(
        'Anything that belongs to the event; kept as it is. The text tells `error` of an error, and of a waiting session how long it ' +
          'has been idle: `idle_minutes` or `idle_ms`.',
      ),
    event_id: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe(
        'Chosen by the sender. The same id again is the same event: nothing more happens, and the answer is the first one.',
      ),
  })
  .meta({
    title: 'ReportEvent',
    examples: [
      {
        event_type: 'error',
        timestamp: EXAMPLE_TIME,
        details: { error: 'npm install failed', stack: 'Error: npm install failed', file: 'package.json' },
      },
      {
        event_type: 'done',
        timestamp: EXAMPLE_TIME,
        details: { result: 'success', files_modified: 5, duration_ms: 1234 },
      },
      {
        event_type: 'waiting',
        timestamp: EXAMPLE_TIME,
        details: { reason: 'user_approval_required', action: 'review_changes' },
      },
    ],
  });

export const EventReportedSchema = z
  .object({
    sms_sent: z.boolean().describe('The carrier took the text.'),
    sms_id: z.uuid().nullable().describe('Names the text; null when there is none.'),
    rate_limited: z.boolean(),
    next_allowed_at: z.iso
      .datetime()
      .nullable()
      .describe('From when on a text of this type goes out again; null: now.'),
    reason: NoTextReasonSchema.nullable().describe('Why no text went out; null when one did.'),
  })
  .meta({
    title: 'EventReported',
    examples: [
      { sms_sent: true, sms_id: EXAMPLE_SESSION_ID, rate_limited: false, next_allowed_at: EXAMPLE_TIME, reason: null },
      { sms_sent: false, sms_id: null, rate_limited: true, next_allowed_at: EXAMPLE_TIME, reason: 'rate_limited' },
    ],
  });
export type EventReported = z.infer<typeof EventReportedSchema>;

export const HeartbeatSchema = z
  .object({
    timestamp: ReportedTime.optional(),
    last_activity: ReportedTime.optional().describe('When something last happened in the session.'),
  })
  .meta({ title: 'Heartbeat', examples: [{ timestamp: EXAMPLE_TIME, last_activity: EXAMPLE_TIME }] });

export const HeartbeatTakenSchema = z
  .object({
    status: z.literal('active'),
    stale_at: z.iso.datetime().describe('When the session is stale if no heartbeat comes.'),
    expires_at: z.iso.datetime().describe('When it is over if no heartbeat comes.'),
  })
  .meta({
    title: 'HeartbeatTaken',
    examples: [{ status: 'active', stale_at: EXAMPLE_TIME, expires_at: EXAMPLE_TIME }],
  });

export const StopMonitoringSchema = z
  .object({
    reason: StopReasonSchema,
    final_state: FinalStateSchema,
    ended_at: ReportedTime.optional().describe('ISO 8601. Default: now.'),
  })
  .meta({
    title: 'StopMonitoring',
    examples: [{ reason: 'completed', final_state: 'success', ended_at: EXAMPLE_TIME }],
  });

export const SessionSummarySchema = z.object({
  description: z.string(),
  hostname: z.string().nullable(),
  started_at: z.iso.datetime(),
  ended_at: z.iso.datetime(),
  duration_ms: z.int().min(0),
  sms_sent_count: z.int().min(0).describe('Texts that the carrier took.'),
  event_count: z.int().min(0),
  events_by_type: z.object({ error: z.int().min(0), done: z.int().min(0), waiting: z.int().min(0) }),
  reason: StopReasonSchema,
  final_state: FinalStateSchema,
});
export type SessionSummary = z.infer<typeof SessionSummarySchema>;

export const MonitoringStoppedSchema = z
  .object({ stopped: z.literal(true), session_summary: SessionSummarySchema })
  .meta({
    title: 'MonitoringStopped',
    examples: [
      {
        stopped: true,
        session_summary: {
          description: 'Fixing Docker build',
          hostname: 'build-machine',
          started_at: EXAMPLE_TIME,
          ended_at: EXAMPLE_TIME,
          duration_ms: 61_000,
          sms_sent_count: 1,
          event_count: 1,
          events_by_type: { error: 0, done: 1, waiting: 0 },
          reason: 'completed',
          final_state: 'success',
        },
      },
    ],
  });
