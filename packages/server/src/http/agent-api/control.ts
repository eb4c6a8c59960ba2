/** Model, interrupt, permission mode, and what the agent can do. */
import {
  InterruptedSchema,
  ModelSetSchema,
  PermissionModeSetSchema,
  ServerInfoSchema,
  SetModelSchema,
  SetPermissionModeSchema,
} from '@claude-companion/protocol';
import { configureSession, interruptSession } from '../../operations/control-session.ts';
import { getSession } from '../../operations/look-up.ts';
import { refuseMonitored } from '../../operations/monitor/refuse-monitored.ts';
import { actorOf } from '../middleware/actor.ts';
import { idempotencyOf } from '../middleware/idempotency-key.ts';
import { type Route, route } from '../surface.ts';
import { SessionParams } from './params.ts';

export const CONTROL: readonly Route[] = [
  route({
    method: 'POST',
    path: '/sessions/:session_id/model',
    auth: 'host',
    summary: 'Change the model of a session',
    description:
      'From the next request to the model on. The environment of the agent, settled when the session was made, stays.',
    schema: { params: SessionParams, body: SetModelSchema, response: ModelSetSchema },
    errors: ['SESSION_NOT_FOUND', 'SESSION_ENDED', 'SESSION_INVALID_STATE', 'IDEMPOTENCY_MISMATCH'],
    handle: async ({ doors: { context }, params, body, request }) => {
      const idempotency = idempotencyOf(request);
      await configureSession(context, {
        sessionId: params.session_id,
        model: body.model,
        via: 'api',
        by: actorOf(request),
        idempotency,
      });
      return { status: 'ok', model: body.model };
    },
  }),
  route({
    method: 'POST',
    path: '/sessions/:session_id/interrupt',
    auth: 'host',
    summary: 'Stop the turn in progress',
    description: 'Its open permission requests are withdrawn. A session with no turn in progress answers 409.',
    schema: { params: SessionParams, response: InterruptedSchema },
    errors: ['SESSION_NOT_FOUND', 'SESSION_ENDED', 'SESSION_INVALID_STATE'],
    handle: async ({ doors: { context }, params }) => {
      await interruptSession(context, { sessionId: params.session_id, via: 'api' });
      return { status: 'interrupted' };
    },
  }),
  route({
    method: 'POST',
    path: '/sessions/:session_id/permission_mode',
    auth: 'host',
    summary: 'Change what a session must ask for',
    schema: { params: SessionParams, body: SetPermissionModeSchema, response: PermissionModeSetSchema },
    errors: ['AUTH_INSUFFICIENT', 'SESSION_NOT_FOUND', 'SESSION_ENDED', 'IDEMPOTENCY_MISMATCH'],
    handle: async ({ doors: { context }, params, body, request }) => {
      const { mode } = body;
      const idempotency = idempotencyOf(request);
      await configureSession(context, {
        sessionId: params.session_id,
        permissionMode: mode,
        via: 'api',
        by: actorOf(request),
        idempotency,
      });
      return { status: 'ok', mode };
    },
  }),
  route({
    method: 'GET',
    path: '/sessions/:session_id/server_info',
    auth: 'host',
    summary: 'Commands, output style and capabilities of the agent',
    description:
      'As the last agent process in the directory of the session said. Without one a process is started and asked.',
    schema: { params: SessionParams, response: ServerInfoSchema },
    errors: ['SESSION_NOT_FOUND', 'SESSION_INVALID_STATE', 'WORKING_DIRECTORY_MISSING', 'AICLI_UNAVAILABLE'],
    handle: async ({ doors, params }) => {
      const session = await getSession(doors.context, params.session_id);
      refuseMonitored(session);
      const { cwd } = session;
      const { commands, outputStyle, capabilities } = await doors.agentInfo({ cwd });
      return {
        commands: commands.map(({ argumentHint, ...command }) => ({ ...command, argument_hint: argumentHint })),
        output_style: outputStyle,
        capabilities,
      };
    },
  }),
];
