import { fileURLToPath } from 'node:url';

/** Where new embedded databases are copied from; in a run of the tests one that global-setup.ts made, with the schema in it. */
export const CACHE_DIR =
  process.env.COMPANION_TEST_CACHE ??
  fileURLToPath(new URL('../../node_modules/.cache/claude-companion', import.meta.url));
