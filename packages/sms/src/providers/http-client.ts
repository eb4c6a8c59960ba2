import { Agent, errors, request } from 'undici';

/** One request of a provider to its carrier. Its headers hold credentials. */
export interface HttpRequest {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** The whole exchange must be over by then. */
  timeoutMs: number;
}

/** The carrier's answer, whatever its status. */
export interface HttpResponse {
  status: number;
  body: string;
}

/**
 * Makes one HTTP request and follows no redirect. Give a provider your own to use your client in place of its pool; throw
 * `HttpFailure` from it so that the provider can tell what never left from what may have arrived.
 */
export type HttpClient = (request: HttpRequest) => Promise<HttpResponse>;

/**
 * How a request failed. `unreachable`: no connection was made, so nothing was sent. `timeout` and `broken`: the request
 * may have reached the other side.
 */
export type HttpFailureKind = 'unreachable' | 'timeout' | 'broken';

/** No answer came. */
export class HttpFailure extends Error {
  readonly kind: HttpFailureKind;

  constructor(kind: HttpFailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HttpFailure';
    this.kind = kind;
  }
}

/** The bounds of a pool. */
export interface HttpPoolOptions {
  /** Connections kept open to one host at most. Default 20. */
  connectionsPerHost?: number;
  /** Hosts at most. Default 10. */
  maxHosts?: number;
  /** Default 5,000. */
  connectTimeoutMs?: number;
}

/** A client over a pool of connections; close it when the application ends. */
export type HttpPool = HttpClient & { close(): Promise<void> };

/** Errors before anything was sent: the name did not resolve, or nobody took the connection. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

const TIMED_OUT = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_ABORTED', 'ETIMEDOUT']);

/** An answer longer than this is no answer of a carrier. */
const MAX_RESPONSE_BYTES = 8 * 1024 * 1024;

/** A client that keeps its connections open and uses them again. */
export function createHttpPool(options: HttpPoolOptions = {}): HttpPool {
  const { connectionsPerHost = 20, maxHosts = 10, connectTimeoutMs = 5_000 } = options;
  const agent = new Agent({
    connections: connectionsPerHost,
    maxOrigins: maxHosts,
    maxResponseSize: MAX_RESPONSE_BYTES,
    connect: { timeout: connectTimeoutMs },
    keepAliveTimeout: 30_000,
  });
  const send: HttpClient = async ({ url, method, headers, body, timeoutMs }) => {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await request(url, { dispatcher: agent, method, headers, body: body ?? null, signal });
      return { status: response.statusCode, body: await response.body.text() };
    } catch (error) {
      throw toHttpFailure(error, signal.aborted);
    }
  };
  return Object.assign(send, { close: () => agent.close() });
}

function toHttpFailure(error: unknown, timedOut: boolean): HttpFailure {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message || code : code;
  if (UNREACHABLE.has(code)) return new HttpFailure('unreachable', message, { cause: error });
  if (timedOut || TIMED_OUT.has(code)) return new HttpFailure('timeout', message, { cause: error });
  return new HttpFailure('broken', message, { cause: error });
}

/** The code of an error; a failed attempt on several addresses of one host carries it in its parts. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  if (error instanceof errors.UndiciError) return error.code;
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
}
