/** Lets a request through by its route's rule. A route that has no rule is refused: forgetting one must not open it. */
import { CompanionError } from '@claude-companion/protocol';
import type { FastifyRequest } from 'fastify';
import { type Caller, mayCall } from '../../auth/callers.ts';
import { presentedToken } from '../../auth/tokens.ts';

/** Who is calling; null on an open route without a known token. */
export async function authenticate(
  request: FastifyRequest,
  identify: (token: string) => Promise<Caller | null>,
): Promise<Caller | null> {
  const rule = request.routeOptions.config.auth;
  const token = presentedToken(request.headers);
  const caller = token === null ? null : await identify(token);
  if (rule === 'open') return caller;
  if (token === null) throw new CompanionError('AUTH_REQUIRED', 'This needs a token.');
  if (!caller) throw new CompanionError('AUTH_INVALID', 'This token is not known.');
  if (rule === undefined || !mayCall(rule, caller)) {
    throw new CompanionError('AUTH_INSUFFICIENT', 'This token may not do that.');
  }
  return caller;
}
