/** A message to an agent, and the answer when its turn is over. */
import { CompanionError, type ErrorCode, MessagesSchema, SendMessageSchema } from '@claude-companion/protocol';
import { awaitTurn, followTurn, type TurnResult } from '../../operations/await-turn.ts';
import { sendPrompt } from '../../operations/send-prompt.ts';
import { clientGone } from '../middleware/client-gone.ts';
import { type StreamItem, sendEventStream, streamItem } from '../middleware/event-stream.ts';
import { idempotencyOf } from '../middleware/idempotency-key.ts';
import { type Parsed, type RouteSchema, route } from '../surface.ts';
import { checkedImages } from './images.ts';
import { SessionParams } from './params.ts';
import { messagesView } from './views.ts';

const MAX_BODY_BYTES = 8 * 1024 * 1024;

export const MESSAGES = route({
  method: 'POST',
  path: '/sessions/:session_id/messages',
  auth: 'host',
  summary: 'Send a message and wait for the end of the turn',
  description: [
    'Answers when the turn is over, however long a person takes to allow what it asks for. A caller who hangs up stops',
    'nothing: the turn goes on, and the same request with the same `Idempotency-Key` gets its answer.',
    '',
    'A message to a session whose turn is in progress joins that turn; both callers get the same end.',
    '',
    'With `Accept: text/event-stream` the answer is a stream: `delta` (a fragment of a text being written), `event` (a fact',
    'of the session), and at the end one `result` with the body that is described here, or one `error` with a `detail`.',
  ].join('\n'),
  schema: { params: SessionParams, body: SendMessageSchema, response: MessagesSchema },
  errors: [
    'SESSION_NOT_FOUND',
    'SESSION_ENDED',
    'SESSION_INVALID_STATE',
    'IDEMPOTENCY_MISMATCH',
    'WORKING_DIRECTORY_MISSING',
    'AICLI_UNAVAILABLE',
  ],
  stream: 'accepted',
  maxBodyBytes: MAX_BODY_BYTES,
  handle: async ({ doors, params, body, request, reply }) => {
    const { context } = doors;
    const sessionId = params.session_id;
    const { promptId, seq } = await sendPrompt(context, {
      sessionId,
      text: body.message,
      images: checkedImages(body.attachments),
      via: 'api',
      idempotency: idempotencyOf(request),
    });
    const wait = { sessionId, promptId, after: seq };
    if (wantsStream(request)) {
      await sendEventStream({ request, reply }, (signal) => streamed(doors, { ...wait, signal }));
      return undefined;
    }
    const turn = await awaitTurn(context, { ...wait, signal: clientGone(reply) });
    return messagesView(sessionId, begun(turn));
  },
});

/** Only for who calls the route itself: /invocations answers with a body. */
const wantsStream = ({ headers, routeOptions }: Parsed<RouteSchema>['request']): boolean =>
  routeOptions.url === MESSAGES.path &&
  (headers.accept ?? '').split(',').some((type) => type.trim().toLowerCase().startsWith('text/event-stream'));

/** Of the failures of a turn, those that kept an agent from beginning it: a failed request, not an answer. */
const NOT_BEGUN: ReadonlySet<string> = new Set<ErrorCode>([
  'AICLI_UNAVAILABLE',
  'WORKING_DIRECTORY_MISSING',
  'SESSION_NOT_FOUND',
]);

function begun(turn: TurnResult): TurnResult {
  const { outcome, error } = turn.end;
  if (outcome !== 'failed' || !error || !NOT_BEGUN.has(error.code)) return turn;
  throw new CompanionError(error.code as ErrorCode, error.message);
}

async function* streamed(
  { context, follow }: Parsed<RouteSchema>['doors'],
  wait: Parameters<typeof followTurn>[2],
): AsyncGenerator<StreamItem> {
  try {
    const turn = followTurn(context, follow, wait);
    let step = await turn.next();
    for (; !step.done; step = await turn.next()) yield streamItem(step.value);
    yield { event: 'result', data: messagesView(wait.sessionId, begun(step.value)) };
  } catch (error) {
    if (wait.signal.aborted) return;
    if (!(error instanceof CompanionError)) context.logger.error({ err: error }, 'a stream of a turn failed');
    const detail = error instanceof CompanionError ? error.message : 'The server could not do that.';
    yield { event: 'error', data: { detail } };
  }
}
