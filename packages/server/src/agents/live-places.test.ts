import { describe, expect, it } from 'vitest';
import type { Clock } from '../clock.ts';
import { LivePlaces, type Resident } from './live-places.ts';

/** A clock whose timers the test fires. */
function handClock(): Clock & { tick(): void } {
  let waiting: (() => void)[] = [];
  return {
    now: () => new Date(0),
    after(_ms, callback) {
      waiting.push(callback);
      return () => {
        waiting = waiting.filter((each) => each !== callback);
      };
    },
    tick() {
      for (const callback of waiting.splice(0)) callback();
    },
  };
}

interface Session extends Resident {
  state: ReturnType<Resident['spare']>;
}

function house(max: number) {
  const clock = handClock();
  const sessions = new Map<string, Session>();
  const log: string[] = [];
  const places = new LivePlaces({ max, clock, residents: () => sessions.values() });
  const enter = (sessionId: string): number => {
    const state = null as Session['state'];
    sessions.set(sessionId, {
      sessionId,
      state,
      spare() {
        return this.state;
      },
      async vacate() {
        log.push(`vacate ${sessionId}`);
        sessions.delete(sessionId);
        places.leave(sessionId);
        return true;
      },
    });
    return places.take({ sessionId, onPlace: () => log.push(`place ${sessionId}`) });
  };
  const be = (sessionId: string, state: Session['state']): void => {
    const session = sessions.get(sessionId);
    if (session) session.state = state;
  };
  return { clock, log, places, enter, be };
}

describe('places for live processes', () => {
  it('are given until there are none, and then in the order of asking', async () => {
    const { enter, log, places } = house(2);
    expect([enter('a'), enter('b'), enter('c'), enter('d')]).toEqual([0, 0, 1, 2]);
    expect(enter('a')).toBe(0);
    places.leave('a');
    places.leave('b');
    expect(log).toEqual(['place c', 'place d']);
  });

  it('are made by closing the longest idle one, then one that has long waited for a person, never a working one', async () => {
    const { enter, be, log, clock } = house(4);
    for (const name of ['working', 'asking', 'idle-new', 'idle-old']) enter(name);
    be('asking', { tier: 'asking', since: 1 });
    be('idle-new', { tier: 'idle', since: 9 });
    be('idle-old', { tier: 'idle', since: 5 });
    for (const name of ['w', 'x', 'y', 'z']) {
      enter(name);
      await Promise.resolve();
    }
    clock.tick();
    expect(log.filter((line) => line.startsWith('vacate'))).toEqual([
      'vacate idle-old',
      'vacate idle-new',
      'vacate asking',
    ]);
    expect(log.filter((line) => line.startsWith('place'))).toEqual(['place w', 'place x', 'place y']);
  });

  it('are looked for again until somebody becomes idle', async () => {
    const { enter, be, log, clock } = house(1);
    enter('a');
    expect(enter('b')).toBe(1);
    clock.tick();
    expect(log).toEqual([]);
    be('a', { tier: 'idle', since: 1 });
    clock.tick();
    expect(log).toEqual(['vacate a', 'place b']);
  });

  it('are not given to who left the line', () => {
    const { enter, log, places } = house(1);
    enter('a');
    enter('b');
    enter('c');
    places.leave('b');
    expect(places.waits('b')).toBe(false);
    places.leave('a');
    expect(log).toEqual(['place c']);
  });
});
