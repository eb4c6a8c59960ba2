/** One Fastify instance, every surface on it, and the checks that come before any of them. */

import type { Gateway } from '@claude-companion/gateway';
import { CompanionError } from '@claude-companion/protocol';
import Fastify, { type FastifyInstance } from 'fastify';
import type { AgentKeys } from '../auth/tokens.ts';
import type { Logger } from '../telemetry/logger.ts';
import { agentApi } from './agent-api/routes.ts';
import { companionApi } from './companion-api/routes.ts';
import { statusPage } from './dashboard/status-page.ts';
import type { Doors } from './doors.ts';
import { mountGateway } from './gateway/mount.ts';
import { authenticate } from './middleware/authenticate.ts';
import { checkHost, type KnownHosts } from './middleware/known-hosts.ts';
import { registerSurface, toCompanionError } from './surface.ts';

const MAX_BODY_BYTES = 1024 * 1024;
export const API_VERSION = '1.0.0';

export interface HttpParts {
  doors: Doors;
  gateway: Gateway;
  authToken: string;
  agentKeys: AgentKeys;
  /** Read at each request: the port is known only once the server listens. */
  knownHosts(): KnownHosts;
  logger: Logger;
}

export function createHttpServer(parts: HttpParts): FastifyInstance {
  const { doors, gateway, logger } = parts;
  const app = Fastify({ logger: false, bodyLimit: MAX_BODY_BYTES, trustProxy: false, forceCloseConnections: true });

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-api-version', API_VERSION).header('x-content-type-options', 'nosniff');
    checkHost(request, parts.knownHosts());
    if (request.is404) return;
    authenticate(request, parts);
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
    if (known.status >= 500) logger.error({ err: error }, 'a request failed');
    const { code, message, suggestion } = known;
    return reply.status(known.status).send({ detail: message, error: message, message, code, suggestion });
  });
  app.setNotFoundHandler(async () => {
    throw new CompanionError('NOT_FOUND', 'There is nothing at this path.');
  });

  registerSurface(app, statusPage(doors));
  registerSurface(app, agentApi(doors));
  registerSurface(app, companionApi(doors));
  mountGateway(app, gateway);
  return app;
}
