/**
 * Ends codes when their minutes have really passed. The row's own end is wall-clock time, which a clock that is set back would
 * move; a timer is not moved by that. After a restart the row decides alone.
 */
import type { Clock } from '../../clock.ts';
import type { Database } from '../../store/database.ts';
import { endSignIn } from '../../store/sign-ins.ts';
import type { Logger } from '../../telemetry/logger.ts';

export class CodeExpiry {
  readonly #parts: { db: Database; clock: Clock; logger: Logger };
  readonly #cancels = new Set<() => void>();

  constructor(parts: { db: Database; clock: Clock; logger: Logger }) {
    this.#parts = parts;
  }

  arm(signInId: string, ms: number): void {
    const { db, clock, logger } = this.#parts;
    const cancel = clock.after(ms, () => {
      this.#cancels.delete(cancel);
      endSignIn(db, signInId, clock.now().toISOString()).catch((error: unknown) =>
        logger.warn({ err: error }, 'a code could not be ended; its row ends it'),
      );
    });
    this.#cancels.add(cancel);
  }

  close(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }
}
