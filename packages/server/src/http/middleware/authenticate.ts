/** Lets a request through by its route's rule. A route that has no rule is refused: forgetting one must not open it. */
import { CompanionError } from '@claude-companion/protocol';
import type { FastifyRequest } from 'fastify';
import { type AgentKeys, type Caller, identify, presentedToken } from '../../auth/tokens.ts';

/** Who is calling; null on an open route without a known token. */
export function authenticate(
  request: FastifyRequest,
  known: { authToken: string; agentKeys: AgentKeys },
): Caller | null {
  const rule = request.routeOptions.config.auth;
  const token = presentedToken(request.headers);
  const caller = identify(token, known);
  if (rule === 'open') return caller;
  if (token === null) throw new CompanionError('AUTH_REQUIRED', 'This needs a token.');
  if (!caller) throw new CompanionError('AUTH_INVALID', 'This token is not known.');
  if (rule !== 'owner' || caller.kind !== 'owner') {
    throw new CompanionError('AUTH_INSUFFICIENT', 'This token may not do that.');
  }
  return caller;
}
