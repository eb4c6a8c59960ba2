/** The main job with DATABASE_URL: the same server on a real PostgreSQL. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import { describe, expect, inject, test } from 'vitest';
import { createPostgresDatabase } from '../world/databases.ts';
import { codeOnPhone, eventually, openAsk, openWorld } from '../world/server.ts';

const postgres = inject('postgres');
if (!postgres) console.log('skipped: no PostgreSQL is installed, so the main job is not run on one');

describe.skipIf(!postgres)('on a real PostgreSQL', () => {
  test('an ask survives a restart, its answer by text is applied once', { timeout: 60_000 }, async () => {
    const database = await createPostgresDatabase({ empty: true });
    await using world = await openWorld({ settings: { DATABASE_URL: database.url } });
    const file = join(world.project, 'from-postgres.md');
    const { session_id: sessionId } = await world.client.startSession({
      project: 'my-app',
      message: scripted([{ tool: 'Write', input: { file_path: file, content: 'x' } }, { text: 'Written.' }]),
    });
    await openAsk(world.client, sessionId);
    const { code } = await codeOnPhone(world.client);
    await world.restart();
    await world.client.typeOnPhone(`OK ${code}`);
    await eventually(async () => existsSync(file));
    const asks = await eventually(async () => {
      const all = await world.client.listAsks({ state: 'all', sessionId });
      return all.some(({ state }) => state === 'applied') && all;
    });
    expect(asks.filter(({ kind }) => kind === 'permission')).toMatchObject([{ state: 'applied', answeredVia: 'sms' }]);
    expect(existsSync(join(world.dataDir, 'pg'))).toBe(false);
  });
});
