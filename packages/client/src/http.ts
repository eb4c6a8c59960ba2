/** Requests to a server, with its errors as `CompanionError`s. */
import { CompanionError, ERROR_CODES, type ErrorCode } from '@claude-companion/protocol';

export interface ConnectionOptions {
  /** Such as `http://127.0.0.1:3001`. */
  url: string;
  token: string;
  fetch?: typeof fetch;
}

export interface HttpRequest {
  method?: 'GET' | 'POST' | 'DELETE';
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

interface ErrorBody {
  code?: string;
  message?: string;
  error?: string;
  detail?: string;
}

const CODE_OF_STATUS: Record<number, ErrorCode> = {
  400: 'INVALID_REQUEST',
  401: 'AUTH_INVALID',
  403: 'AUTH_INSUFFICIENT',
  404: 'NOT_FOUND',
  409: 'SESSION_INVALID_STATE',
  413: 'REQUEST_TOO_LARGE',
  429: 'RATE_LIMIT',
  503: 'STORE_UNAVAILABLE',
};

async function errorOf(response: Response): Promise<CompanionError> {
  const body = (await response.json().catch(() => ({}))) as ErrorBody;
  const known = body.code !== undefined && body.code in ERROR_CODES ? (body.code as ErrorCode) : undefined;
  const text = body.message ?? body.error ?? body.detail ?? `the server answered ${response.status}`;
  return new CompanionError(known ?? CODE_OF_STATUS[response.status] ?? 'SERVER_ERROR', text);
}

export class Connection {
  readonly url: string;
  readonly #token: string;
  readonly #fetch: typeof fetch;

  constructor(options: ConnectionOptions) {
    this.url = options.url.replace(/\/+$/, '');
    this.#token = options.token;
    this.#fetch = options.fetch ?? fetch;
  }

  /** The response of a successful request. Throws CompanionError for a refusal, SERVER_ERROR when nobody answers. */
  async send(path: string, request: HttpRequest = {}): Promise<Response> {
    const { method = 'GET', body, headers, signal } = request;
    let response: Response;
    try {
      response = await this.#fetch(`${this.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new CompanionError(
        'SERVER_ERROR',
        `No server answers at ${this.url}. Is it running? Start it with "npm start".`,
        {
          cause: error,
        },
      );
    }
    if (!response.ok) throw await errorOf(response);
    return response;
  }

  async json<T>(path: string, request: HttpRequest = {}): Promise<T> {
    return (await (await this.send(path, request)).json()) as T;
  }
}
