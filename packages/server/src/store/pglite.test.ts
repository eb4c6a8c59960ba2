/** What the embedded engine promises beyond the seam: durability, and an honest end when it dies. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { silentLogger } from '../../../../test/world/databases.ts';
import { openPglite } from './pglite.ts';
import { ensureDatabaseDirectory, ensureTemplate } from './pglite-template.ts';

const cacheDir = inject('pgliteCacheDir');

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'claude-companion-pglite-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function openFresh(logger = silentLogger) {
  const directory = await ensureDatabaseDirectory(temporaryDirectory(), { cacheDir });
  const db = await openPglite({ directory, logger });
  onTestFinished(() => db.close());
  return { db, directory };
}

describe('the embedded engine', () => {
  it('forces commits to disk, and says nothing then', async () => {
    const warnings: string[] = [];
    const { db } = await openFresh({ ...silentLogger, warn: (_fields, message) => warnings.push(message) });
    expect(db.durable).toBe(true);
    expect(warnings).toEqual([]);
  });

  it('keeps what was committed when it is opened again', async () => {
    const { db, directory } = await openFresh();
    await db.query('create table things (id int)');
    await db.query('insert into things values (1)');
    await db.close();
    const again = await openPglite({ directory, logger: silentLogger });
    expect((await again.query('select id from things')).rows).toEqual([{ id: 1 }]);
    await again.close();
  });

  it('fails every statement with STORE_UNAVAILABLE after it died, under way or later', async () => {
    const errors: string[] = [];
    const { db } = await openFresh({ ...silentLogger, error: (_fields, message) => errors.push(message) });
    await db.query('set exit_on_error = on');
    const results = await Promise.allSettled([
      db.query('select 1 / 0'),
      db.query('select 1'),
      db.transaction((tx) => tx.query('select 1')),
    ]);
    const gone = { code: 'STORE_UNAVAILABLE', message: expect.stringContaining('Start the server again') };
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: gone });
    await expect(db.query('select 1')).rejects.toMatchObject(gone);
    await expect(db.listen('news', () => {})).rejects.toMatchObject(gone);
    expect(errors).toEqual([expect.stringContaining('stopped')]);
    await db.close();
  });

  it('stops rather than acknowledge a commit that the disk refused', async () => {
    const directory = temporaryDirectory();
    cpSync(await ensureTemplate({ cacheDir }), directory, { recursive: true });
    const program = `
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const sync = fs.fdatasyncSync;
      let broken = false;
      fs.fdatasyncSync = (fd) => { if (broken) throw new Error('EIO'); return sync(fd); };
      syncBuiltinESMExports();
      const { openEngine } = await import(${JSON.stringify(fileURLToPath(new URL('./pglite-engine.ts', import.meta.url)))});
      const engine = await openEngine(${JSON.stringify(directory)}, (reason) => { console.log(reason); process.exit(7); });
      await engine.pglite.query('create table things (id int)');
      broken = true;
      await engine.pglite.query('insert into things values (1)');
      console.log('acknowledged');`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    expect(child).toMatchObject({ status: 7, stdout: expect.stringMatching(/^the disk refused to sync.*EIO/) });
  });

  it('says what is wrong when the directory holds no readable database', async () => {
    const directory = temporaryDirectory();
    cpSync(await ensureTemplate({ cacheDir }), directory, { recursive: true });
    rmSync(join(directory, 'global'), { recursive: true });
    await expect(openPglite({ directory, logger: silentLogger })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});

describe('a new data directory', () => {
  it('ignores and sweeps away what a killed start left half-made', async () => {
    const dataDir = temporaryDirectory();
    const partial = join(dataDir, 'pg.partial-4194305-left');
    mkdirSync(partial);
    writeFileSync(join(partial, 'PG_VERSION'), '18\n');
    await ensureDatabaseDirectory(dataDir, { cacheDir });
    expect(readdirSync(dataDir)).toEqual(['pg']);
  });

  it('leaves a half-made template alone while its maker lives, and removes it afterwards', async () => {
    const cache = temporaryDirectory();
    const [dead, alive] = ['pglite-0.0.0.partial-4194305-x', `pglite-0.0.0.partial-${process.pid}-x`];
    for (const name of [dead, alive]) mkdirSync(join(cache, name));
    await ensureTemplate({ cacheDir: cache });
    expect(existsSync(join(cache, dead))).toBe(false);
    expect(existsSync(join(cache, alive))).toBe(true);
  });

  it('is not made over something else', async () => {
    const dataDir = temporaryDirectory();
    mkdirSync(join(dataDir, 'pg'));
    writeFileSync(join(dataDir, 'pg', 'holiday.jpg'), '');
    const made = ensureDatabaseDirectory(dataDir, { cacheDir });
    await expect(made).rejects.toThrow(/holds no database.*Move it away/);
    await expect(made).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});
