/** Who asks for something, as far as an operation must know. Doors make it from whoever called; nobody can claim to be one. */
import { CompanionError, type PermissionMode } from '@claude-companion/protocol';
import type { Strength } from '../asks/risk/may-answer.ts';
import type { Context } from './context.ts';

export type { Strength } from '../asks/risk/may-answer.ts';

export interface Actor {
  personId: string;
  /** The owner, proven: may see and touch what belongs to others too. A phone of the owner's alone does not make one. */
  isOwner: boolean;
  strength: Strength;
}

/** Who holds the owner's token. */
export const ownerActor = ({ owner }: Pick<Context, 'owner'>): Actor => ({
  personId: owner.id,
  isOwner: true,
  strength: 'proven',
});

/** Whose things a list shows; undefined: everybody's. */
export const listedFor = (actor: Actor): string | undefined => (actor.isOwner ? undefined : actor.personId);

/**
 * Refuses what would let later calls pass without a question to somebody who is known by a text only: otherwise the limit
 * on what a text may allow would be worth nothing.
 */
export function refuseStandingGrants(
  { strength }: Actor,
  wanted: { permissionMode?: PermissionMode | undefined; allowedTools?: readonly string[] | undefined },
): void {
  if (strength === 'proven') return;
  if (wanted.permissionMode !== 'acceptEdits' && !wanted.allowedTools?.length) return;
  throw new CompanionError(
    'AUTH_INSUFFICIENT',
    'You are signed in by a text only: a session of yours asks about every call. Use "default" or "plan", without allowed tools.',
  );
}
