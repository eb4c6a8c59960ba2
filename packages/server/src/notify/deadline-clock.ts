/** Closes asks at their deadline. */
import type { Context } from '../operations/context.ts';
import { expireAsks } from '../operations/expire-asks.ts';
import { nextDeadline } from '../store/asks.ts';

/** A new ask may have an earlier deadline than the one waited for; one second late is early enough for a person. */
const MAX_WAIT_MS = 1_000;

export class DeadlineClock {
  readonly #context: Context;
  #cancel: () => void = () => undefined;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(context: Context) {
    this.#context = context;
  }

  start(): void {
    this.#arm(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#running;
  }

  #arm(ms: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#context.clock.after(ms, () => {
      this.#running = this.#tick();
    });
  }

  async #tick(): Promise<void> {
    const { clock, logger, store } = this.#context;
    let wait = MAX_WAIT_MS;
    try {
      await expireAsks(this.#context);
      const next = await nextDeadline(store.db);
      if (next) wait = Math.min(Math.max(Date.parse(next) - clock.now().getTime(), 5), MAX_WAIT_MS);
    } catch (error) {
      logger.error({ err: error }, 'deadlines could not be checked');
    }
    this.#arm(wait);
  }
}
