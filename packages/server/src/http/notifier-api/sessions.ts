/** Monitored sessions: start, report, heartbeat, stop. */
import {
  CompanionError,
  EventReportedSchema,
  HeartbeatSchema,
  HeartbeatTakenSchema,
  MonitoringStartedSchema,
  MonitoringStoppedSchema,
  ReportEventSchema,
  StartMonitoringSchema,
  StopMonitoringSchema,
  utcTime,
} from '@claude-companion/protocol';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { SessionTokenRequest } from '../../operations/monitor/own-session.ts';
import { recordHeartbeat } from '../../operations/monitor/record-heartbeat.ts';
import { reportEvent } from '../../operations/monitor/report-event.ts';
import { startMonitoring } from '../../operations/monitor/start-monitoring.ts';
import { stopMonitoring } from '../../operations/monitor/stop-monitoring.ts';
import { actorOf } from '../middleware/actor.ts';
import { type Route, route } from '../surface.ts';

const Params = z.object({ session_id: z.uuid({ error: 'Session not found or expired' }) });

const utcOrNow = (time: string | undefined): string | undefined => (time === undefined ? undefined : utcTime(time));

function asked(request: FastifyRequest, sessionId: string): SessionTokenRequest {
  const { caller } = request;
  if (caller?.kind !== 'session') throw new CompanionError('AUTH_INVALID', 'Session token invalid');
  return { sessionId: sessionId.toLowerCase(), tokenOf: caller.sessionId };
}

export const sessionRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/sessions/start',
    auth: 'person',
    unstorableText: 'replaced',
    summary: 'Start monitoring a session that runs in a terminal',
    description:
      'Needs an access token; what follows needs the `session_token` of the answer. The same `claude_session_id` again, while the ' +
      'session has not ended, is the same session: the answer has its `monitoring_id` and one more token, and the tokens given ' +
      'before stay good (of more than five the newest five do). A session without a heartbeat for 24 hours has ended.',
    schema: { body: StartMonitoringSchema, response: MonitoringStartedSchema },
    handle: async ({ doors: { context }, body, request }) => {
      const { sessionToken, monitoringId } = await startMonitoring(context, {
        personId: actorOf(request).personId,
        claudeSessionId: body.claude_session_id,
        description: body.description,
        hostname: body.hostname,
        startedAt: utcOrNow(body.started_at),
        heartbeatIntervalMs: body.heartbeat_interval_ms,
      });
      return { session_token: sessionToken, monitoring_id: monitoringId };
    },
  }),
  route({
    method: 'POST',
    path: '/sessions/:session_id/events',
    auth: 'session',
    unstorableText: 'replaced',
    summary: 'Report an event; its person gets a text',
    description:
      'One text goes out for each type of event in 30 minutes. The answer says whether the carrier took the text. It waits for ' +
      'that up to three seconds; a text that takes longer is told as `queued`.',
    schema: { params: Params, body: ReportEventSchema, response: EventReportedSchema },
    errors: ['SESSION_NOT_FOUND', 'IDEMPOTENCY_MISMATCH', 'REQUEST_TOO_LARGE'],
    handle: async ({ doors: { context }, params, body, request }) =>
      reportEvent(context, {
        ...asked(request, params.session_id),
        type: body.event_type,
        timestamp: utcOrNow(body.timestamp),
        details: body.details ?? {},
        clientId: body.event_id,
      }),
  }),
  route({
    method: 'POST',
    path: '/sessions/:session_id/heartbeat',
    auth: 'session',
    summary: 'Keep a monitored session alive',
    schema: { params: Params, body: HeartbeatSchema, response: HeartbeatTakenSchema },
    errors: ['SESSION_NOT_FOUND'],
    handle: async ({ doors: { context }, params, body, request }) => {
      const { staleAt, expiresAt } = await recordHeartbeat(context, {
        ...asked(request, params.session_id),
        lastActivity: utcOrNow(body.last_activity),
      });
      return { status: 'active', stale_at: staleAt, expires_at: expiresAt };
    },
  }),
  route({
    method: 'POST',
    path: '/sessions/:session_id/stop',
    auth: 'session',
    summary: 'End the monitoring',
    description:
      'Stopping a session again changes nothing and is answered the same. Events and heartbeats are refused afterwards.',
    schema: { params: Params, body: StopMonitoringSchema, response: MonitoringStoppedSchema },
    errors: ['SESSION_NOT_FOUND'],
    handle: async ({ doors: { context }, params, body, request }) => ({
      stopped: true,
      session_summary: await stopMonitoring(context, {
        ...asked(request, params.session_id),
        reason: body.reason,
        finalState: body.final_state,
        endedAt: utcOrNow(body.ended_at),
      }),
    }),
  }),
];
