/** The answer to a permission request that `/status` showed. */
import {
  type Answer,
  CompanionError,
  PermissionRespondedSchema,
  RespondPermissionSchema,
} from '@claude-companion/protocol';
import { z } from 'zod';
import { answerAsk } from '../../operations/answer-ask.ts';
import { getAsk, getSession } from '../../operations/look-up.ts';
import { actorOf } from '../middleware/actor.ts';
import { route } from '../surface.ts';
import { SessionParams } from './params.ts';

export const PERMISSIONS = route({
  method: 'POST',
  path: '/sessions/:session_id/permissions/respond',
  auth: 'answer',
  summary: 'Answer a permission request',
  description: [
    'The first answer wins: a later one, and one after the deadline, is answered with 409 and what became of the request.',
    '`apply_suggestions` accepts the standing rules that the request suggests, for this session; they are written into no file.',
    'A request of the tool AskUserQuestion is answered with `allowed: true` and `message` or `answers`.',
  ].join('\n'),
  schema: { params: SessionParams, body: RespondPermissionSchema, response: PermissionRespondedSchema },
  errors: ['SESSION_NOT_FOUND', 'ASK_NOT_FOUND', 'ASK_CLOSED', 'ANSWER_REFUSED'],
  handle: async ({ doors: { context }, params, body, request }) => {
    await getSession(context, params.session_id);
    const notFound = new CompanionError('ASK_NOT_FOUND', 'No such permission request in this session.');
    const { data: askId } = z.uuid().safeParse(body.request_id);
    if (askId === undefined) throw notFound;
    const ask = await getAsk(context, askId);
    if (ask.sessionId !== params.session_id.toLowerCase()) throw notFound;
    const { outcome, message } = await answerAsk(context, {
      askId,
      answer: answerOf(ask.kind, body),
      via: 'api',
      strength: actorOf(request).strength,
    });
    if (outcome === 'refused') throw new CompanionError('ANSWER_REFUSED', message);
    if (outcome !== 'answered') throw new CompanionError('ASK_CLOSED', message);
    return { status: 'ok', request_id: ask.id, message };
  },
});

function answerOf(kind: string, body: z.infer<typeof RespondPermissionSchema>): Answer {
  const { allowed, apply_suggestions: applySuggestions = false, message, answers } = body;
  if (!allowed) return { decision: 'deny', message };
  const needsWords = kind === 'question' || kind === 'waiting';
  return needsWords ? { decision: 'reply', message, answers } : { decision: 'allow', applySuggestions, message };
}
