/**
 * One server per data directory. Two PGlite processes on one directory lose acknowledged rows without any error, so the lock
 * must hold against a second start and must never outlive its holder, however that dies.
 *
 * Linux: a listening abstract unix socket named after the real path; the kernel drops it with the process. It is not seen from
 * another network namespace: two containers on one volume are not kept apart.
 * Elsewhere: a file with the holder's process id, taken over when no such process lives.
 */
import { createHash } from 'node:crypto';
import { link, readFile, realpath, rm, unlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { CompanionError } from '@claude-companion/protocol';

export interface DirectoryLock {
  /** Gives the directory free. Idempotent. */
  release(): Promise<void>;
}

export type LockKind = 'socket' | 'file';

const LOCK_FILE = 'server.pid';

/**
 * Takes the lock of an existing directory.
 * @throws CompanionError STORE_UNAVAILABLE when another server holds it.
 */
export async function lockDirectory(directory: string, kind: LockKind = defaultKind()): Promise<DirectoryLock> {
  const path = await realpath(directory);
  return kind === 'socket' ? await lockBySocket(path) : await lockByFile(path);
}

function defaultKind(): LockKind {
  return process.platform === 'linux' ? 'socket' : 'file';
}

function inUse(path: string, remedy: string): CompanionError {
  return new CompanionError(
    'STORE_UNAVAILABLE',
    `Another server is using the data directory ${path}. ${remedy}, or set DATA_DIR to another directory.`,
  );
}

async function lockBySocket(path: string): Promise<DirectoryLock> {
  const name = `\0claude-companion-${createHash('sha256').update(path).digest('hex').slice(0, 40)}`;
  const server = createServer((socket) => socket.destroy());
  try {
    await listen(server, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw inUse(path, 'Stop it first');
  }
  server.unref();
  return {
    release: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function listen(server: Server, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(name, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/**
 * The file appears with its content in one step (a link), so nobody reads a half-written one. A dead holder's file is removed
 * only by the process that holds the take-over file, so that two starters cannot remove each other's fresh lock.
 */
async function lockByFile(path: string): Promise<DirectoryLock> {
  const file = join(path, LOCK_FILE);
  if (!(await claim(file))) {
    const takeOver = `${file}.takeover`;
    const remedy = `Stop it first (if none runs, delete ${file} and ${takeOver})`;
    if (!(await claim(takeOver))) throw inUse(path, remedy);
    try {
      if (await holderLives(file)) throw inUse(path, remedy);
      await rm(file, { force: true });
      if (!(await claim(file))) throw inUse(path, remedy);
    } finally {
      await rm(takeOver, { force: true });
    }
  }
  let held = true;
  return {
    async release() {
      if (held) await rm(file, { force: true });
      held = false;
    },
  };
}

async function claim(file: string): Promise<boolean> {
  const draft = `${file}.${process.pid}.${performance.now()}`;
  await writeFile(draft, `${process.pid}\n`, { flag: 'wx' });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await unlink(draft);
  }
}

async function holderLives(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
