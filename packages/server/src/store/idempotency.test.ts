import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINES, type TestDatabase } from '../../../../test/world/databases.ts';
import type { Clock } from '../clock.ts';
import { Idempotency } from './idempotency.ts';

describe.each(ENGINES)('a command with a key on $name', (engine) => {
  let test: TestDatabase;
  let now = new Date('2026-01-31T12:00:00Z');
  const clock: Clock = { now: () => now, after: () => () => {} };
  const idempotency = new Idempotency(clock);
  beforeAll(async () => {
    test = await engine.open();
    await test.db.query('create table effects (key text not null)');
  });
  afterAll(() => test.close());

  /** A command whose effect is a row, and whose result says how often it ran. */
  function send(command: { key: string; fingerprint: string }, result?: unknown) {
    return test.db.transaction((tx) =>
      idempotency.once(tx, command, async () => {
        await tx.query('insert into effects values ($1)', [command.key]);
        return result;
      }),
    );
  }
  const effects = async (key: string) => (await test.db.query('select 1 from effects where key = $1', [key])).rowCount;

  it('has its effect once and gives the first result again', async () => {
    const command = { key: crypto.randomUUID(), fingerprint: 'f' };
    const result = { list: [1, 'two'], nothing: null };
    expect(await send(command, result)).toEqual({ result, replayed: false });
    expect(await send(command, { other: true })).toEqual({ result, replayed: true });
    expect(await effects(command.key)).toBe(1);
  });

  it.each([[[]], [[1, 2]], ['word'], [null], [undefined], [0], [false]])('keeps the result %j', async (result) => {
    const command = { key: crypto.randomUUID(), fingerprint: 'f' };
    expect((await send(command, result)).result).toEqual(result ?? null);
    expect((await send(command)).result).toEqual(result ?? null);
  });

  it('refuses the key for something else', async () => {
    const key = crypto.randomUUID();
    await send({ key, fingerprint: 'one' });
    await expect(send({ key, fingerprint: 'two' })).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
    expect(await effects(key)).toBe(1);
  });

  it('has one effect when sent many times at once', async () => {
    const command = { key: crypto.randomUUID(), fingerprint: 'f' };
    const results = await Promise.all(Array.from({ length: 8 }, (_, n) => send(command, n)));
    expect(await effects(command.key)).toBe(1);
    expect(results.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(results.map(({ result }) => result)).size).toBe(1);
  });

  it('is free again after a rollback', async () => {
    const command = { key: crypto.randomUUID(), fingerprint: 'f' };
    const failing = test.db.transaction((tx) =>
      idempotency.once(tx, command, async () => {
        throw new Error('no');
      }),
    );
    await expect(failing).rejects.toThrow('no');
    expect((await send(command)).replayed).toBe(false);
  });

  it('takes keys of 1 to 255 characters', async () => {
    await expect(send({ key: '', fingerprint: 'f' })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(send({ key: 'k'.repeat(256), fingerprint: 'f' })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect((await send({ key: '🔑'.repeat(127), fingerprint: 'f' })).replayed).toBe(false);
  });

  it('forgets keys older than asked for', async () => {
    const [old, young] = [crypto.randomUUID(), crypto.randomUUID()];
    now = new Date('2026-02-01T00:00:00Z');
    await send({ key: old, fingerprint: 'f' });
    now = new Date('2026-02-03T00:00:00Z');
    await send({ key: young, fingerprint: 'f' });
    await idempotency.deleteOlderThan(test.db, 24 * 3_600_000);
    expect((await send({ key: old, fingerprint: 'f' })).replayed).toBe(false);
    expect((await send({ key: young, fingerprint: 'f' })).replayed).toBe(true);
  });
});
