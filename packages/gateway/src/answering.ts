/** One Messages request from its body to its answer: the way is chosen, tried, and reported. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createModelBackend } from './ai-sdk/model-backend.ts';
import { type AnswerWriter, messageWriter, streamWriter } from './answer-writer.ts';
import { ApiError } from './anthropic/errors.ts';
import { MessageStream } from './anthropic/message-stream.ts';
import { type MessagesRequest, parseMessagesRequest } from './anthropic/messages-request.ts';
import { estimateInputTokens } from './anthropic/token-estimate.ts';
import type { EventBackend } from './backend.ts';
import type { GatewayClock } from './clock.ts';
import type { DemoModel } from './demo-model/demo-model.ts';
import { drained } from './drained.ts';
import { keepAlive, OVER } from './keep-alive.ts';
import { createChatBackend } from './openai-chat/chat-backend.ts';
import { createByteBackend } from './passthrough/byte-backend.ts';
import type { ReceivedBody } from './request-body.ts';
import type { Wire } from './routing/provider.ts';
import type { Router, Target } from './routing/router.ts';
import type { UpstreamClient } from './upstream/http-client.ts';
import type { Answered } from './usage-report.ts';

export interface AnsweringOptions {
  router: Router;
  client: UpstreamClient;
  clock: GatewayClock;
  ids: () => string;
  demo: DemoModel;
  onAnswered: (answered: Answered) => void;
  onError: (error: unknown) => void;
}

interface Call {
  received: ReceivedBody;
  model: string;
  headers: IncomingHttpHeaders;
  query: string;
  response: ServerResponse;
  signal: AbortSignal;
}

interface Run {
  target: Target;
  call: Call;
  request: MessagesRequest;
  stream: MessageStream;
  estimateInput: () => number;
}

/** JSON of prose and code; only the first event of an answer carries this guess. */
const BYTES_PER_TOKEN = 3.5;

/** Another provider may do better; for the rest the caller has to change something. */
const WORTH_ANOTHER_TRY = new Set([401, 402, 403, 404, 408, 429]);

function mayFallBack(cause: unknown): boolean {
  return cause instanceof ApiError && (cause.status >= 500 || WORTH_ANOTHER_TRY.has(cause.status));
}

export function modelOf(received: ReceivedBody): string {
  const model = received.scalar('model');
  if (typeof model !== 'string' || model === '') throw new ApiError('invalid_request_error', 'model: Field required');
  return model;
}

export class Answering {
  readonly #options: AnsweringOptions;
  readonly #events: Record<Exclude<Wire, 'anthropic'>, EventBackend>;
  readonly #bytes: ReturnType<typeof createByteBackend>;

  constructor(options: AnsweringOptions) {
    this.#options = options;
    const { client, clock, ids } = options;
    const models = createModelBackend({ client, ids });
    this.#events = {
      'openai-chat': createChatBackend({ client, ids }),
      'openai-responses': models,
      google: models,
      bedrock: models,
      cohere: models,
    };
    this.#bytes = createByteBackend({ client, clock });
  }

  /** @throws ApiError while nothing is written yet. */
  async answer(request: IncomingMessage, response: ServerResponse, received: ReceivedBody): Promise<void> {
    const model = modelOf(received);
    const targets = this.#options.router.route(model);
    const query = /\?.*$/s.exec(request.url ?? '')?.[0] ?? '';
    const call: Call = { received, model, query, headers: request.headers, response, signal: whenGone(response) };
    for (const [index, target] of targets.entries()) {
      try {
        return await this.#answerFrom(target, call);
      } catch (cause) {
        if (call.signal.aborted) return;
        if (index === targets.length - 1 || response.headersSent || !mayFallBack(cause)) throw cause;
      }
    }
  }

  async #answerFrom(target: Target, call: Call): Promise<void> {
    if (target.kind === 'upstream' && target.upstream.wire === 'anthropic') await this.#forward(target, call);
    else await this.#translate(target, call);
  }

  async #forward(target: Extract<Target, { kind: 'upstream' }>, call: Call): Promise<void> {
    const { model, headers } = call;
    const usage = await this.#bytes.forward({ ...call, model: target.model }, target.upstream);
    if (usage) this.#options.onAnswered({ model, target, usage, estimated: call.signal.aborted, headers });
  }

  async #translate(target: Target, call: Call): Promise<void> {
    const request = parseMessagesRequest(call.received.body);
    const writer = request.stream ? streamWriter(call.response) : messageWriter(call.response);
    let estimated: number | undefined;
    const estimateInput = (): number => {
      estimated ??= estimateInputTokens(call.received.body);
      return estimated;
    };
    const stream = new MessageStream({
      id: `msg_${this.#options.ids()}`,
      model: call.model,
      inputTokens: Math.ceil(call.received.bytes.length / BYTES_PER_TOKEN),
      estimateInput,
      sink: (event) => writer.accept(event),
    });
    const over = new AbortController();
    if (target.kind === 'upstream') void keepAlive(stream, this.#options.clock, over.signal);
    try {
      await this.#run({ target, call, request, stream, estimateInput });
      if (!stream.ended) throw new Error(`The back end for ${call.model} left its answer unfinished.`);
      writer.finish();
    } catch (cause) {
      this.#failed({ cause, call, writer, stream });
    } finally {
      over.abort(OVER);
      if (stream.started) {
        const { usage, usageIsEstimated: estimated } = stream;
        this.#options.onAnswered({ model: call.model, target, usage, estimated, headers: call.headers });
      }
    }
  }

  async #run({ target, call, request, stream, estimateInput }: Run): Promise<void> {
    const { signal, received, response } = call;
    if (target.kind === 'demo') return this.#options.demo.answer({ request, stream, signal });
    const { upstream, model } = target;
    if (upstream.wire === 'anthropic') throw new Error('Bytes for Anthropic are not translated.');
    const exchange = {
      request,
      body: received.body,
      model,
      stream,
      signal,
      estimateInput,
      drained: () => drained(response),
    };
    await this.#events[upstream.wire].answer(exchange, upstream);
  }

  #failed({
    cause,
    call,
    writer,
    stream,
  }: {
    cause: unknown;
    call: Call;
    writer: AnswerWriter;
    stream: MessageStream;
  }): void {
    if (call.signal.aborted) return;
    // Nothing has reached the caller yet, so there may be another way.
    if (!call.response.headersSent) throw cause;
    if (!(cause instanceof ApiError)) this.#options.onError(cause);
    writer.fail(cause, stream);
  }
}

/** Made once: a reason of its own for every request would cost a stack trace. */
const GONE = new Error('The caller has gone.');

/** Aborts when the connection closes before the answer is complete. */
function whenGone(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const check = (): void => {
    if (!response.writableFinished) controller.abort(GONE);
  };
  if (response.destroyed) check();
  else response.once('close', check);
  return controller.signal;
}
