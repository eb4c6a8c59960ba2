/** The lease by which this server serves a session. */
import type { ServedSession } from '../operations/change-session.ts';
import type { Context } from '../operations/context.ts';
import { FencedError } from '../store/event-batch.ts';
import type { Lease } from '../store/leases.ts';

export interface SessionLeaseParts {
  context: Pick<Context, 'store'>;
  sessionId: string;
  holder: string;
  leaseTtlMs: number;
}

export class SessionLease {
  readonly #parts: SessionLeaseParts;
  #held: Lease | null = null;

  constructor(parts: SessionLeaseParts) {
    this.#parts = parts;
  }

  get held(): Lease | null {
    return this.#held;
  }

  /** False when another server has it. */
  async take(): Promise<boolean> {
    const { context, sessionId, holder, leaseTtlMs } = this.#parts;
    this.#held ??= (await context.store.leases.acquire(leaseOf(sessionId), holder, leaseTtlMs)) ?? null;
    return this.#held !== null;
  }

  async release(): Promise<void> {
    const lease = this.#held;
    this.#held = null;
    if (lease) await this.#parts.context.store.leases.release(lease);
  }

  /** It is lost, or may not be used any more. */
  drop(): void {
    this.#held = null;
  }

  /** @throws FencedError when the session is not served here */
  served(): ServedSession {
    const { sessionId } = this.#parts;
    if (!this.#held) throw new FencedError({ name: leaseOf(sessionId), token: 0 });
    return { sessionId, fence: this.#held };
  }
}

const leaseOf = (sessionId: string): string => `session:${sessionId}`;
