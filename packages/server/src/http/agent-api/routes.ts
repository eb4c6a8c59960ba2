/** agent-api-server.md: sessions, messages, permissions. */
import {
  CompanionError,
  CreateSessionSchema,
  HealthSchema,
  MessagesSchema,
  RespondPermissionSchema,
  SendMessageSchema,
  SessionCreatedSchema,
  SessionListSchema,
  SessionStatusSchema,
} from '@claude-companion/protocol';
import { z } from 'zod';
import { answerAsk } from '../../operations/answer-ask.ts';
import { awaitTurn } from '../../operations/await-turn.ts';
import { closeSession, interruptSession } from '../../operations/control-session.ts';
import { activeSessions, countActiveSessions, getSession } from '../../operations/look-up.ts';
import { sendPrompt } from '../../operations/send-prompt.ts';
import { startSession } from '../../operations/start-session.ts';
import type { Doors } from '../doors.ts';
import { clientGone } from '../middleware/client-gone.ts';
import { idempotencyOf } from '../middleware/idempotency-key.ts';
import { type Route, route, type Surface } from '../surface.ts';
import { createdView, listedView, messagesView, statusView } from './views.ts';

const SessionParams = z.object({ session_id: z.uuid({ error: 'Session not found' }) });

export function agentApi(doors: Doors): Surface {
  const { context, about } = doors;
  const routes: Route[] = [
    route({
      method: 'GET',
      path: '/health',
      auth: 'open',
      summary: 'Is the server up',
      schema: { response: HealthSchema },
      handle: async () => ({
        status: 'healthy' as const,
        active_sessions: await countActiveSessions(context),
        timestamp: context.clock.now().toISOString(),
        uptime: context.clock.now().getTime() - about.startedAt.getTime(),
        version: about.version,
        aicliAvailable: about.agentAvailable,
      }),
    }),
    route({
      method: 'POST',
      path: '/sessions',
      auth: 'owner',
      summary: 'Create a session',
      schema: { body: CreateSessionSchema, response: SessionCreatedSchema },
      handle: async ({ body, request }) => {
        const session = await startSession(context, {
          project: body.project,
          cwd: body.cwd,
          model: body.model,
          systemPrompt: body.system_prompt,
          permissionMode: body.permission_mode,
          allowedTools: body.allowed_tools,
          permissionTimeoutS: body.permission_timeout_s,
          prompt: body.message,
          via: 'api',
          idempotency: idempotencyOf(request, body),
        });
        return createdView(session);
      },
    }),
    route({
      method: 'GET',
      path: '/sessions',
      auth: 'owner',
      summary: 'List sessions',
      schema: { response: SessionListSchema },
      handle: async () => ({ sessions: (await activeSessions(context)).map(listedView) }),
    }),
    route({
      method: 'GET',
      path: '/sessions/:session_id/status',
      auth: 'owner',
      summary: 'State of a session and its oldest open ask',
      schema: { params: SessionParams, response: SessionStatusSchema },
      handle: async ({ params }) => statusView(context, await getSession(context, params.session_id)),
    }),
    route({
      method: 'POST',
      path: '/sessions/:session_id/messages',
      auth: 'owner',
      summary: 'Send a message and wait for the end of the turn',
      schema: { params: SessionParams, body: SendMessageSchema, response: MessagesSchema },
      handle: async ({ params, body, request, reply }) => {
        const { promptId, seq } = await sendPrompt(context, {
          sessionId: params.session_id,
          text: body.message,
          via: 'api',
          idempotency: idempotencyOf(request, body),
        });
        const signal = clientGone(reply);
        const turn = await awaitTurn(context, { sessionId: params.session_id, promptId, after: seq, signal });
        return messagesView(params.session_id, turn);
      },
    }),
    route({
      method: 'POST',
      path: '/sessions/:session_id/interrupt',
      auth: 'owner',
      summary: 'Stop the turn in progress',
      schema: { params: SessionParams },
      handle: async ({ params }) => {
        await interruptSession(context, { sessionId: params.session_id, via: 'api' });
        return { status: 'interrupted' };
      },
    }),
    route({
      method: 'POST',
      path: '/sessions/:session_id/permissions/respond',
      auth: 'owner',
      summary: 'Answer a permission request',
      schema: { params: SessionParams, body: RespondPermissionSchema },
      handle: async ({ params, body }) => {
        const { request_id: askId, allowed, apply_suggestions: applySuggestions, message } = body;
        const result = z.uuid().safeParse(askId).success
          ? await answerAsk(context, {
              askId,
              answer: allowed ? { decision: 'allow', applySuggestions, message } : { decision: 'deny', message },
              via: 'api',
            })
          : null;
        if (!result?.ask || result.ask.sessionId !== params.session_id || result.outcome === 'not_found') {
          throw new CompanionError('ASK_NOT_FOUND', 'No such permission request in this session.');
        }
        if (result.outcome !== 'answered') throw new CompanionError('ASK_CLOSED', result.message);
        return { status: 'ok', request_id: askId, message: result.message };
      },
    }),
    route({
      method: 'DELETE',
      path: '/sessions/:session_id',
      auth: 'owner',
      summary: 'Close a session',
      schema: { params: SessionParams },
      handle: async ({ params }) => {
        await closeSession(context, { sessionId: params.session_id, via: 'api' });
        return { status: 'closed', session_id: params.session_id };
      },
    }),
  ];
  return { name: 'agent-api', routes, errorBody: ({ message }) => ({ detail: message }) };
}
