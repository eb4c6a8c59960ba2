import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/** A handler in the shape of the fetch standard. */
export type FetchHandler = (request: Request) => Promise<Response>;

/** A request must have a host. What the client claims (`Host`, `X-Forwarded-*`) is not taken: nothing here depends on it. */
const NOWHERE = 'http://webhook.invalid';

/** Mounts a fetch-style handler in `node:http` and what is built on it. */
export function toNodeHandler(handler: FetchHandler): (request: IncomingMessage, response: ServerResponse) => void {
  return (incoming, outgoing) => {
    // A request the fetch standard cannot say (TRACE, say) throws here and must not end the process.
    const answered = Promise.resolve().then(() => handler(toRequest(incoming)));
    answered
      .then((response) => writeResponse(response, incoming, outgoing))
      .catch(() => {
        if (!outgoing.headersSent) outgoing.writeHead(400, { connection: 'close' });
        outgoing.end();
      });
  };
}

/** An incoming request of Node in the shape of the fetch standard; its body is read only when it is asked for. */
export function toRequest(incoming: IncomingMessage): Request {
  const headers = new Headers();
  for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
    headers.append(incoming.rawHeaders[at] ?? '', incoming.rawHeaders[at + 1] ?? '');
  }
  const method = incoming.method ?? 'GET';
  const target = incoming.url?.startsWith('/') ? incoming.url : '/';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(NOWHERE + target, {
    method,
    headers,
    ...(hasBody && { body: Readable.toWeb(incoming) as ReadableStream<Uint8Array>, duplex: 'half' }),
  });
}

async function writeResponse(response: Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const headers = Object.fromEntries(response.headers);
  // A body that nobody read would keep the connection from its next request.
  if (!incoming.complete) headers.connection = 'close';
  outgoing.writeHead(response.status, headers);
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}
