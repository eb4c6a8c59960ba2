/** A PostgreSQL that is up and takes no connections: asked again in a second, and nobody outside learns where it is. */
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { createPostgresDatabase } from '../world/databases.ts';
import { eventually, openWorld } from '../world/server.ts';

if (!inject('postgres')) console.log('skipped: no PostgreSQL is installed that could go away');

test.skipIf(!inject('postgres'))(
  'while the database is away every door says so, and works again when it is back',
  async () => {
    const { url, drop } = await createPostgresDatabase({ empty: false });
    const admin = new pg.Client({ connectionString: inject('postgres')?.url });
    await admin.connect();
    const name = new URL(url).pathname.slice(1);
    try {
      await using world = await openWorld({ settings: { DATABASE_URL: url } });
      const allow = (whether: boolean) =>
        admin.query(`alter database ${pg.escapeIdentifier(name)} with allow_connections ${whether}`);
      await allow(false);
      await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
      for (const path of ['/health', '/sessions', '/api/asks', '/nothing-here']) {
        const answer = await eventually(async () => {
          const response = await world.request(path);
          return response.status === 503 || path === '/nothing-here' ? response : null;
        });
        const body = await answer.text();
        expect(body).not.toContain(name);
        expect(answer.status).toBe(path === '/nothing-here' ? 404 : 503);
        if (answer.status !== 503) continue;
        expect(answer.headers.get('retry-after')).toBe('1');
        expect(body).toContain('The database cannot be used right now.');
      }
      await allow(true);
      expect(await eventually(async () => (await world.request('/health')).status === 200)).toBe(true);
    } finally {
      await admin.end();
      await drop();
    }
  },
);
