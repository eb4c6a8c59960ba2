/** Whoever called, as operations know people. */
import { CompanionError } from '@claude-companion/protocol';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../auth/callers.ts';
import type { Actor } from '../../operations/actor.ts';

const ACTOR_OF: { [K in Caller['kind']]: (caller: Extract<Caller, { kind: K }>) => Actor | null } = {
  owner: ({ personId }) => ({ personId, isOwner: true, strength: 'proven' }),
  // A token that was had for a texted code proves no more than a text does, the owner's phone included.
  user: ({ personId }) => ({ personId, isOwner: false, strength: 'claimed' }),
  session: () => null,
  'agent-process': () => null,
};

/** Null for who is no person. */
export function personOf({ visit, caller }: Pick<FastifyRequest, 'visit' | 'caller'>): Actor | null {
  if (visit) return visit.actor;
  return caller && ACTOR_OF[caller.kind](caller as never);
}

/** @throws CompanionError AUTH_REQUIRED on a route that let somebody in who is no person */
export function actorOf(request: Pick<FastifyRequest, 'visit' | 'caller'>): Actor {
  const actor = personOf(request);
  if (!actor) throw new CompanionError('AUTH_REQUIRED', 'This needs a token.');
  return actor;
}
