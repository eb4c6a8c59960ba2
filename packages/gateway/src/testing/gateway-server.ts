/** A gateway on a port of its own, for tests. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGateway, type GatewayOptions } from '../gateway.ts';

export const TOKEN = 'test-token';

export interface GatewayServer extends AsyncDisposable {
  url: string;
  /** Paths of the requests that came in, in order. */
  requests: string[];
  /** Content types of the answers that are complete: JSON for a request that does not stream. */
  answered: string[];
  /** One promise per request; it resolves when `handle` has. */
  handled: Promise<void>[];
}

function hasToken(headers: IncomingMessage['headers']): boolean {
  return headers['x-api-key'] === TOKEN || headers.authorization === `Bearer ${TOKEN}`;
}

export async function startGateway(options: Partial<GatewayOptions> = {}): Promise<GatewayServer> {
  const gateway = createGateway({ authorize: hasToken, demo: { paceMs: 0 }, ...options });
  const requests: string[] = [];
  const handled: Promise<void>[] = [];
  const answered: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    handled.push(gateway.handle(request, response));
    response.on('finish', () => answered.push(String(response.getHeader('content-type'))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    handled,
    answered,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await gateway.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
