import { WebhookRefusal } from './refusal.ts';

/** A text is at most some kilobytes; a longer body is no webhook of a carrier. */
const MAX_BODY_BYTES = 64 * 1024;

/**
 * Reads the body of a request, byte for byte.
 *
 * @throws WebhookRefusal 413 as soon as it is too long.
 */
export async function readBody(request: Request): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length > MAX_BODY_BYTES) throw new WebhookRefusal(413, 'Request body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The media type of a request in small letters, without its parameters. */
export function mediaType(request: Request): string {
  return (request.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
