import type { ServerResponse } from 'node:http';
import { CollectedMessage } from './anthropic/collect-message.ts';
import { type ApiError, toApiError } from './anthropic/errors.ts';
import type { MessageStream } from './anthropic/message-stream.ts';
import { encodeStreamEvent, type StreamEvent } from './anthropic/stream-events.ts';

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': bytes.length });
  response.end(bytes);
}

export function sendError(response: ServerResponse, error: ApiError): void {
  for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
  sendJson(response, error.status, error.body);
}

/** Carries the events of one answer to the caller, in the form the caller asked for. */
export interface AnswerWriter {
  accept(event: StreamEvent): void;
  finish(): void;
  /** Before anything was sent: the HTTP status. Afterwards: an error event. */
  fail(cause: unknown, stream: MessageStream): void;
}

/** Server-sent events. The head goes out with the first event, so that a refusal before it still has its HTTP status. */
export function streamWriter(response: ServerResponse): AnswerWriter {
  return {
    accept(event) {
      if (!response.headersSent) {
        response.writeHead(200, {
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-cache',
          'x-accel-buffering': 'no',
        });
      }
      response.write(encodeStreamEvent(event));
    },
    finish: () => void response.end(),
    fail(cause, stream) {
      if (!stream.started) return sendError(response, toApiError(cause));
      stream.fail(toApiError(cause));
      response.end();
    },
  };
}

/** One JSON message, sent when it is complete. */
export function messageWriter(response: ServerResponse): AnswerWriter {
  const collected = new CollectedMessage();
  return {
    accept: (event) => collected.accept(event),
    finish: () => sendJson(response, 200, collected.message),
    fail: (cause) => sendError(response, toApiError(cause)),
  };
}
