import type { IncomingMessage } from 'node:http';
import { toRequest } from './node-handler.ts';
import type { WebhookHandler } from './webhook-handler.ts';

/** The part of a Fastify instance the plugin uses; it needs no types of Fastify. */
export interface FastifyLike {
  removeAllContentTypeParsers(): void;
  addContentTypeParser(
    contentType: string,
    parser: (request: unknown, payload: IncomingMessage, done: (error: Error | null, body?: unknown) => void) => void,
  ): unknown;
  route(options: {
    method: 'POST';
    url: string;
    handler(request: FastifyRequestLike, reply: FastifyReplyLike): Promise<unknown>;
  }): unknown;
}

/** The part of a Fastify request the plugin uses. */
export interface FastifyRequestLike {
  raw: IncomingMessage;
}

/** The part of a Fastify reply the plugin uses. */
export interface FastifyReplyLike {
  code(status: number): unknown;
  header(name: string, value: string): unknown;
  send(body: string): unknown;
}

/**
 * A Fastify plugin that mounts a webhook handler at its path: `await app.register(fastifyWebhook, { handler })`. Bodies below
 * that path are left to the handler, which reads none before the path token is right.
 */
export async function fastifyWebhook(app: FastifyLike, { handler }: { handler: WebhookHandler }): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.route({
    method: 'POST',
    url: `${handler.path === '/' ? '' : handler.path}/*`,
    handler: async (request, reply) => {
      const response = await handler(toRequest(request.raw));
      reply.code(response.status);
      for (const [name, value] of response.headers) reply.header(name, value);
      if (!request.raw.complete) reply.header('connection', 'close');
      return reply.send(await response.text());
    },
  });
}
