/** What may go wrong with one request that sends a text. `…_after`: the text was taken all the same. */
export type Fault =
  | 'none'
  | 'slow'
  | 'error_before'
  | 'error_after'
  | 'reset_before'
  | 'reset_after'
  | 'hang_after'
  | 'redirect'
  | 'garbage_after';

export const ACCEPTS: Readonly<Record<Fault, boolean>> = {
  none: true,
  slow: true,
  error_before: false,
  error_after: true,
  reset_before: false,
  reset_after: true,
  hang_after: true,
  redirect: false,
  garbage_after: true,
};

/** Chooses the fault of the next request. */
export type FaultPlan = () => Fault;

export const noFaults: FaultPlan = () => 'none';

/** The given faults, one a request, and none after them. */
export function scriptedFaults(...faults: readonly Fault[]): FaultPlan {
  const left = [...faults];
  return () => left.shift() ?? 'none';
}

/** Each fault with its share of the requests, drawn with `random` (0 ≤ x < 1). */
export function randomFaults(shares: Partial<Record<Fault, number>>, random: () => number): FaultPlan {
  return () => {
    let left = random();
    for (const [fault, share] of Object.entries(shares) as [Fault, number][]) {
      left -= share;
      if (left < 0) return fault;
    }
    return 'none';
  };
}

/** How the callbacks about one text arrive. */
export interface CallbackChaos {
  /** Copies of each callback; drawn anew for each. Default always 1. */
  copies: () => number;
  /** Puts the callbacks of one text into any order. Default as they are. */
  order: <T>(callbacks: readonly T[]) => T[];
  /** Sends them before the request that sent the text is answered. Default false. */
  beforeResponse: boolean;
}

export const calmCallbacks: CallbackChaos = {
  copies: () => 1,
  order: (callbacks) => [...callbacks],
  beforeResponse: false,
};

/** One to `maxCopies` copies in any order, before the answer where the draw says so. */
export function wildCallbacks(random: () => number, maxCopies = 5): CallbackChaos {
  return {
    copies: () => 1 + Math.floor(random() * maxCopies),
    order: (callbacks) => shuffled(callbacks, random),
    get beforeResponse() {
      return random() < 0.5;
    },
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const keyed = items.map((item) => ({ item, key: random() }));
  return keyed.sort((one, other) => one.key - other.key).map(({ item }) => item);
}

/** Numbers from 0 to 1 that depend on the seed only (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
