import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { createPostgresDatabase, ENGINES, silentLogger } from '../../../../test/world/databases.ts';
import { systemClock } from '../clock.ts';
import { openStore, type StoreOptions } from './open.ts';
import { ensureTemplate } from './pglite-template.ts';

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'claude-companion-store-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function options(more: Partial<StoreOptions> = {}): StoreOptions {
  return {
    dataDir: temporaryDirectory(),
    cacheDir: inject('pgliteCacheDir'),
    dataKey: Buffer.alloc(32),
    logger: silentLogger,
    clock: systemClock,
    ...more,
  };
}

describe.each(ENGINES)('the store on $name', ({ name }) => {
  async function place(): Promise<StoreOptions> {
    if (name === 'pglite') return options();
    const database = await createPostgresDatabase({ empty: true });
    onTestFinished(() => database.drop());
    return options({ databaseUrl: database.url });
  }

  it('opens an empty place, and finds everything again when it is opened the next time', async () => {
    const where = await place();
    const sessionId = crypto.randomUUID();
    const first = await openStore(where);
    expect(first).toMatchObject({ durable: true, db: { engine: name } });
    const events = await first.log.append([
      { sessionId, kind: 'turn.started', data: { promptId: 'p' }, at: '2026-01-31T12:00:00.000Z' },
    ]);
    await first.leases.acquire('worker', 'first', 3_600_000);
    await first.close();
    await first.close();
    const second = await openStore(where);
    expect(second.log.epoch).toBe(first.log.epoch);
    expect(await second.feed.readSession({ sessionId, after: 0, limit: 10 })).toEqual(events);
    // The embedded engine's only server is gone, so its lease is free; elsewhere another server may hold it.
    const taken = await second.leases.acquire('worker', 'second', 1);
    expect(taken?.token).toBe(name === 'pglite' ? 2 : undefined);
    await second.close();
  });

  it('ends its followers and writes what was queued when it is closed', async () => {
    const where = await place();
    const store = await openStore(where);
    const sessionId = crypto.randomUUID();
    const pages = store.feed.follow({ after: 0, signal: new AbortController().signal });
    const waiting = pages.next();
    await new Promise((resolve) => setImmediate(resolve));
    const append = store.log.append([
      { sessionId, kind: 'turn.started', data: { promptId: 'p' }, at: '2026-01-31T12:00:00.000Z' },
    ]);
    await store.close();
    await append;
    await waiting;
    expect((await pages.next()).done).toBe(true);
    const again = await openStore(where);
    expect(await again.feed.head()).toBe(1);
    await again.close();
  });
});

describe('the embedded store', () => {
  it('is refused to a second server on the same directory, and the first one is not disturbed', async () => {
    const where = options();
    const store = await openStore(where);
    onTestFinished(() => store.close());
    const second = openStore(where);
    await expect(second).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(second).rejects.toThrow(/Another server is using the data directory .*DATA_DIR/);
    expect(await store.feed.head()).toBe(0);
  });

  it('says in one line that the data directory cannot be written', async () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    const opening = openStore(options({ dataDir: join(file, 'data') }));
    await expect(opening).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(opening).rejects.toThrow(/^The data directory .*\(ENOTDIR\).*write permission.*DATA_DIR.*$/);
  });

  it('keeps the template with the data when the cache directory cannot be written', async () => {
    const directory = temporaryDirectory();
    const file = join(directory, 'file');
    writeFileSync(file, '');
    const dataDir = join(directory, 'data');
    // Made already, so that the test need not wait for another.
    const template = await ensureTemplate({ cacheDir: inject('pgliteCacheDir') });
    cpSync(template, join(dataDir, 'cache', basename(template)), { recursive: true });
    const store = await openStore(options({ dataDir, cacheDir: join(file, 'cache') }));
    await store.close();
    expect(readdirSync(dataDir).toSorted()).toEqual(['cache', 'pg']);
  });

  it('gives the directory free again when opening fails', async () => {
    const where = options();
    mkdirSync(join(where.dataDir, 'pg'));
    await expect(openStore(where)).rejects.toThrow(/holds no database/);
    rmSync(join(where.dataDir, 'pg'), { recursive: true });
    const store = await openStore(where);
    await store.close();
  });
});
