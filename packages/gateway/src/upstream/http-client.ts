/**
 * The one way out to providers: undici, without redirects, with time limits, and with a look at where a name leads. A public
 * provider whose name resolves to a private address is refused; addresses that the operator configured may be private.
 */
import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { Writable } from 'node:stream';
import { Agent, type Dispatcher } from 'undici';
import { ApiError } from '../anthropic/errors.ts';

interface UpstreamRequest {
  url: URL;
  headers: Record<string, string>;
  body: Buffer | string;
  /** @defaultValue POST */
  method?: 'GET' | 'POST';
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

export interface UpstreamClient {
  /** Resolves at the end of the body. @throws ApiError when the provider cannot be reached, is silent too long, or cuts off. */
  send(request: UpstreamRequest, onHead: (head: UpstreamHead) => ChunkSink): Promise<void>;
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

class SinkWritable extends Writable {
  readonly #sink: ChunkSink;

  constructor(sink: ChunkSink) {
    super({ highWaterMark: 64 * 1024 });
    this.#sink = sink;
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    try {
      const pending = this.#sink(chunk);
      if (pending) pending.then(() => done(), done);
      else done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

export function createUpstreamClient(options: UpstreamClientOptions): UpstreamClient {
  const limits = { headersTimeout: options.silenceMs, bodyTimeout: options.silenceMs };
  const open = new Agent({ ...limits, connect: { timeout: CONNECT_MS } });
  const guarded = new Agent({
    ...limits,
    connect: { timeout: CONNECT_MS, lookup: publicOnly(options.lookup ?? systemLookup) },
  });
  const dispatcher = (mayBePrivate: boolean) => (mayBePrivate ? open : guarded);
  return {
    dispatcher,
    async send(request, onHead) {
      const { url, headers, body, method = 'POST', signal, mayBePrivate } = request;
      const path = url.pathname + url.search;
      try {
        await dispatcher(mayBePrivate).stream(
          {
            origin: url.origin,
            path,
            method,
            headers: { ...headers, ...options.headers },
            signal,
            ...(method === 'POST' ? { body } : {}),
          },
          ({ statusCode, headers: received }) =>
            new SinkWritable(onHead({ status: statusCode, headers: received as UpstreamHead['headers'] })),
        );
      } catch (cause) {
        throw toTransportError(cause);
      }
    },
    async close() {
      await Promise.all([open.destroy(), guarded.destroy()]);
    },
  };
}
