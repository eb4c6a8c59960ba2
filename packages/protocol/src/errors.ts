/**
 * One table of everything that can be refused. Each surface spells an error its own way (`{detail}`, `{message}`,
 * `{error, code, suggestion}`), all from this table, so that a code without a status or a next step does not compile.
 */
export const ERROR_CODES = {
  INVALID_REQUEST: { status: 400, suggestion: 'Compare the request with /docs and send it again.' },
  INVALID_PARAMETERS: { status: 400, suggestion: 'Compare the request with /docs and send it again.' },
  PROJECT_NOT_FOUND: { status: 400, suggestion: 'Check project name and ensure it exists in the configured directory' },
  PROJECT_OUTSIDE: {
    status: 400,
    suggestion: 'Use a directory below PROJECTS_DIR, or change PROJECTS_DIR and start again.',
  },
  WORKING_DIRECTORY_MISSING: { status: 400, suggestion: 'Create the directory or start a session in another one.' },
  UNKNOWN_MODEL: { status: 400, suggestion: 'Name a model the server can reach; /v1/models lists them.' },
  AUTH_REQUIRED: { status: 401, suggestion: 'Send the header "Authorization: Bearer <token>".' },
  AUTH_INVALID: { status: 401, suggestion: 'Check the token; the server prints where it keeps it when it starts.' },
  AUTH_EXPIRED: { status: 401, suggestion: 'Sign in again.' },
  AUTH_INSUFFICIENT: { status: 403, suggestion: 'Use a token that may do this.' },
  HOST_NOT_ALLOWED: { status: 421, suggestion: 'Call the server by a name it knows, or add the name to PUBLIC_URL.' },
  ORIGIN_NOT_ALLOWED: { status: 403, suggestion: 'Open the page from the server itself.' },
  NOT_FOUND: { status: 404, suggestion: 'Check the path.' },
  SESSION_NOT_FOUND: { status: 404, suggestion: 'GET /sessions lists the sessions there are.' },
  ASK_NOT_FOUND: { status: 404, suggestion: 'GET /api/asks lists the asks there are.' },
  METHOD_NOT_ALLOWED: { status: 405, suggestion: 'Check the method.' },
  ASK_CLOSED: { status: 409, suggestion: 'Nothing to do: the ask is already settled.' },
  ANSWER_REFUSED: { status: 409, suggestion: 'Answer in a way this ask accepts.' },
  SESSION_ENDED: { status: 409, suggestion: 'Start a new session, or resume this one with resume_session_id.' },
  SESSION_INVALID_STATE: { status: 409, suggestion: 'Wait for the session to become idle and try again.' },
  IDEMPOTENCY_MISMATCH: { status: 422, suggestion: 'Use a new key for a different request.' },
  REQUEST_TOO_LARGE: { status: 413, suggestion: 'Send less.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, suggestion: 'Send application/json.' },
  RATE_LIMIT: { status: 429, suggestion: 'Wait the time in Retry-After and try again.' },
  SERVER_ERROR: { status: 500, suggestion: 'Try again; the log of the server tells more.' },
  AICLI_CRASH: { status: 502, suggestion: 'Send the message again; the session goes on where it was.' },
  AICLI_UNAVAILABLE: { status: 503, suggestion: 'Run "companion doctor" on the server.' },
  STORE_UNAVAILABLE: { status: 503, suggestion: 'Try again shortly; nothing was changed.' },
  AICLI_TIMEOUT: { status: 504, suggestion: 'Try again or raise the time limit.' },
} as const satisfies Record<string, { status: number; suggestion: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** A refusal that may cross the wire: its message is written for the person who caused it and holds nothing secret. */
export class CompanionError extends Error {
  readonly code: ErrorCode;
  override readonly name = 'CompanionError';
  /** Seconds after which the same request may succeed; undefined where nobody knows. */
  readonly retryAfterS: number | undefined;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown; retryAfterS?: number }) {
    super(message, options);
    this.code = code;
    this.retryAfterS = options?.retryAfterS;
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }

  get suggestion(): string {
    return ERROR_CODES[this.code].suggestion;
  }
}
