/** Writes the files that come from code. With `--check`, fails when a committed one differs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configPage } from '../packages/server/src/config/config-page.ts';
import { OPENAPI_DOCUMENT } from '../packages/server/src/http/surfaces.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const files: Record<string, () => string> = {
  'docs/config.md': configPage,
  'docs/openapi.json': () => `${JSON.stringify(OPENAPI_DOCUMENT, null, 2)}\n`,
};

let stale = false;
for (const [path, content] of Object.entries(files)) {
  const wanted = content();
  if (!process.argv.includes('--check')) {
    writeFileSync(root + path, wanted);
    continue;
  }
  let found = '';
  try {
    found = readFileSync(root + path, 'utf8');
  } catch {
    // A missing file is a stale one.
  }
  if (found === wanted) continue;
  stale = true;
  console.error(`${path} is not what the code says. Run "npm run generate" and commit it.`);
}
process.exitCode = stale ? 1 : 0;
