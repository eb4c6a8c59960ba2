/** Waiting for what happens some time. Knows nothing of the test runner: programs that measure wait in the same way. */

interface Wait {
  /** Made where the wait began. */
  began: Error;
  seen: unknown;
  over: boolean;
}

const waits = new Set<Wait>();

/** Waits until `look` finds something. The runner's time limit is the only deadline; see `endWaits`. */
export async function eventually<T>(look: () => Promise<T | undefined | null | false>): Promise<T> {
  const wait: Wait = { began: new Error('Still waited for'), seen: undefined, over: false };
  waits.add(wait);
  try {
    while (!wait.over) {
      const found = await look();
      if (found) return found;
      wait.seen = found;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw wait.began;
  } finally {
    waits.delete(wait);
  }
}

/**
 * Ends every wait: nothing of a test that ran out of time goes on looking while later ones run. Returns an error for each, which
 * says where it began and what was seen last.
 */
export function endWaits(): Error[] {
  return [...waits].map((wait) => {
    wait.over = true;
    wait.began.message += `; seen last: ${String(wait.seen)}`;
    return wait.began;
  });
}
