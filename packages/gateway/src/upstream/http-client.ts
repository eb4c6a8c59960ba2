/**
 * The one way out to providers: undici, without redirects, with time limits, and with a look at where a name leads. A public
 * provider whose name resolves to a private address is refused; addresses that the operator configured may be private.
 */
import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { ApiError } from '../anthropic/errors.ts';

interface UpstreamRequest {
  url: URL;
  headers: Record<string, string>;
  body: Buffer | string;
  signal: AbortSignal;
  /** The operator named this address, so it may be a private one. */
  mayBePrivate: boolean;
}

export interface UpstreamHead {
  status: number;
  headers: Record<string, string | string[] | undefined>;
}

/** Takes the body chunk by chunk; while its promise is pending nothing more is read from the provider. */
export type ChunkSink = (chunk: Buffer) => Promise<void> | undefined;

export interface AnswerReceiver {
  onHead(head: UpstreamHead): ChunkSink;
  /** The body is complete; called in the same turn as the sink with its last chunk. */
  onEnd?(): void;
}

export interface UpstreamClient {
  /** Resolves at the end of the body. @throws ApiError when the provider cannot be reached, is silent too long, or cuts off. */
  send(request: UpstreamRequest, receiver: AnswerReceiver): Promise<void>;
  dispatcher(mayBePrivate: boolean): Dispatcher;
  close(): Promise<void>;
}

const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv6');
}

/** Also true for IPv4 addresses that are written as IPv6. */
export function isPrivateAddress(address: string): boolean {
  return PRIVATE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** The way in which `net.connect` asks for addresses. */
type Lookup = typeof systemLookup;

function publicOnly(lookup: Lookup): Lookup {
  const guarded = (host: string, options: object, done: (error: Error | null, ...found: unknown[]) => void): void => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error);
      const hidden = addresses.find(({ address }) => isPrivateAddress(address));
      if (hidden) return done(new PrivateAddressError(host));
      if ('all' in options && options.all) return done(null, addresses);
      done(null, addresses[0]?.address, addresses[0]?.family);
    });
  };
  return guarded as Lookup;
}

class PrivateAddressError extends Error {
  constructor(host: string) {
    super(`${host} leads to a private address.`);
  }
}

export interface UpstreamClientOptions {
  /** Milliseconds without a byte from a provider, before its answer or within it. */
  silenceMs: number;
  /** @defaultValue the system's resolver */
  lookup?: Lookup;
  /** Sent with every request. */
  headers?: Readonly<Record<string, string>>;
}

const CONNECT_MS = 15_000;

/** What went wrong on the way, in words that hold no address. Unknown failures are the provider's, too: the way is theirs. */
export function toTransportError(cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return new ApiError('timeout_error', 'The provider was silent for too long. Try again.', { cause });
  }
  if (cause instanceof PrivateAddressError) {
    const message =
      'The name of the provider leads to a private address, which is refused. If that is meant, configure its base URL.';
    return new ApiError('api_error', message, { status: 502, cause });
  }
  const reached = code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
  const message = reached
    ? 'The provider closed the connection before its answer was complete. Try again.'
    : 'The provider cannot be reached. Check the network, its base URL and its status, then try again.';
  return new ApiError('api_error', message, { status: 502, cause });
}

/** Hands an answer over chunk by chunk. A stream in between would cost a tenth of what it takes to pass bytes through. */
class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly #receiver: AnswerReceiver;
  readonly #signal: AbortSignal;
  readonly #over = Promise.withResolvers<void>();
  #controller: Dispatcher.DispatchController | null = null;
  #sink: ChunkSink | null = null;
  readonly #abort = (): void => this.#controller?.abort(this.#signal.reason);

  constructor(receiver: AnswerReceiver, signal: AbortSignal) {
    this.#receiver = receiver;
    this.#signal = signal;
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  get over(): Promise<void> {
    return this.#over.promise;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal.aborted) this.#abort();
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: UpstreamHead['headers']): void {
    // What comes before is no answer: 100 Continue, 103 Early Hints.
    if (status >= 200) this.#sink = this.#receiver.onHead({ status, headers });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const pending = this.#sink?.(chunk);
    if (!pending) return;
    controller.pause();
    pending.then(
      () => controller.resume(),
      (error: Error) => controller.abort(error),
    );
  }

  onResponseEnd(): void {
    this.#signal.removeEventListener('abort', this.#abort);
    try {
      this.#receiver.onEnd?.();
      this.#over.resolve();
    } catch (error) {
      this.#over.reject(error);
    }
  }

  onResponseError(_: unknown, error: Error): void {
    this.#signal.removeEventListener('abort', this.#abort);
    this.#over.reject(error);
  }
}

export function createUpstreamClient(given: UpstreamClientOptions): UpstreamClient {
  const limits = { headersTimeout: given.silenceMs, bodyTimeout: given.silenceMs };
  const open = new Agent({ ...limits, connect: { timeout: CONNECT_MS } });
  const guarded = new Agent({
    ...limits,
    connect: { timeout: CONNECT_MS, lookup: publicOnly(given.lookup ?? systemLookup) },
  });
  const dispatcher = (mayBePrivate: boolean) => (mayBePrivate ? open : guarded);
  return {
    dispatcher,
    async send({ url, headers, body, signal, mayBePrivate }, receiver) {
      const handler = new AnswerHandler(receiver, signal);
      const options = {
        origin: url.origin,
        path: url.pathname + url.search,
        method: 'POST',
        headers: { ...headers, ...given.headers },
        body,
      };
      dispatcher(mayBePrivate).dispatch(options, handler);
      try {
        await handler.over;
      } catch (cause) {
        throw toTransportError(cause);
      }
    },
    async close() {
      await Promise.all([open.destroy(), guarded.destroy()]);
    },
  };
}
