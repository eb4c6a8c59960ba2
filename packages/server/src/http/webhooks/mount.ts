/** Lends the port to the carrier's webhooks, which read the raw request and know their caller by its signature. */
import { toNodeHandler, type WebhookHandler } from '@claude-companion/sms';
import type { FastifyInstance } from 'fastify';

/** Our reply is a text of its own: an answer in the response would be a second one. */
const NO_REPLY = '<?xml version="1.0" encoding="UTF-8"?><Response/>';

/** Without a webhook the path is as unknown as any other. */
export function mountWebhook(app: FastifyInstance, webhook: WebhookHandler | null): void {
  if (!webhook) return;
  const handle = toNodeHandler(async (request) => {
    const response = await webhook(request);
    return response.status === 200 ? new Response(NO_REPLY, { headers: { 'content-type': 'text/xml' } }) : response;
  });
  app.register(async (scope) => {
    // No byte of a body is read before the path token is right.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.post('/webhook/*', { config: { auth: 'open' } }, async (request, reply) => {
      reply.hijack();
      handle(request.raw, reply.raw);
    });
  });
}
