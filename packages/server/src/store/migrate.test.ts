import { describe, expect, it, onTestFinished } from 'vitest';
import { ENGINES } from '../../../../test/world/databases.ts';
import { type Migration, migrate, readMigrations } from './migrate.ts';

function migration(version: number, sql: string, checksum = `sum of ${version}`): Migration {
  return { version, name: `000${version}_test.sql`, sql, checksum };
}

const FIRST = migration(1, 'create table one (id int); insert into one values (1);');
const SECOND = migration(2, 'create table two (id int);');

describe('the migrations of this program', () => {
  it('are numbered from 1 without gaps and each has its checksum', async () => {
    const migrations = await readMigrations();
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
    expect(new Set(migrations.map(({ checksum }) => checksum)).size).toBe(migrations.length);
  });
});

describe.each(ENGINES)('migrating on $name', (engine) => {
  async function openEmpty() {
    const { db, close } = await engine.open({ empty: true });
    onTestFinished(close);
    return db;
  }

  it('applies what is missing, in order, once', async () => {
    const db = await openEmpty();
    expect(await migrate(db, [FIRST])).toEqual([FIRST.name]);
    expect(await migrate(db, [FIRST, SECOND])).toEqual([SECOND.name]);
    expect(await migrate(db, [FIRST, SECOND])).toEqual([]);
    expect((await db.query('select id from one')).rows).toEqual([{ id: 1 }]);
  });

  it('leaves nothing of a migration that fails, and can be tried again', async () => {
    const db = await openEmpty();
    const broken = migration(2, 'create table two (id int); select nonsense;');
    await expect(migrate(db, [FIRST, broken])).rejects.toMatchObject({ code: '42703' });
    expect(await migrate(db, [FIRST, SECOND])).toEqual([SECOND.name]);
  });

  it('is done once when several start at the same time', async () => {
    const db = await openEmpty();
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(db, [FIRST, SECOND])));
    expect(applied.flat().toSorted()).toEqual([FIRST.name, SECOND.name]);
  });

  it('refuses a database that is newer than the program', async () => {
    const db = await openEmpty();
    await migrate(db, [FIRST, SECOND]);
    const older = migrate(db, [FIRST]);
    await expect(older).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(older).rejects.toThrow(/newer than this program.*0002_test\.sql.*Start the version/);
  });

  it('refuses a file that was changed after it was applied', async () => {
    const db = await openEmpty();
    await migrate(db, [FIRST]);
    const changed = migrate(db, [{ ...FIRST, checksum: 'another' }, SECOND]);
    await expect(changed).rejects.toThrow(/0001_test\.sql was changed.*new migration/);
    await expect(db.query('select 1 from two')).rejects.toMatchObject({ code: '42P01' });
  });

  it('gives each database an epoch of its own', async () => {
    const [one, two] = [await openEmpty(), await openEmpty()];
    const migrations = await readMigrations();
    await migrate(one, migrations);
    await migrate(two, migrations);
    const epoch = async (db: typeof one) =>
      (await db.query<{ value: string }>(`select value from meta where key = 'epoch'`)).rows[0]?.value;
    expect(await epoch(one)).toMatch(/^[0-9a-f-]{36}$/);
    expect(await epoch(one)).not.toBe(await epoch(two));
  });
});
