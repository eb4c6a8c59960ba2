import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINES, type TestDatabase } from '../../../../test/world/databases.ts';
import { type Lease, Leases } from './leases.ts';

const LONG = 3_600_000;

describe.each(ENGINES)('a lease on $name', (engine) => {
  let test: TestDatabase;
  let leases: Leases;
  beforeAll(async () => {
    test = await engine.open();
    leases = new Leases(test.db);
  });
  afterAll(() => test.close());

  async function acquired(name: string, holder: string, ttlMs = LONG): Promise<Lease> {
    const lease = await leases.acquire(name, holder, ttlMs);
    if (!lease) throw new Error(`${holder} did not get ${name}`);
    return lease;
  }

  it('goes to one holder, who may renew it', async () => {
    const name = crypto.randomUUID();
    const lease = await acquired(name, 'a');
    expect(lease).toEqual({ name, holder: 'a', token: 1 });
    expect(await leases.acquire(name, 'b', LONG)).toBeUndefined();
    expect(await leases.renew(lease, LONG)).toBe(true);
  });

  it('is taken over after it expired, with a larger token, and then lost to the first', async () => {
    const name = crypto.randomUUID();
    const first = await acquired(name, 'a', 0);
    const second = await acquired(name, 'b');
    expect(second.token).toBeGreaterThan(first.token);
    expect(await leases.renew(first, LONG)).toBe(false);
    await leases.release(first);
    expect(await leases.renew(second, LONG)).toBe(true);
  });

  it('can still be renewed when it expired and nobody took it', async () => {
    const lease = await acquired(crypto.randomUUID(), 'a', 0);
    expect(await leases.renew(lease, LONG)).toBe(true);
    expect(await leases.acquire(lease.name, 'b', LONG)).toBeUndefined();
  });

  it('gives a holder who comes again a new token, which ends the old one', async () => {
    const name = crypto.randomUUID();
    const first = await acquired(name, 'a');
    const second = await acquired(name, 'a');
    expect(second.token).toBe(first.token + 1);
    expect(await leases.renew(first, LONG)).toBe(false);
  });

  it('is free after its release, and its tokens go on', async () => {
    const name = crypto.randomUUID();
    const first = await acquired(name, 'a');
    await leases.release(first);
    expect(await leases.renew(first, LONG)).toBe(false);
    expect((await acquired(name, 'b')).token).toBe(first.token + 1);
  });

  it('goes to exactly one of many who ask at once', async () => {
    const name = crypto.randomUUID();
    const asked = await Promise.all(Array.from({ length: 8 }, (_, n) => leases.acquire(name, `holder ${n}`, LONG)));
    expect(asked.filter((lease) => lease !== undefined)).toHaveLength(1);
  });

  it('is free after all were cleared', async () => {
    const lease = await acquired(crypto.randomUUID(), 'a');
    await leases.clearAll();
    expect((await acquired(lease.name, 'b')).token).toBe(lease.token + 1);
  });
});
