/**
 * How many sessions may have a live process at once. A process is a cache: when somebody waits for a place, the process that
 * has been idle longest is closed, then one that has long waited for a person. A turn in progress is never touched. Who gets no
 * place stands in line, first come, first served.
 */
import type { Clock } from '../clock.ts';

/** A session as this module sees it. */
export interface Resident {
  readonly sessionId: string;
  /** Whether its process may be closed to make room, and since when it could have been (milliseconds); null: not now. */
  spare(): { tier: 'idle' | 'asking'; since: number } | null;
  /** Closes its process if it still may be. */
  vacate(): Promise<boolean>;
}

export interface LivePlacesOptions {
  max: number;
  clock: Clock;
  residents(): Iterable<Resident>;
}

interface Waiter {
  sessionId: string;
  /** Called once it has a place. */
  onPlace(): void;
}

/** Somebody may become idle at any moment; nobody tells. */
const LOOK_AGAIN_MS = 100;

export class LivePlaces {
  readonly #options: LivePlacesOptions;
  readonly #held = new Set<string>();
  readonly #vacating = new Set<string>();
  #line: Waiter[] = [];
  #cancelLook: (() => void) | null = null;
  #closed = false;

  constructor(options: LivePlacesOptions) {
    this.#options = options;
  }

  /** 0 when the session has a place now; else its number in the line, from 1, and `onPlace` follows. */
  take(waiter: Waiter): number {
    const { sessionId } = waiter;
    if (this.#held.has(sessionId)) return 0;
    if (this.#line.length === 0 && this.#held.size < this.#options.max) {
      this.#held.add(sessionId);
      return 0;
    }
    if (!this.#line.some((each) => each.sessionId === sessionId)) this.#line.push(waiter);
    this.#serve();
    return this.#held.has(sessionId) ? 0 : this.#line.findIndex((each) => each.sessionId === sessionId) + 1;
  }

  waits(sessionId: string): boolean {
    return this.#line.some((each) => each.sessionId === sessionId);
  }

  /** The session has no process and wants none. */
  leave(sessionId: string): void {
    this.#line = this.#line.filter((each) => each.sessionId !== sessionId);
    if (this.#held.delete(sessionId)) this.#serve();
  }

  /** Nobody gets a place any more. */
  close(): void {
    this.#closed = true;
    this.#cancelLook?.();
  }

  #serve(): void {
    while (!this.#closed && this.#held.size < this.#options.max) {
      const next = this.#line.shift();
      if (!next) return;
      this.#held.add(next.sessionId);
      next.onPlace();
    }
    this.#makeRoom();
  }

  #makeRoom(): void {
    if (this.#closed) return;
    for (const resident of this.#candidates()) {
      if (this.#vacating.size >= this.#line.length) return;
      this.#vacating.add(resident.sessionId);
      resident
        .vacate()
        .catch(() => false)
        .finally(() => this.#vacating.delete(resident.sessionId));
    }
    if (this.#line.length === 0 || this.#cancelLook) return;
    this.#cancelLook = this.#options.clock.after(LOOK_AGAIN_MS, () => {
      this.#cancelLook = null;
      this.#serve();
    });
  }

  /** Idle ones first, the longest idle at the front. */
  #candidates(): Resident[] {
    if (this.#line.length === 0) return [];
    const spare = [...this.#options.residents()].flatMap((resident) => {
      const found = this.#vacating.has(resident.sessionId) ? null : resident.spare();
      return found ? [{ resident, rank: found.tier === 'idle' ? 0 : 1, since: found.since }] : [];
    });
    return spare.sort((a, b) => a.rank - b.rank || a.since - b.since).map(({ resident }) => resident);
  }
}
