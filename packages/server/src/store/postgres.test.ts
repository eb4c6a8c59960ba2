/** What a PostgreSQL server promises beyond the seam: clear refusals, and getting over a lost connection. */
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { createPostgresDatabase, silentLogger } from '../../../../test/world/databases.ts';
import { openPostgres } from './postgres.ts';
import { describeAddress, sessionUrl } from './postgres-address.ts';

const PASSWORD = 'hunter2secret';

async function refusal(databaseUrl: string): Promise<Error & { code?: string }> {
  try {
    const db = await openPostgres({ databaseUrl, logger: silentLogger, connectTimeoutMs: 2_000 });
    await db.close();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it was not refused');
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

describe('a DATABASE_URL that does not work', () => {
  it.each([
    ['no address at all', `not a url ${PASSWORD}`],
    ['another kind of database', `mysql://me:${PASSWORD}@localhost/db`],
    ['a port out of range', `postgresql://me:${PASSWORD}@localhost:99999/db`],
  ])('is refused: %s', async (_case, databaseUrl) => {
    const error = await refusal(databaseUrl);
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('postgresql://') });
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(PASSWORD);
  });

  it('names the server and what to check, never the password, when nobody answers', async () => {
    const error = await refusal(`postgresql://me:${PASSWORD}@127.0.0.1:${await closedPort()}/db`);
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(error.message).toMatch(/127\.0\.0\.1:\d+\/db as me.*ECONNREFUSED.*DATABASE_URL/);
    expect(error.message).not.toContain('\n');
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(PASSWORD);
  });

  it('gives up on a server that accepts and says nothing', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const address = silent.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const opening = openPostgres({
      databaseUrl: `postgresql://me@127.0.0.1:${port}/db`,
      logger: silentLogger,
      connectTimeoutMs: 100,
    });
    await expect(opening).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});

describe('the address', () => {
  it('is described without the password', () => {
    expect(describeAddress(new URL('postgresql://me:x@host.example/db?sslmode=require'))).toBe(
      'host.example:5432/db as me',
    );
  });

  it('of a pooled Neon host becomes the direct one for LISTEN; others stay', () => {
    const pooled = new URL('postgresql://u:p@ep-cool-sun-123456-pooler.eu-central-1.aws.neon.tech/db?sslmode=require');
    expect(sessionUrl(pooled).host).toBe('ep-cool-sun-123456.eu-central-1.aws.neon.tech');
    expect(sessionUrl(new URL('postgresql://u:p@my-pooler.example.com/db')).host).toBe('my-pooler.example.com');
  });
});

describe.skipIf(!inject('postgres'))('a PostgreSQL server', () => {
  async function open(options: { statementTimeoutMs?: number } = {}) {
    const database = await createPostgresDatabase({ empty: true });
    const db = await openPostgres({ databaseUrl: database.url, logger: silentLogger, listenRetryMs: 20, ...options });
    onTestFinished(async () => {
      await db.close();
      await database.drop();
    });
    return db;
  }
  const killOthers = `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`;

  it('is refused when the database does not exist', async () => {
    const url = new URL(inject('postgres')?.url ?? '');
    url.pathname = '/no_such_database';
    expect(await refusal(url.href)).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/no_such_database.*DATABASE_URL/),
    });
  });

  it('may drop idle connections: the next statement gets another', async () => {
    const db = await open();
    await Promise.all([db.query('select pg_sleep(0.01)'), db.query('select pg_sleep(0.01)')]);
    await db.query(killOthers);
    for (let n = 0; n < 5; n++) expect((await db.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('that drops a connection in a transaction makes that one fail, as unavailable, and no other', async () => {
    const db = await open();
    await db.query('create table things (id int)');
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const losing = db.transaction(async (tx) => {
      await tx.query('insert into things values (1)');
      begun.resolve();
      await goOn.promise;
      await tx.query('insert into things values (2)');
    });
    await begun.promise;
    await db.query(killOthers);
    goOn.resolve();
    await expect(losing).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect((await db.query('select * from things')).rowCount).toBe(0);
  });

  it('that takes no connections for now is unavailable, not a wrong statement, and is used again afterwards', async () => {
    const db = await open();
    const { rows } = await db.query<{ name: string }>('select current_database() as name');
    const admin = new pg.Client({ connectionString: inject('postgres')?.url });
    await admin.connect();
    onTestFinished(() => admin.end());
    const name = pg.escapeIdentifier(rows[0]?.name ?? '');
    await admin.query(`alter database ${name} with allow_connections false`);
    await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [rows[0]?.name]);
    await expect(db.query('select 1')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(db.query('select 1')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await admin.query(`alter database ${name} with allow_connections true`);
    expect((await db.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await expect(db.query('select nothing')).rejects.toMatchObject({ code: '42703' });
  });

  it('is listened to again after that connection was lost, and the listener is told it may have missed something', async () => {
    const db = await open();
    const heard: string[] = [];
    await db.listen('news', (payload) => heard.push(payload));
    await db.query(killOthers);
    while (!heard.includes('')) await sleep(5);
    await db.query('select pg_notify($1, $2)', ['news', 'after']);
    while (!heard.includes('after')) await sleep(5);
    expect(heard).toEqual(['', 'after']);
  });

  it('is not waited for without end: a statement that takes too long fails and frees its connection', async () => {
    const db = await open({ statementTimeoutMs: 200 });
    await expect(db.query('select pg_sleep(3600)')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(db.transaction((tx) => tx.query('select pg_sleep(3600)'))).rejects.toThrow();
    expect((await db.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('may be migrated by a newer server while prepared statements are in use', async () => {
    const db = await open();
    await db.query('create table things (id int)');
    await db.query('insert into things values ($1) returning *', [1]);
    await db.query('alter table things add column word text');
    // The connection that had prepared it refuses once and is replaced.
    const results = await Promise.allSettled(
      [1, 2].map((id) => db.query('insert into things values ($1) returning *', [id])),
    );
    expect(results.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect((await db.query('insert into things values ($1) returning *', [3])).rows).toEqual([{ id: 3, word: null }]);
  });
});
