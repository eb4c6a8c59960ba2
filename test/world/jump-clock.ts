/** The system's time, with jumps forward that a test makes: what was due in between is called at once. */
import { type Clock, systemClock } from '../../packages/server/src/clock.ts';

export interface JumpClock extends Clock {
  jump(ms: number): void;
}

interface Timer {
  due: number;
  fire(): void;
}

export function jumpClock(): JumpClock {
  let ahead = 0;
  const timers = new Set<Timer>();
  const now = (): number => Date.now() + ahead;
  return {
    now: () => new Date(now()),
    after(ms, callback) {
      const fire = (): void => {
        cancel();
        callback();
      };
      const cancelReal = systemClock.after(ms, fire);
      const timer = { due: now() + ms, fire };
      const cancel = (): void => {
        timers.delete(timer);
        cancelReal();
      };
      timers.add(timer);
      return cancel;
    },
    jump(ms) {
      ahead += ms;
      const due = [...timers].filter((timer) => timer.due <= now()).sort((a, b) => a.due - b.due);
      for (const timer of due) if (timers.has(timer)) timer.fire();
    },
  };
}
