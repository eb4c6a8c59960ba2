/** Sessions: make, take up again, list, look at, close. */
import {
  AvailableSessionsSchema,
  CreateSessionSchema,
  SessionClosedSchema,
  SessionCreatedSchema,
  SessionListSchema,
  SessionStatusSchema,
} from '@claude-companion/protocol';
import { availableSessions } from '../../operations/available-sessions.ts';
import { closeSession } from '../../operations/control-session.ts';
import { getSession } from '../../operations/look-up.ts';
import { listedSessions } from '../../operations/monitor/listed-sessions.ts';
import { resumeSession } from '../../operations/resume-session.ts';
import { startSession } from '../../operations/start-session.ts';
import { actorOf } from '../middleware/actor.ts';
import { atMost } from '../middleware/at-most.ts';
import { idempotencyOf } from '../middleware/idempotency-key.ts';
import { type Route, route } from '../surface.ts';
import { SessionParams } from './params.ts';
import { availableView, createdView, listedView, statusView } from './views.ts';

/** A few seconds of work for the database. */
const MAX_CREATED_AT_ONCE = 1_500;
const creating = atMost(MAX_CREATED_AT_ONCE);

export const SESSIONS: readonly Route[] = [
  route({
    method: 'POST',
    path: '/sessions',
    auth: 'host',
    summary: 'Create a session, or take one up again',
    description:
      'No process is started before the first message. With `resume_session_id` the session goes on with its conversation, ' +
      'also after it was closed; the other fields then change it where they are given.',
    schema: { body: CreateSessionSchema, response: SessionCreatedSchema },
    errors: [
      'INVALID_PARAMETERS',
      'PROJECT_NOT_FOUND',
      'PROJECT_OUTSIDE',
      'AUTH_INSUFFICIENT',
      'SESSION_NOT_FOUND',
      'SESSION_INVALID_STATE',
      'IDEMPOTENCY_MISMATCH',
      'RATE_LIMIT',
    ],
    handle: async ({ doors: { context, savedConversations }, body, request }) => {
      const start = {
        project: body.project,
        cwd: body.cwd,
        model: body.model,
        systemPrompt: body.system_prompt,
        permissionMode: body.permission_mode,
        allowedTools: body.allowed_tools,
        permissionTimeoutS: body.permission_timeout_s,
        maxBudgetUsd: body.max_budget_usd,
        enableProxy: body.enable_proxy,
        prompt: body.message,
        via: 'api' as const,
        by: actorOf(request),
        idempotency: idempotencyOf(request),
      };
      const { resume_session_id: sessionId } = body;
      const session = await creating(() =>
        sessionId === undefined
          ? startSession(context, start)
          : resumeSession(context, savedConversations, { ...start, sessionId }),
      );
      return createdView(session);
    },
  }),
  route({
    method: 'GET',
    path: '/sessions',
    auth: 'person',
    summary: 'Sessions that are not closed, the last used first',
    schema: { response: SessionListSchema },
    handle: async ({ doors: { context }, request }) => ({
      sessions: (await listedSessions(context, actorOf(request))).map(listedView),
    }),
  }),
  route({
    method: 'GET',
    path: '/sessions/available',
    auth: 'person',
    summary: 'Sessions that can be resumed, the last used first',
    description:
      'Those of this server, closed ones too, and conversations on its disk that were held below PROJECTS_DIR. At most 1,000.',
    schema: { response: AvailableSessionsSchema },
    handle: async ({ doors: { context, savedConversations }, request }) => ({
      sessions: (await availableSessions(context, savedConversations, actorOf(request))).map(availableView),
    }),
  }),
  route({
    method: 'GET',
    path: '/sessions/:session_id/status',
    auth: 'person',
    summary: 'State of a session and its oldest open permission request',
    schema: { params: SessionParams, response: SessionStatusSchema },
    handle: async ({ doors: { context }, params }) => statusView(context, await getSession(context, params.session_id)),
  }),
  route({
    method: 'DELETE',
    path: '/sessions/:session_id',
    auth: 'host',
    summary: 'Close a session',
    description: 'Its open permission requests are withdrawn and its agent process ends. Closing it again is no error.',
    schema: { params: SessionParams, response: SessionClosedSchema },
    handle: async ({ doors: { context }, params }) => {
      await closeSession(context, { sessionId: params.session_id, via: 'api' });
      return { status: 'closed', session_id: params.session_id };
    },
  }),
];
