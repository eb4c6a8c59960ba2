/** A message id that this caller alone may handle now. */
export interface Claim {
  /** The message was handled: copies of it are duplicates from now on. */
  complete(): Promise<void>;
  /** The message was not handled: the next copy of it may be. */
  release(): Promise<void>;
}

/**
 * Knows which of the carrier's message ids were seen. Two ways to use it: `markMany` marks at once, before the message is
 * handled; `claim` marks only when the handling is complete, so that a failure leaves the carrier's next copy welcome.
 * Every operation is atomic among all processes that share the store.
 */
export interface DedupeStore {
  /** Marks ids as seen. Answers for each, in order, whether it was new. */
  markMany(ids: readonly string[]): Promise<boolean[]>;
  /** Takes a mark back that `markMany` just made. */
  unmark(id: string): Promise<void>;
  /**
   * Takes an id in hand. `busy`: somebody else has it in hand; they may still fail. `done`: it was handled. A claim that is
   * neither completed nor released ends by itself, for its holder may have died.
   */
  claim(id: string): Promise<Claim | 'busy' | 'done'>;
}

/** How long ids are remembered. */
export interface DedupeOptions {
  /** How long a mark lasts, in seconds. Default 3,600: carriers do not deliver later again. */
  ttlSeconds?: number;
  /** How long a claim lasts whose holder says nothing, in seconds. Default 30: longer than a carrier waits for an answer. */
  leaseSeconds?: number;
}

export const DEFAULT_TTL_SECONDS = 3_600;
export const DEFAULT_LEASE_SECONDS = 30;
