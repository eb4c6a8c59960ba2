/**
 * An Anthropic Messages endpoint that can be mounted in any Node HTTP server. It answers every request it is handed, also
 * with errors, in Anthropic's shapes, and never rejects.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { messageWriter, sendError, sendJson, streamWriter } from './answer-writer.ts';
import { ApiError, toApiError } from './anthropic/errors.ts';
import { MessageStream } from './anthropic/message-stream.ts';
import { parseCountTokensRequest, parseMessagesRequest } from './anthropic/messages-request.ts';
import { estimateInputTokens } from './anthropic/token-estimate.ts';
import type { Backend } from './backend.ts';
import { type GatewayClock, systemClock } from './clock.ts';
import { DemoModel } from './demo-model/demo-model.ts';
import { readJsonBody } from './request-body.ts';

export interface GatewayOptions {
  /** Decides from the request's headers (`x-api-key` or `authorization: Bearer …`) whether the caller may use the gateway. */
  authorize: (headers: IncomingHttpHeaders) => Promise<boolean> | boolean;
  /** @defaultValue the system's timers */
  clock?: GatewayClock;
  /** Makes unique ids of letters and digits. @defaultValue random */
  ids?: () => string;
  demo?: {
    /** Milliseconds between the pieces of a streamed answer. @defaultValue 15 */
    paceMs?: number;
  };
  /** Told about failures of the gateway itself, not about refused requests. @defaultValue nobody */
  onError?: (error: unknown) => void;
}

export interface Gateway {
  /**
   * Answers one request for `/v1/messages`, `/v1/messages/count_tokens` or `/v1/models`. The body must be unread. Resolves
   * when the answer is written or the caller has gone.
   */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

const DEFAULT_PACE_MS = 15;

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

function randomId(): string {
  return randomUUID().replaceAll('-', '').slice(0, 24);
}

/** Aborts when the connection closes before the answer is complete. */
function whenGone(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

export function createGateway(options: GatewayOptions): Gateway {
  const ids = options.ids ?? randomId;
  const demo = new DemoModel({
    clock: options.clock ?? systemClock,
    ids,
    paceMs: options.demo?.paceMs ?? DEFAULT_PACE_MS,
  });
  const backends: readonly Backend[] = [demo];

  const answerMessages: Handler = async (request, response) => {
    const signal = whenGone(response);
    const body = await readJsonBody(request);
    const parsed = parseMessagesRequest(body);
    const backend = backends.find((candidate) => candidate.serves(parsed.model));
    if (!backend) throw new ApiError('not_found_error', `model: ${parsed.model}`);
    const writer = parsed.stream ? streamWriter(response) : messageWriter(response);
    const stream = new MessageStream({
      id: `msg_${ids()}`,
      model: parsed.model,
      inputTokens: estimateInputTokens(body as object),
      sink: (event) => writer.accept(event),
    });
    try {
      await backend.answer({ request: parsed, stream, signal });
      if (!stream.ended) throw new Error(`The back end for ${parsed.model} left its answer unfinished.`);
      writer.finish();
    } catch (cause) {
      if (signal.aborted) return;
      if (!(cause instanceof ApiError)) options.onError?.(cause);
      writer.fail(cause, stream);
    }
  };

  const countTokens: Handler = async (request, response) => {
    const body = await readJsonBody(request);
    parseCountTokensRequest(body);
    sendJson(response, 200, { input_tokens: estimateInputTokens(body as object) });
  };

  const listModels: Handler = async (_, response) => {
    const data = backends.flatMap(({ models }) => models);
    sendJson(response, 200, { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null });
  };

  const routes = new Map<string, { method: string; handler: Handler }>([
    ['/v1/messages', { method: 'POST', handler: answerMessages }],
    ['/v1/messages/count_tokens', { method: 'POST', handler: countTokens }],
    ['/v1/models', { method: 'GET', handler: listModels }],
  ]);

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').replace(/\?.*$/s, '');
    const found = routes.get(path);
    if (!found) throw new ApiError('not_found_error', `Nothing is served at ${path}.`);
    const { method, handler } = found;
    if (request.method !== method && !(method === 'GET' && request.method === 'HEAD')) {
      const message = `${path} takes ${method} requests.`;
      throw new ApiError('invalid_request_error', message, { status: 405, headers: { allow: method } });
    }
    if (!(await options.authorize(request.headers))) {
      const message = 'invalid x-api-key. Send a valid token in the header x-api-key or authorization: Bearer.';
      throw new ApiError('authentication_error', message);
    }
    await handler(request, response);
  }

  return {
    async handle(request, response) {
      response.setHeader('request-id', `req_${ids()}`);
      // Claude Code probes its base URL with HEAD.
      if (request.method === 'HEAD' && request.url === '/') return void response.writeHead(200).end();
      try {
        await route(request, response);
      } catch (cause) {
        if (response.destroyed) return;
        if (!(cause instanceof ApiError)) options.onError?.(cause);
        if (!response.headersSent) sendError(response, toApiError(cause));
        else response.destroy();
      }
    },
  };
}
