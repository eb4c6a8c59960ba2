/** The process whose CPU is measured: our gateway, or a bare pipe that only replaces the key. Its port is its first message. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { createGateway } from '../packages/gateway/src/gateway.ts';

const [kind = 'gateway', upstream = ''] = process.argv.slice(2);

function pipe(): (request: IncomingMessage, response: ServerResponse) => Promise<unknown> {
  const agent = new Agent();
  return async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': 'key' };
    const body = Buffer.concat(chunks);
    return agent.stream({ origin: upstream, path: '/v1/messages', method: 'POST', headers, body }, (head) => {
      response.writeHead(head.statusCode, { 'content-type': String(head.headers['content-type']) });
      return response;
    });
  };
}

function gateway(): (request: IncomingMessage, response: ServerResponse) => Promise<unknown> {
  const settings = { baseUrl: upstream, apiKey: 'key-of-the-bench' };
  const { handle } = createGateway({
    authorize: ({ authorization, 'x-api-key': key }) => Boolean(authorization ?? key),
    providers: { anthropic: settings, openai: settings, google: settings },
    onError: console.error,
  });
  return handle;
}

const handle = kind === 'pipe' ? pipe() : gateway();
const server = createServer((request, response) => {
  handle(request, response).catch((error: unknown) => {
    console.error(error);
    response.destroy();
  });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
