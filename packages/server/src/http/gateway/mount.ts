/** Lends the port to the gateway. It reads and writes the raw exchange and checks its own tokens. */
import type { Gateway } from '@claude-companion/gateway';
import type { FastifyInstance } from 'fastify';

export function mountGateway(app: FastifyInstance, gateway: Gateway): void {
  app.register(async (scope) => {
    // The gateway reads the body itself, as bytes.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.all('/v1/*', { config: { auth: 'open' } }, async (request, reply) => {
      reply.hijack();
      await gateway.handle(request.raw, reply.raw);
    });
  });
}
