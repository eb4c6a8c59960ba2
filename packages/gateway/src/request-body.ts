import type { IncomingMessage } from 'node:http';
import { ApiError } from './anthropic/errors.ts';
import { isObject, type Json } from './json.ts';
import { CONTAINER, type TopLevelFields, topLevelFields } from './top-level-fields.ts';

/** Anthropic's own limit for one request. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** A request as it came. It is parsed when its depths are needed, which for Anthropic's own models they are not. */
export class ReceivedBody {
  readonly bytes: Buffer;
  readonly #fields: TopLevelFields | null;
  #body: Json | null = null;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.#fields = topLevelFields(bytes);
    // What is not plainly an object is either refused now or has its fields written in an unusual way.
    if (!this.#fields) this.#body = parse(bytes);
  }

  /** @throws ApiError `invalid_request_error` when its depths are no JSON. */
  get body(): Json {
    this.#body ??= parse(this.bytes);
    return this.#body;
  }

  /** A field that is a string, a number, a boolean or null; undefined for all others. */
  scalar(name: string): unknown {
    const value = this.#fields ? this.#fields.get(name) : this.#body?.[name];
    return value === CONTAINER || typeof value === 'object' ? undefined : value;
  }
}

function tooLarge(): ApiError {
  return new ApiError('request_too_large', 'Request exceeds the maximum size of 32 MB. Send less at once.', {
    headers: { connection: 'close' },
  });
}

/**
 * Reads a JSON body. What exceeds the limit is read to its end and thrown away, because a client that is still
 * sending does not see the answer; beyond twice the limit it is cut off.
 * @throws ApiError `request_too_large` or `invalid_request_error`.
 */
export async function readJsonBody(request: IncomingMessage): Promise<ReceivedBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > 2 * MAX_BODY_BYTES) throw tooLarge();
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (size > MAX_BODY_BYTES) throw tooLarge();
  return new ReceivedBody(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
}

function parse(bytes: Buffer): Json {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new ApiError('invalid_request_error', 'The request body is not valid JSON.', { cause });
  }
  if (!isObject(value)) throw new ApiError('invalid_request_error', 'The request body must be a JSON object.');
  return value;
}
