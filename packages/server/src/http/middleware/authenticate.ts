/** Lets a request through by its route's rule. A route that has no rule is refused: forgetting one must not open it. */
import { CompanionError } from '@claude-companion/protocol';
import type { FastifyRequest } from 'fastify';
import { type AgentKeys, identify, presentedToken } from '../../auth/tokens.ts';

export function authenticate(request: FastifyRequest, known: { authToken: string; agentKeys: AgentKeys }): void {
  const rule = request.routeOptions.config.auth;
  if (rule === 'open') return;
  const token = presentedToken(request.headers);
  if (token === null) throw new CompanionError('AUTH_REQUIRED', 'This needs a token.');
  const caller = identify(token, known);
  if (!caller) throw new CompanionError('AUTH_INVALID', 'This token is not known.');
  if (rule !== 'owner' || caller.kind !== 'owner') {
    throw new CompanionError('AUTH_INSUFFICIENT', 'This token may not do that.');
  }
}
