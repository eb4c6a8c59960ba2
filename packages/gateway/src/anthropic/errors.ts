/** The error types of Anthropic's Messages API. */
export type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'billing_error'
  | 'permission_error'
  | 'not_found_error'
  | 'request_too_large'
  | 'rate_limit_error'
  | 'api_error'
  | 'timeout_error'
  | 'overloaded_error';

const STATUS_OF: Record<ErrorType, number> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

export interface ErrorBody {
  type: 'error';
  error: { type: ErrorType; message: string };
  /** What the operator has to install or set, where that is the remedy. */
  detail?: string;
}

export interface ApiErrorOptions {
  status?: number;
  headers?: Record<string, string>;
  detail?: string;
  cause?: unknown;
}

/** An answer of the API that is an error. Its message is shown to the caller: no secrets, no upstream addresses. */
export class ApiError extends Error {
  readonly type: ErrorType;
  /** HTTP status; follows from the type unless the API itself has a finer one (405). */
  readonly status: number;
  /** Extra response headers, for example `retry-after`. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the operator has to do, if that is the remedy. */
  readonly detail: string | null;

  constructor(type: ErrorType, message: string, options: ApiErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'ApiError';
    this.type = type;
    this.status = options.status ?? STATUS_OF[type];
    this.headers = options.headers ?? {};
    this.detail = options.detail ?? null;
  }

  get body(): ErrorBody {
    const body: ErrorBody = { type: 'error', error: { type: this.type, message: this.message } };
    return this.detail === null ? body : { ...body, detail: this.detail };
  }
}

/** The type that goes with an HTTP status; unlisted client errors are invalid requests, the rest are `api_error`. */
export function errorTypeOf(status: number): ErrorType {
  for (const type of Object.keys(STATUS_OF) as ErrorType[]) if (STATUS_OF[type] === status) return type;
  return status >= 400 && status < 500 ? 'invalid_request_error' : 'api_error';
}

/** The only place that guesses: anything unknown is an `api_error` whose details stay on this side, in `cause`. */
export function toApiError(cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause;
  return new ApiError('api_error', 'The gateway failed to answer. Try again; its log names the cause.', { cause });
}
