/**
 * Puts what was used into the store, in the order it came. Nothing waits for it but `settled`: an answer must not become
 * slower because it is counted. What is lost by a crash is what was told in its last moment.
 */
import { addUsage, type UsageRecord } from '../../store/usage.ts';
import type { Context } from '../context.ts';
import { localDay } from './local-day.ts';

export type Used = Omit<UsageRecord, 'day'>;

export class UsageRecorder {
  readonly #context: Pick<Context, 'store' | 'clock' | 'logger' | 'policy'>;
  #writing: Promise<void> = Promise.resolve();

  constructor(context: Pick<Context, 'store' | 'clock' | 'logger' | 'policy'>) {
    this.#context = context;
  }

  add(used: Used): void {
    const { store, clock, logger, policy } = this.#context;
    const day = localDay(clock.now(), policy.timeZone);
    this.#writing = this.#writing
      .then(() => addUsage(store.db, { ...used, day }))
      .catch((error: unknown) => logger.error({ err: error }, 'what a model was asked for could not be counted'));
  }

  /** Everything that was added so far is in the store. */
  settled(): Promise<void> {
    return this.#writing;
  }
}
