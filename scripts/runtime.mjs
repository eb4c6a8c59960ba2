// What every command of the repository does first, on whatever Node the machine has: install the packages of the lockfile
// when they are not there, and find the Node that runs TypeScript as it is.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
/** Node keeps what it compiled there. Measured: `companion --help` takes 1.1 s in place of 1.5 s. */
const compileCache = join(root, 'node_modules', '.cache', 'compiled');
const stamp = join(root, 'node_modules', '.installed');

/** Installs what package-lock.json names, once per lockfile. */
export function ensureInstalled() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error('Installing packages (once; about a minute) …');
  const started = Date.now();
  // Not `npm ci`: that refuses a lockfile in which an optional package of another system is missing, and no registry mirror
  // has all of them. `--no-save` keeps to the locked versions and writes nothing.
  const result = spawnSync('npm', ['install', '--no-save', '--no-progress', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) {
    console.error('The packages could not be installed. Check the network and the disk, then run the command again.');
    process.exit(result.status ?? 1);
  }
  writeFileSync(stamp, wanted);
  console.error(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
}

/** The pinned Node of the lockfile, or this one when it is new enough to run TypeScript. */
export function nodeBinary() {
  const pinned = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(pinned)) return pinned;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  console.error(
    `Node ${process.versions.node} is too old and there is no packaged one for ${process.platform}-${process.arch}. Install Node 24.`,
  );
  process.exit(1);
}

/** Runs a program of the repository with the pinned Node first on the PATH; resolves with its exit code. */
export function run(file, args, options = {}) {
  const bin = join(root, 'node_modules', '.bin');
  const separator = process.platform === 'win32' ? ';' : ':';
  const child = spawn(nodeBinary(), [file, ...args], {
    cwd: options.cwd ?? root,
    stdio: 'inherit',
    env: {
      NODE_COMPILE_CACHE: compileCache,
      ...process.env,
      ...options.env,
      PATH: `${bin}${separator}${process.env.PATH ?? ''}`,
    },
  });
  // The child gets the terminal's signals itself; what is sent to this process alone is passed on.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 1)));
  });
}
