import type { IncomingMessage } from 'node:http';
import { ApiError } from './anthropic/errors.ts';

/** Anthropic's own limit for one request. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

function tooLarge(): ApiError {
  return new ApiError('request_too_large', 'Request exceeds the maximum size of 32 MB. Send less at once.', {
    headers: { connection: 'close' },
  });
}

/**
 * Reads and parses a JSON body. What exceeds the limit is read to its end and thrown away, because a client that is still
 * sending does not see the answer; beyond twice the limit it is cut off.
 * @throws ApiError `request_too_large` or `invalid_request_error`.
 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > 2 * MAX_BODY_BYTES) throw tooLarge();
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (size > MAX_BODY_BYTES) throw tooLarge();
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw new ApiError('invalid_request_error', 'The request body is not valid JSON.', { cause });
  }
}
