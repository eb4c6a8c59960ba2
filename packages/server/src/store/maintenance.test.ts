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

const EMBEDDED = ENGINES.filter(({ name }) => name === 'pglite');

describe.each(EMBEDDED)('the upkeep on $name', (engine) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await engine.open({ empty: true });
    await test.db.query('create table counters (id int primary key, n int not null)');
    await test.db.query('insert into counters select id, 0 from generate_series(1, 500) id');
  });
  afterAll(() => test.close());

  it('vacuums the tables that changed much, and makes a checkpoint when the log has grown', async () => {
    const upkeep = new Maintenance(test.db, { clock: handClock(), logger: silentLogger, checkpointBytes: 500_000 });
    while ((await upkeep.run()).vacuumed.length > 0);
    await test.db.query('update counters set n = n + 1 where id = 1');
    expect(await upkeep.run()).toEqual({ vacuumed: [], checkpointed: false });
    for (let round = 0; round < 20; round++) await test.db.query('update counters set n = n + 1');
    expect(await upkeep.run()).toEqual({ vacuumed: ['public.counters'], checkpointed: true });
    expect(await upkeep.run()).toEqual({ vacuumed: [], checkpointed: false });
  });

  it('keeps a table that is updated all the time small', async () => {
    const upkeep = new Maintenance(test.db, { clock: handClock(), logger: silentLogger });
    const size = async () =>
      (await test.db.query<{ bytes: number }>(`select pg_relation_size('counters') as bytes`)).rows[0]?.bytes ?? 0;
    const churn = async () => {
      for (let round = 0; round < 20; round++) {
        await test.db.query('update counters set n = n + 1');
        await upkeep.run();
      }
    };
    await churn();
    const settled = await size();
    await churn();
    expect(await size()).toBeLessThanOrEqual(settled);
  });

  it('looks again and again until it is closed', async () => {
    const clock = handClock();
    const upkeep = new Maintenance(test.db, { clock, logger: silentLogger, intervalMs: 1_000 });
    const vacuums = async () =>
      (await test.db.query<{ n: number }>(`select pg_stat_get_vacuum_count('counters'::regclass) as n`)).rows[0]?.n ??
      0;
    const before = await vacuums();
    upkeep.start();
    while ((await vacuums()) < before + 2) {
      await test.db.query('update counters set n = n + 1');
      clock.advance(1_000);
    }
    await upkeep.close();
    const after = await vacuums();
    await test.db.query('update counters set n = n + 1');
    clock.advance(HOUR);
    expect(await vacuums()).toBe(after);
  });
});
