/** One Fastify instance, every surface on it, and the checks that come before any of them. */

import type { Gateway } from '@claude-companion/gateway';
import { CompanionError } from '@claude-companion/protocol';
import type { WebhookHandler } from '@claude-companion/sms';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Caller } from '../auth/callers.ts';
import type { Logger } from '../telemetry/logger.ts';
import { agentApi } from './agent-api/routes.ts';
import type { Doors } from './doors.ts';
import { mountGateway } from './gateway/mount.ts';
import { authenticate } from './middleware/authenticate.ts';
import { closeWhenRevoked } from './middleware/close-when-revoked.ts';
import { sessionCookie } from './middleware/cookies.ts';
import { checkHost, type KnownHosts } from './middleware/known-hosts.ts';
import { requireVisit } from './middleware/visit.ts';
import { errorStatus, registerSurface, toCompanionError } from './surface.ts';
import { API_VERSION, SURFACES } from './surfaces.ts';
import { mountWebhook } from './webhooks/mount.ts';

const MAX_BODY_BYTES = 1024 * 1024;
/** Longer than any id, so that a wrong one is told as what it is. */
const MAX_PARAM_LENGTH = 1_000;

export interface HttpParts {
  doors: Doors;
  gateway: Gateway;
  /** What the carrier calls; null: no carrier can. */
  webhook: WebhookHandler | null;
  /** Whose token it is; null for one that nobody knows. */
  identify(token: string): Promise<Caller | null>;
  /** Read at each request: the port is known only once the server listens. */
  knownHosts(): KnownHosts;
  logger: Logger;
}

export function createHttpServer(parts: HttpParts): FastifyInstance {
  const { doors, gateway, logger } = parts;
  const { signIn } = doors.signIn;
  const app = Fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // A path that cannot be decoded never meets a route, nor its error handler.
    frameworkErrors: (error, request, reply) => refuse(request.url, reply as unknown as FastifyReply, error),
  });
  acceptEmptyJson(app);
  app.decorateRequest('caller', null);
  app.decorateRequest('visit', null);

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-api-version', API_VERSION).header('x-content-type-options', 'nosniff');
    checkHost(request, parts.knownHosts());
    if (request.is404) return;
    if (request.routeOptions.config.auth === 'screen') {
      const { context } = doors;
      request.visit = await requireVisit(request, context, sessionCookie(request, context.policy.publicUrl));
      return;
    }
    request.caller = await authenticate(request, parts.identify);
    closeWhenRevoked({ request, reply }, (tokenId, callback) => signIn.revocations.onRevoked(tokenId, callback));
  });
  // Answers that carry somebody's work must not stay in any cache.
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  app.addHook('onResponse', async (request, reply) => {
    // The path only: a query may hold a token.
    const { method, routeOptions } = request;
    logger.debug({ method, route: routeOptions.url, status: reply.statusCode, ms: reply.elapsedTime }, 'answered');
  });
  app.setErrorHandler(async (error, _request, reply) => {
    const known = toCompanionError(error);
    const { status, headers } = errorStatus({}, known);
    if (status >= 500) logger.error({ err: error }, 'a request failed');
    const { code, message, suggestion } = known;
    return reply.headers(headers).status(status).send({ detail: message, error: message, message, code, suggestion });
  });
  app.setNotFoundHandler(async () => {
    throw new CompanionError('NOT_FOUND', 'There is nothing at this path.');
  });

  for (const surface of SURFACES) registerSurface(app, surface, doors);
  mountGateway(app, gateway);
  mountWebhook(app, parts.webhook);
  return app;
}

function refuse(url: string, reply: FastifyReply, error: unknown): void {
  const known = toCompanionError(error);
  const { errorBody } = SURFACES.find(({ prefix }) => prefix !== undefined && url.startsWith(prefix)) ?? agentApi;
  void reply.status(known.status).send(errorBody(known));
}

/** Many clients say `application/json` on a request without a body; that is no body, not a wrong one. */
function acceptEmptyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else void parse(request, body.toString(), done);
  });
}
