import { readFileSync } from 'node:fs';
import { expect, inject, it } from 'vitest';
import { createPostgresDatabase } from '../../../../test/world/databases.ts';
import { dumpSchema, SCHEMA_FILE } from '../../../../test/world/dump-schema.ts';

const server = inject('postgres');

it.skipIf(!server)(
  'schema.sql is what the migrations make ("node test/world/dump-schema.ts --write" renews it)',
  async () => {
    const database = await createPostgresDatabase({ empty: false });
    try {
      expect(dumpSchema({ binDir: server?.binDir ?? '', url: database.url })).toBe(readFileSync(SCHEMA_FILE, 'utf8'));
    } finally {
      await database.drop();
    }
  },
);
