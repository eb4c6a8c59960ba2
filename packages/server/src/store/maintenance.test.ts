import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINES, silentLogger, type TestDatabase } from '../../../../test/world/databases.ts';
import type { Clock } from '../clock.ts';
import { Maintenance } from './maintenance.ts';

const HOUR = 3_600_000;

/** A clock that stands still until the test moves it. */
function handClock(): Clock & { advance(ms: number): void } {
  let time = Date.parse('2026-01-31T12:00:00Z');
  const timers = new Set<{ at: number; callback: () => void }>();
  return {
    now: () => new Date(time),
    after(ms, callback) {
      const timer = { at: time + ms, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      time += ms;
      for (const timer of timers) {
        if (timer.at > time) continue;
        timers.delete(timer);
        timer.callback();
      }
    },
  };
}

describe.each(ENGINES)('the upkeep on $name', (engine) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await engine.open({ empty: true });
    await test.db.query('create table counters (id int primary key, n int not null) with (autovacuum_enabled = off)');
    await test.db.query('insert into counters select id, 0 from generate_series(1, 500) id');
  });
  afterAll(() => test.close());

  it('vacuums when it is time and something was written, and makes checkpoints as the log grows', async () => {
    const clock = handClock();
    const upkeep = new Maintenance(test.db, {
      clock,
      logger: silentLogger,
      vacuumMs: HOUR,
      checkpointBytes: 1_000_000,
    });
    expect(await upkeep.run()).toEqual({ vacuumed: false, checkpointed: false });
    await test.db.query('update counters set n = n + 1');
    expect(await upkeep.run()).toEqual({ vacuumed: false, checkpointed: false });
    for (let round = 0; round < 30; round++) await test.db.query('update counters set n = n + 1');
    expect(await upkeep.run()).toEqual({ vacuumed: false, checkpointed: true });
    await test.db.query('update counters set n = n + 1');
    clock.advance(HOUR);
    expect(await upkeep.run()).toEqual({ vacuumed: true, checkpointed: true });
  });

  it('keeps a table that is updated all the time small', async () => {
    const clock = handClock();
    const upkeep = new Maintenance(test.db, { clock, logger: silentLogger, vacuumMs: HOUR });
    const size = async () =>
      (await test.db.query<{ bytes: number }>(`select pg_relation_size('counters') as bytes`)).rows[0]?.bytes ?? 0;
    const churn = async () => {
      for (let round = 0; round < 20; round++) {
        await test.db.query('update counters set n = n + 1');
        clock.advance(HOUR);
        await upkeep.run();
      }
    };
    await upkeep.run();
    await churn();
    const settled = await size();
    await churn();
    expect(await size()).toBeLessThanOrEqual(settled);
  });

  it('looks again and again until it is closed', async () => {
    const clock = handClock();
    const upkeep = new Maintenance(test.db, { clock, logger: silentLogger, intervalMs: 1_000, vacuumMs: 1_000 });
    const vacuums = async () =>
      (
        await test.db.query<{ n: number }>(
          `select coalesce(max(pg_stat_get_vacuum_count('counters'::regclass)), 0)::bigint as n`,
        )
      ).rows[0]?.n ?? 0;
    const before = await vacuums();
    upkeep.start();
    while ((await vacuums()) < before + 2) {
      await test.db.query('update counters set n = n + 1 where id = 1');
      clock.advance(1_000);
    }
    await upkeep.close();
    const after = await vacuums();
    await test.db.query('update counters set n = n + 1 where id = 1');
    clock.advance(HOUR);
    expect(await vacuums()).toBe(after);
  });
});
