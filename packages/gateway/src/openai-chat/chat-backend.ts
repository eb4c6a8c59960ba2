import { ApiError } from '../anthropic/errors.ts';
import type { EventBackend, Exchange } from '../backend.ts';
import { readConversation } from '../conversation/read-conversation.ts';
import { ToolNames } from '../conversation/tool-names.ts';
import { isObject, parseJson } from '../json.ts';
import { clampMaxTokens, limitsOf } from '../models/model-limits.ts';
import type { Upstream } from '../routing/upstream.ts';
import { outputCap } from '../upstream/context-errors.ts';
import { EventStreamReader } from '../upstream/event-stream.ts';
import type { ChunkSink, UpstreamClient, UpstreamHead } from '../upstream/http-client.ts';
import { providerError, streamedError } from '../upstream/provider-error.ts';
import { chatRequest } from './chat-request.ts';
import { ChatStream } from './chat-stream.ts';
import { chatEndpoint } from './endpoint.ts';

export interface ChatBackendOptions {
  client: UpstreamClient;
  ids: () => string;
}

/** A refusal or a whole completion; nothing that is larger is either. */
const MAX_WHOLE_BODY_BYTES = 32 * 1024 * 1024;

function collector(limit: number): { sink: ChunkSink; text: () => string } {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    sink: (chunk) => {
      size += chunk.length;
      if (size > limit) throw new ApiError('api_error', 'The answer of the provider is too large.', { status: 502 });
      chunks.push(chunk);
      return undefined;
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}

/** Refused with a status before anything was said. */
class Refusal {
  readonly head: UpstreamHead;
  readonly body: string;

  constructor(head: UpstreamHead, body: string) {
    this.head = head;
    this.body = body;
  }
}

/** Ends the reading of an answer of which enough is known. */
class EnoughError extends Error {}

class ChatAttempt {
  readonly #exchange: Exchange;
  readonly #upstream: Upstream;
  readonly #client: UpstreamClient;
  readonly #reader: ChatStream;
  readonly #maxTokens: number;

  constructor(options: {
    exchange: Exchange;
    upstream: Upstream;
    client: UpstreamClient;
    reader: ChatStream;
    maxTokens: number;
  }) {
    this.#exchange = options.exchange;
    this.#upstream = options.upstream;
    this.#client = options.client;
    this.#reader = options.reader;
    this.#maxTokens = options.maxTokens;
  }

  get #size() {
    const { estimateInput, model } = this.#exchange;
    return { estimateInput, maxTokens: this.#maxTokens, contextWindow: limitsOf(model).contextWindow };
  }

  /** The refusal, or null when the answer was given. */
  async run(body: string): Promise<Refusal | null> {
    const { signal, model } = this.#exchange;
    const { url, headers } = chatEndpoint(this.#upstream, model);
    let head: UpstreamHead = { status: 0, headers: {} };
    const whole = collector(MAX_WHOLE_BODY_BYTES);
    const events = new EventStreamReader((data) => this.#data(data));
    let streamed = false;
    try {
      const { mayBePrivate } = this.#upstream;
      await this.#client.send(
        { url, headers, body, signal, mayBePrivate },
        {
          onHead: (received) => {
            head = received;
            streamed = received.status === 200 && isEventStream(received);
            return streamed ? this.#sink(events) : whole.sink;
          },
        },
      );
    } catch (cause) {
      if (this.#reader.state !== 'stop-sequence' || signal.aborted) throw cause;
    }
    if (head.status !== 200) return new Refusal(head, whole.text());
    if (streamed) events.finish();
    else this.#whole(whole.text());
    this.#end();
    return null;
  }

  refused({ head, body }: Refusal): ApiError {
    return providerError({ status: head.status, headers: head.headers, body }, this.#upstream, this.#size);
  }

  #sink(events: EventStreamReader): ChunkSink {
    return (chunk) => {
      events.accept(chunk);
      if (this.#reader.state === 'stop-sequence') throw new EnoughError();
      return this.#exchange.drained();
    };
  }

  #data(data: string): void {
    if (data === '[DONE]') {
      this.#reader.done();
      return;
    }
    const chunk = parseJson(data);
    if (!isObject(chunk)) {
      const message = `${this.#upstream.provider} sent an event that is not JSON. Try again.`;
      throw new ApiError('api_error', message, { status: 502 });
    }
    if (chunk.error !== undefined && chunk.error !== null) throw streamedError(chunk, this.#upstream, this.#size);
    this.#reader.chunk(chunk);
  }

  /** The server did not stream: a completion, an error with the status 200, or something else altogether. */
  #whole(text: string): void {
    const body = parseJson(text);
    if (isObject(body) && Array.isArray(body.choices)) this.#reader.chunk(body);
    else if (isObject(body) && body.error) throw streamedError(body, this.#upstream, this.#size);
    else throw providerError({ status: 200, headers: {}, body: text }, this.#upstream, this.#size);
  }

  #end(): void {
    if (this.#reader.state === 'open') {
      const message = `${this.#upstream.provider} ended its answer before it was complete. Try again.`;
      throw new ApiError('api_error', message, { status: 502 });
    }
    this.#reader.end();
  }
}

function isEventStream({ headers }: UpstreamHead): boolean {
  const type = String(headers['content-type'] ?? '');
  // Some servers stream under a type of their own; only JSON and HTML are surely no stream.
  return type.includes('event-stream') || !/json|html/.test(type);
}

/** Translates for everything that speaks OpenAI's chat format. The provider always streams, also when the caller does not. */
export function createChatBackend({ client, ids }: ChatBackendOptions): EventBackend {
  return {
    async answer(exchange, upstream) {
      const { body, model, stream } = exchange;
      const { provider, quirks } = upstream;
      const names = new ToolNames();
      const conversation = readConversation(body, { provider, quirks, names });
      const { stopSequences } = conversation;
      const ask = async (maxTokens: number) => {
        const reader = new ChatStream({ stream, provider, names, ids, stopSequences });
        const attempt = new ChatAttempt({ exchange, upstream, client, reader, maxTokens });
        const refusal = await attempt.run(JSON.stringify(chatRequest({ model, maxTokens, conversation, quirks })));
        return { attempt, refusal };
      };
      const wanted = clampMaxTokens(model, conversation.maxTokens);
      const first = await ask(wanted);
      if (!first.refusal) return;
      // The model takes fewer tokens than the table knows. It said how many, so it is asked once more.
      const cap = first.refusal.head.status < 500 ? outputCap(first.refusal.body) : null;
      if (cap === null || cap >= wanted) throw first.attempt.refused(first.refusal);
      const second = await ask(cap);
      if (second.refusal) throw second.attempt.refused(second.refusal);
    },
  };
}
