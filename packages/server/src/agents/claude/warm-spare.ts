/**
 * Keeps one started process that belongs to no session yet. Taking it saves the start of the program, about half a second;
 * while it waits it holds about 240 MB.
 *
 * A spare is fixed at its start: environment, tools, system prompt. It can be told directory, model and permission mode.
 */
import { type ClaimOptions, prewarm, type Query, type SpareProcess } from '@anthropic-ai/claude-agent-sdk';
import type { Clock } from '../../clock.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Launch } from './launch.ts';
import type { PromptQueue } from './prompt-queue.ts';

export interface Spare {
  launch: Launch;
  process: SpareProcess;
  /** The id under which its transcript will be written. */
  ownId: string;
}

export interface WarmSpareParts {
  launch(): Promise<Launch>;
  newId(): string;
  clock: Clock;
  logger: Logger;
}

/** The next spare waits until the session that took the last one has had the processor for its first answer. */
const REPLACE_AFTER_MS = 2000;
/** A spare that could not be started, or died, is not tried again at once: the reason is probably still there. */
const RETRY_AFTER_MS = 60_000;

export class WarmSpare {
  readonly #parts: WarmSpareParts;
  #wanted = false;
  #waiting: Promise<Spare | null> | null = null;
  #cancelTimer: () => void = () => undefined;

  constructor(parts: WarmSpareParts) {
    this.#parts = parts;
  }

  /** Keeps a spare from now on. */
  keep(): void {
    this.#wanted = true;
    this.#waiting ??= this.#prepare();
  }

  /** The spare, also one that is nearly ready; null when there is none. It is the taker's. */
  async take(): Promise<Spare | null> {
    const waiting = this.#waiting;
    if (!waiting) return null;
    this.#waiting = null;
    this.#again(REPLACE_AFTER_MS);
    return waiting;
  }

  async close(): Promise<void> {
    this.#wanted = false;
    this.#cancelTimer();
    const spare = await this.#waiting;
    this.#waiting = null;
    if (spare) await discardSpare(spare);
  }

  #again(ms: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#parts.clock.after(ms, () => {
      if (this.#wanted) this.keep();
    });
  }

  #prepare(): Promise<Spare | null> {
    const ready = this.#start();
    void ready.then(async (spare) => {
      await spare?.process.exited;
      // Taken, or replaced: then its end is somebody else's matter.
      if (this.#waiting !== ready) return;
      this.#waiting = null;
      this.#again(RETRY_AFTER_MS);
    });
    return ready;
  }

  async #start(): Promise<Spare | null> {
    const { logger, newId } = this.#parts;
    let launch: Launch | null = null;
    try {
      launch = await this.#parts.launch();
      const ownId = newId();
      const process = await prewarm({ options: { ...launch.options, sessionId: ownId } });
      return { launch, process, ownId };
    } catch (error) {
      launch?.kill();
      logger.warn({ err: error }, 'no spare agent process could be prepared; sessions start without one');
      return null;
    }
  }
}

/** Makes the spare the session's process. Null when it refuses: nothing was said to it, and it goes away. */
export async function claimSpare(
  spare: Spare,
  queue: PromptQueue,
  options: ClaimOptions,
): Promise<{ query: Query } | { refused: unknown }> {
  try {
    const query = spare.process.claim({ prompt: queue, options });
    await spare.process.claimed;
    return { query };
  } catch (refused) {
    await discardSpare(spare);
    return { refused };
  }
}

export async function discardSpare(spare: Spare): Promise<void> {
  spare.process.close();
  await spare.launch.exited;
}
