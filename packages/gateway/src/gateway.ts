/**
 * An Anthropic Messages endpoint that can be mounted in any Node HTTP server. It answers every request it is handed, also
 * with errors, in Anthropic's shapes, and never rejects.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { sendError, sendJson } from './answer-writer.ts';
import { Answering, modelOf } from './answering.ts';
import { ApiError, toApiError } from './anthropic/errors.ts';
import { type GatewayClock, systemClock } from './clock.ts';
import { countTokens } from './count-tokens/count-tokens.ts';
import { DemoModel } from './demo-model/demo-model.ts';
import { describeModel, type ModelDescription } from './models/describe-model.ts';
import { listModels } from './models/model-list.ts';
import type { PriceTable } from './models/prices.ts';
import { readJsonBody } from './request-body.ts';
import { createRouter, type RoutingOptions } from './routing/router.ts';
import { createUpstreamClient, type UpstreamClientOptions } from './upstream/http-client.ts';
import { type UsageReport, usageReport } from './usage-report.ts';

export interface GatewayOptions extends RoutingOptions {
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
  /** Prices that are added to the built-in table or replace its own, by `provider/model`. */
  prices?: PriceTable;
  /** Milliseconds a provider may be silent before its answer or within it. @defaultValue 600,000 */
  upstreamSilenceMs?: number;
  /** How names of public providers become addresses. @defaultValue the system's resolver */
  lookup?: UpstreamClientOptions['lookup'];
  /**
   * Asked before a model is: a text refuses the request with status 402 (`billing_error`), which Claude Code shows and does
   * not repeat. @defaultValue nothing is refused
   */
  refuse?: (call: GatewayCall) => string | null;
  /** Told after each answer what it cost, also when the caller left early. Must not throw. @defaultValue nobody */
  onUsage?: (report: UsageReport) => void;
  /** Told about failures of the gateway itself, not about refused requests. @defaultValue nobody */
  onError?: (error: unknown) => void;
}

/** A request for an answer, before it is answered. */
export interface GatewayCall {
  /** As the caller names it. */
  model: string;
  headers: IncomingHttpHeaders;
}

export interface Gateway {
  /**
   * Answers one request for `/v1/messages`, `/v1/messages/count_tokens` or `/v1/models`. The body must be unread. Resolves
   * when the answer is written or the caller has gone.
   */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Which provider a name leads to, and what it costs there; or why it leads nowhere. Asks nobody. */
  describe(model: string): ModelDescription;
  /** Providers for which something is set: a key, an address. */
  configured(): readonly string[];
  /** The names that `GET /v1/models` lists. */
  models(): readonly string[];
  /** Closes the connections to providers. Answers in progress break off. */
  close(): Promise<void>;
}

const DEFAULT_PACE_MS = 15;
/** The time that Claude Code gives a request. */
const DEFAULT_SILENCE_MS = 600_000;
/** Travels with every request to a provider, so that a gateway that is its own provider notices. */
const HOP_HEADER = 'x-companion-hop';

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface Route {
  method: 'GET' | 'POST';
  handler: Handler;
}

function randomId(): string {
  return randomUUID().replaceAll('-', '').slice(0, 24);
}

function loops(): ApiError {
  const detail =
    'A base URL, such as ANTHROPIC_BASE_URL, leads back to this gateway. Unset it where the server starts.';
  return new ApiError('api_error', `The gateway was asked by itself. ${detail}`, { status: 508, detail });
}

export function createGateway(options: GatewayOptions): Gateway {
  const ids = options.ids ?? randomId;
  const clock = options.clock ?? systemClock;
  const instance = randomId();
  const router = createRouter(options);
  const onError = options.onError ?? (() => undefined);
  const client = createUpstreamClient({
    silenceMs: options.upstreamSilenceMs ?? DEFAULT_SILENCE_MS,
    headers: { [HOP_HEADER]: instance },
    ...(options.lookup ? { lookup: options.lookup } : {}),
  });
  const answering = new Answering({
    router,
    client,
    clock,
    ids,
    demo: new DemoModel({ clock, ids, paceMs: options.demo?.paceMs ?? DEFAULT_PACE_MS }),
    onAnswered: (answered) => options.onUsage?.(usageReport(answered, options.prices ?? {})),
    onError,
  });

  const messages: Handler = async (request, response) => {
    const received = await readJsonBody(request);
    const refusal = options.refuse?.({ model: modelOf(received), headers: request.headers }) ?? null;
    if (refusal !== null) throw new ApiError('billing_error', refusal);
    await answering.answer(request, response, received);
  };

  const count: Handler = async (request, response) => {
    const received = await readJsonBody(request);
    const [target] = router.route(modelOf(received));
    const { signal } = new AbortController();
    const counted = await countTokens({ received, target, headers: request.headers, signal }, client);
    if (counted.estimated) response.setHeader('x-token-count', 'estimate');
    sendJson(response, 200, { input_tokens: counted.inputTokens });
  };

  const models: Handler = async (_, response) => {
    const data = listModels(router);
    sendJson(response, 200, { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null });
  };

  const model = (id: string): Route => ({
    method: 'GET',
    handler: async (_, response) => {
      const found = listModels(router).find((each) => each.id === id);
      if (!found) throw new ApiError('not_found_error', `model: ${id.slice(0, 200)}`);
      sendJson(response, 200, found);
    },
  });

  const routes = new Map<string, Route>([
    ['/v1/messages', { method: 'POST', handler: messages }],
    ['/v1/messages/count_tokens', { method: 'POST', handler: count }],
    ['/v1/models', { method: 'GET', handler: models }],
  ]);

  function routeFor(path: string): Route {
    const one = /^\/v1\/models\/(.+)$/.exec(path)?.[1];
    const found = one === undefined ? routes.get(path) : model(decodeName(one));
    if (!found) throw new ApiError('not_found_error', `Nothing is served at ${path.slice(0, 200)}.`);
    return found;
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').replace(/\?.*$/s, '');
    const { method, handler } = routeFor(path);
    if (request.method !== method && !(method === 'GET' && request.method === 'HEAD')) {
      const message = `${path} takes ${method} requests.`;
      throw new ApiError('invalid_request_error', message, { status: 405, headers: { allow: method } });
    }
    if (!(await options.authorize(request.headers))) {
      const message = 'invalid x-api-key. Send a valid token in the header x-api-key or authorization: Bearer.';
      throw new ApiError('authentication_error', message);
    }
    if (request.headers[HOP_HEADER] === instance) throw loops();
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
        if (!(cause instanceof ApiError)) onError(cause);
        if (!response.headersSent) sendError(response, toApiError(cause));
        else response.destroy();
      }
    },
    describe: (name) => describeModel(router, name, options.prices ?? {}),
    configured: () => router.configured(),
    models: () => listModels(router).map(({ id }) => id),
    close: () => client.close(),
  };
}

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
