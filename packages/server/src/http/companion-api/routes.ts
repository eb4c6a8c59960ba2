/** Asks, the live stream of a session, and the simulated phone. */
import {
  AnswerResultSchema,
  AnswerSchema,
  AskSchema,
  AskStateSchema,
  CompanionError,
} from '@claude-companion/protocol';
import { z } from 'zod';
import { answerAsk } from '../../operations/answer-ask.ts';
import { findAsks, getAsk } from '../../operations/look-up.ts';
import type { Doors } from '../doors.ts';
import { actorOf } from '../middleware/actor.ts';
import { sendEventStream, streamItem } from '../middleware/event-stream.ts';
import { type Route, route, type Surface } from '../surface.ts';
import { usageRoutes } from './usage.ts';

const AskParams = z.object({ askId: z.uuid({ error: 'Ask not found' }) });
const SessionParams = z.object({ sessionId: z.uuid({ error: 'Session not found' }) });
const ListQuery = z.object({
  /** One state, or `all`. */
  state: z.union([AskStateSchema, z.literal('all')]).default('open'),
  sessionId: z.uuid().optional(),
});
const FollowQuery = z.object({ epoch: z.string().optional(), after: z.coerce.number().int().min(0).optional() });
const TextsQuery = z.object({ after: z.coerce.number().int().min(0).default(0) });
const TypedText = z.strictObject({ body: z.string().min(1).max(1600) }).meta({ examples: [{ body: 'STATUS' }] });
const GivenAnswer = AnswerSchema.meta({
  examples: [
    { decision: 'allow', applySuggestions: false },
    { decision: 'deny', message: 'Not before the tests pass.' },
  ],
});

/** `Last-Event-ID` (a browser sends it by itself when it reconnects) goes before the query. */
function cursorOf(header: unknown, query: z.infer<typeof FollowQuery>): { epoch: string; seq: number } | undefined {
  const [, epoch, seq] = /^([\w-]+):(\d+)$/.exec(typeof header === 'string' ? header : '') ?? [];
  if (epoch && seq) return { epoch, seq: Number(seq) };
  return query.epoch !== undefined && query.after !== undefined ? { epoch: query.epoch, seq: query.after } : undefined;
}

const TextSchema = z.object({
  id: z.int(),
  direction: z.enum(['to_phone', 'from_phone']),
  body: z.string(),
  at: z.iso.datetime(),
});

function phoneOf({ simulatedPhone }: Doors): NonNullable<Doors['simulatedPhone']> {
  if (simulatedPhone) return simulatedPhone;
  throw new CompanionError('NOT_FOUND', 'The phone of this server is a real one.');
}

const routes: readonly Route[] = [
  ...usageRoutes,
  route({
    method: 'GET',
    path: '/api/asks',
    auth: 'person',
    summary: 'Asks, oldest first; open ones unless "state" says otherwise',
    schema: { querystring: ListQuery, response: z.object({ asks: z.array(AskSchema) }) },
    handle: async ({ doors: { context }, query, request }) => ({
      asks: await findAsks(context, actorOf(request), query),
    }),
  }),
  route({
    method: 'GET',
    path: '/api/asks/:askId',
    auth: 'person',
    summary: 'One ask',
    schema: { params: AskParams, response: AskSchema },
    handle: ({ doors: { context }, params }) => getAsk(context, params.askId),
  }),
  route({
    method: 'POST',
    path: '/api/asks/:askId/answer',
    auth: 'answer',
    errors: ['ASK_NOT_FOUND'],
    summary: 'Answer an ask; the first answer wins, every later one is told what became of it',
    schema: { params: AskParams, body: GivenAnswer, response: AnswerResultSchema },
    handle: async ({ doors: { context }, params, body, request }) => {
      const { strength } = actorOf(request);
      const result = await answerAsk(context, { askId: params.askId, answer: body, via: 'api', strength });
      if (result.outcome === 'not_found') throw new CompanionError('ASK_NOT_FOUND', 'Ask not found');
      return result;
    },
  }),
  route({
    method: 'GET',
    path: '/api/sessions/:sessionId/events',
    auth: 'person',
    summary: 'Everything a session did and does, as server-sent events; resumes after (epoch, after) or Last-Event-ID',
    schema: { params: SessionParams, querystring: FollowQuery },
    stream: 'always',
    handle: async ({ doors, params, query, request, reply }) => {
      const after = cursorOf(request.headers['last-event-id'], query);
      const probe = doors.follow({ sessionId: params.sessionId, after, signal: AbortSignal.abort() });
      // An unknown session must be a 404, which is too late once the stream has begun.
      await probe.next();
      await sendEventStream({ request, reply }, async function* (signal) {
        for await (const item of doors.follow({ sessionId: params.sessionId, after, signal })) yield streamItem(item);
      });
    },
  }),
  route({
    method: 'GET',
    path: '/api/simulated-phone/texts',
    auth: 'owner',
    summary: 'Texts on the simulated phone after an id',
    schema: { querystring: TextsQuery, response: z.object({ texts: z.array(TextSchema) }) },
    errors: ['NOT_FOUND'],
    handle: async ({ doors, query }) => ({ texts: await phoneOf(doors).texts(query.after) }),
  }),
  route({
    method: 'POST',
    path: '/api/simulated-phone/texts',
    auth: 'owner',
    summary: 'Type a text on the simulated phone',
    schema: { body: TypedText },
    errors: ['NOT_FOUND'],
    handle: async ({ doors, body }) => phoneOf(doors).type(body.body),
  }),
];

export const companionApi: Surface = {
  name: 'companion-api',
  prefix: '/api/',
  routes,
  errorSchema: z.object({ error: z.string(), code: z.string(), suggestion: z.string() }),
  errorBody: ({ code, message, suggestion }) => ({ error: message, code, suggestion }),
};
