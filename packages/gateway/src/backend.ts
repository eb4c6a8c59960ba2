import type { MessageStream } from './anthropic/message-stream.ts';
import type { MessagesRequest } from './anthropic/messages-request.ts';

/** One entry of `GET /v1/models`. */
interface ModelInfo {
  type: 'model';
  id: string;
  display_name: string;
  /** RFC 3339. */
  created_at: string;
}

/** One request on its way through a back end. */
export interface Exchange {
  request: MessagesRequest;
  /** Where the answer goes. The back end must `end` it, unless it throws or the signal aborts. */
  stream: MessageStream;
  /** Aborts when the caller has gone: stop working, nobody reads the rest. */
  signal: AbortSignal;
}

/** Something that can answer for one or more models. */
export interface Backend {
  readonly models: readonly ModelInfo[];
  serves(model: string): boolean;
  /** @throws ApiError to refuse; before the stream has started it becomes the HTTP status, afterwards an error event. */
  answer(exchange: Exchange): Promise<void>;
}
