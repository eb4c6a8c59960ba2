/** Claude models: the request goes to Anthropic as it came, the answer comes back as it went, byte by byte. */
import type { ServerResponse } from 'node:http';
import { ApiError, toApiError } from '../anthropic/errors.ts';
import { encodeStreamEvent } from '../anthropic/stream-events.ts';
import { estimateInputTokens } from '../anthropic/token-estimate.ts';
import type { ByteBackend, ByteExchange } from '../backend.ts';
import type { GatewayClock } from '../clock.ts';
import { drained } from '../drained.ts';
import { isObject, objectOf, parseJson } from '../json.ts';
import { OVER, PING_EVERY_MS } from '../keep-alive.ts';
import type { Upstream } from '../routing/upstream.ts';
import type { ChunkSink, UpstreamClient, UpstreamHead } from '../upstream/http-client.ts';
import { providerError } from '../upstream/provider-error.ts';
import { redact } from '../upstream/redact.ts';
import { requestHeaders, responseHeaders } from './headers.ts';
import { forwardedBytes } from './request-bytes.ts';
import { UsageWatch } from './usage-watch.ts';
import { WholeEvents } from './whole-events.ts';

export interface ByteBackendOptions {
  client: UpstreamClient;
  clock: GatewayClock;
}

const MAX_ERROR_BYTES = 256 * 1024;
const ERROR = 'event: error';
const PING = encodeStreamEvent({ type: 'ping' });

function cutOff(): ApiError {
  return new ApiError('api_error', 'The provider ended its answer before it was complete. Try again.', { status: 502 });
}

/** The answer of a provider on its way to the caller. */
class Carrier {
  readonly usage = new UsageWatch();
  readonly #response: ServerResponse;
  readonly #events = new WholeEvents();
  #head: UpstreamHead = { status: 0, headers: {} };
  #kind: 'none' | 'stream' | 'message' | 'refusal' = 'none';
  readonly #refusal: Buffer[] = [];
  #refusalBytes = 0;
  /** Chunks since the last look, for the pings. */
  #chunks = 0;
  /** What went through last of a stream. */
  #last: Buffer = Buffer.alloc(0);

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get refusal(): { status: number; headers: UpstreamHead['headers']; body: string } | null {
    if (this.#kind !== 'refusal') return null;
    return { ...this.#head, body: Buffer.concat(this.#refusal).toString('utf8') };
  }

  start(head: UpstreamHead): ChunkSink {
    this.#head = head;
    const type = String(head.headers['content-type'] ?? '');
    if (head.status !== 200 || !/event-stream|json/.test(type)) {
      this.#kind = 'refusal';
      return (chunk) => this.#refuse(chunk);
    }
    const headers = responseHeaders(head);
    // Compressed although nobody asked for it: it goes through as it is, and nothing can be read or put in.
    if (type.includes('event-stream') && !headers['content-encoding']) {
      this.#kind = 'stream';
      this.#response.writeHead(200, { ...headers, 'cache-control': 'no-cache', 'x-accel-buffering': 'no' });
      return (chunk) => this.#event(chunk);
    }
    this.#kind = 'message';
    const length = head.headers['content-length'];
    this.#response.writeHead(200, { ...headers, ...(typeof length === 'string' ? { 'content-length': length } : {}) });
    return (chunk) => this.#message(chunk);
  }

  /** Called in the same turn as the last bytes, so that they and the end go out together. */
  finish(): void {
    if (this.#kind === 'refusal') return;
    if (this.#kind === 'message') this.usage.messageEnd();
    // A provider's own error is the last event of its stream.
    const isWhole = this.#kind === 'message' || this.usage.complete || this.#last.includes(ERROR);
    if (isWhole) this.#response.end();
    else this.breakOff(cutOff());
  }

  /** The provider broke off after the head had gone. */
  breakOff(error: ApiError): void {
    if (this.#kind === 'stream' && this.#events.atBoundary) this.#response.end(encodeStreamEvent(error.body));
    else this.#response.destroy();
  }

  /** Called regularly: a stream that carried nothing since the last time gets a ping. */
  pingIfSilent(): void {
    const silent = this.#chunks === 0;
    this.#chunks = 0;
    if (silent && this.#kind === 'stream' && this.#events.atBoundary && !this.#response.writableNeedDrain) {
      this.#response.write(PING);
    }
  }

  #event(chunk: Buffer): Promise<void> | undefined {
    this.#chunks += 1;
    const bytes = this.#events.accept(chunk);
    if (!bytes) return undefined;
    this.usage.events(bytes);
    this.#last = bytes;
    this.#response.write(bytes);
    return drained(this.#response);
  }

  #message(chunk: Buffer): Promise<void> | undefined {
    this.usage.message(chunk);
    this.#response.write(chunk);
    return drained(this.#response);
  }

  #refuse(chunk: Buffer): undefined {
    this.#refusalBytes += chunk.length;
    if (this.#refusalBytes <= MAX_ERROR_BYTES) this.#refusal.push(chunk);
  }
}

/** Anthropic's own errors go on as they are, so that clients find their words in them; all others are put into its shape. */
function refused(carrier: Carrier, upstream: Upstream, exchange: ByteExchange): ApiError | null {
  const { refusal } = carrier;
  if (!refusal) return null;
  const { secrets } = upstream;
  const error = objectOf(objectOf(parseJson(refusal.body)).error);
  const isOurs = refusal.status === 401 || refusal.status === 403;
  if (!isOurs && isObject(error) && typeof error.type === 'string' && typeof error.message === 'string') {
    const { 'content-type': _, 'content-encoding': __, ...kept } = responseHeaders(refusal);
    const type = error.type as ApiError['type'];
    return new ApiError(type, redact(error.message, secrets), { status: refusal.status, headers: kept });
  }
  const size = {
    estimateInput: () => estimateInputTokens(exchange.received.body),
    maxTokens: Number(exchange.received.scalar('max_tokens')) || 0,
    contextWindow: null,
  };
  return providerError(refusal, upstream, size);
}

async function pingWhileSilent(carrier: Carrier, clock: GatewayClock, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await clock.sleep(PING_EVERY_MS, signal);
      carrier.pingIfSilent();
    }
  } catch {
    // The answer is over.
  }
}

export function createByteBackend({ client, clock }: ByteBackendOptions): ByteBackend {
  return {
    async forward(exchange, upstream) {
      const { received, model, headers, query, response, signal } = exchange;
      const url = new URL(`${upstream.baseUrl.replace(/\/v1$/, '')}/v1/messages${query}`);
      const carrier = new Carrier(response);
      const over = new AbortController();
      if (received.scalar('stream') === true) void pingWhileSilent(carrier, clock, over.signal);
      const request = {
        url,
        headers: requestHeaders(headers, upstream),
        body: forwardedBytes({ received, model, betas: upstream.quirks.betas }),
        signal,
        mayBePrivate: upstream.mayBePrivate,
      };
      try {
        await client.send(request, {
          onHead: (head) => carrier.start(head),
          onEnd: () => carrier.finish(),
        });
        const error = refused(carrier, upstream, exchange);
        if (error) throw error;
      } catch (cause) {
        if (!response.headersSent) throw cause;
        if (!signal.aborted) carrier.breakOff(toApiError(cause));
      } finally {
        over.abort(OVER);
      }
      return carrier.usage.usage;
    },
  };
}
