// `npm test`: installs what is missing and runs every test. Arguments are passed to the test runner; `--full` runs the slow
// proofs at full length.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { ensureInstalled, root, run } from './runtime.mjs';

ensureInstalled();
ensureServers();

const args = process.argv.slice(2);
const full = args.includes('--full');
process.exitCode = await run(
  `${root}node_modules/vitest/vitest.mjs`,
  ['run', ...args.filter((argument) => argument !== '--full')],
  { env: full ? { CRASH_KILLS: process.env.CRASH_KILLS ?? '1000', PROOF_LENGTH: 'full' } : {} },
);

/**
 * A real PostgreSQL, a real Redis and a real browser for the tests that speak to them. Where they cannot be installed by
 * themselves, those tests say that they are skipped.
 */
function ensureServers() {
  const base = '/usr/lib/postgresql';
  const missing = [
    !(existsSync(base) && readdirSync(base).some((version) => existsSync(`${base}/${version}/bin/initdb`))) &&
      'postgresql',
    !existsSync('/usr/bin/redis-server') && 'redis-server',
    !existsSync('/usr/bin/chromium') && 'chromium',
  ].filter((name) => name !== false);
  const canInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (missing.length === 0 || !canInstall) return;
  console.error(`Installing ${missing.join(' and ')} for the tests …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'], env };
  spawnSync('apt-get', ['update', '-qq'], quiet);
  const { status } = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], quiet);
  if (status !== 0) console.error(`${missing.join(' and ')} could not be installed; their tests are skipped.`);
}
