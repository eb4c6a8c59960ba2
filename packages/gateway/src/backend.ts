import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { MessageStream } from './anthropic/message-stream.ts';
import type { MessagesRequest } from './anthropic/messages-request.ts';
import type { Usage } from './anthropic/stream-events.ts';
import type { Json } from './json.ts';
import type { ReceivedBody } from './request-body.ts';
import type { Upstream } from './routing/upstream.ts';

/** One request on its way through a back end. */
export interface Exchange {
  /** What the demo model needs of the request. */
  request: MessagesRequest;
  /** The whole request, as it came. */
  body: Json;
  /** The model by the back end's own name. */
  model: string;
  /** Where the answer goes. The back end must `end` it, unless it throws or the signal aborts. */
  stream: MessageStream;
  /** Aborts when the caller has gone: stop working, nobody reads the rest. */
  signal: AbortSignal;
  /** Input tokens, for errors that name a size. */
  estimateInput: () => number;
  /** Undefined when the caller can take more; else resolves when he can. Nothing is read from a provider meanwhile. */
  drained: () => Promise<void> | undefined;
}

/** Answers in events, which the gateway carries to the caller as a stream or as one message. */
export interface EventBackend {
  /** @throws ApiError to refuse; before the stream has started it becomes the HTTP status, afterwards an error event. */
  answer(exchange: Exchange, upstream: Upstream): Promise<void>;
}

/** A request whose answer is carried over byte by byte. */
export interface ByteExchange {
  received: ReceivedBody;
  model: string;
  headers: IncomingHttpHeaders;
  /** Of the request: `/v1/messages?beta=true`. */
  query: string;
  response: ServerResponse;
  signal: AbortSignal;
}

/** The caller's own form is the provider's: bytes go through. */
export interface ByteBackend {
  /**
   * Writes the whole response. Resolves with what the answer cost, as far as the provider told.
   * @throws ApiError while nothing is written yet.
   */
  forward(exchange: ByteExchange, upstream: Upstream): Promise<Usage | null>;
}
