/**
 * New data directories are copies of a template that `initdb` made once per machine and PGlite version: 0.3 s instead of 3.5.
 * Both the template and the copy appear under their final name by a rename, complete and synced; whatever a killed process
 * left half-made has another name, is ignored and swept away.
 */
import { spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { storeUnavailable } from './store-unavailable.ts';

/** A half-made directory: `<final name>.partial-<process id>-<random>`. */
const PARTIAL = /\.partial-(\d+)-/;

export interface TemplateOptions {
  /** Where templates are kept; made when missing. */
  cacheDir: string;
}

/** Returns the template directory, making it when there is none yet. Safe to call from several processes at once. */
export async function ensureTemplate({ cacheDir }: TemplateOptions): Promise<string> {
  const template = join(cacheDir, `pglite-${await pgliteVersion()}`);
  await mkdir(cacheDir, { recursive: true });
  await sweepPartials(cacheDir, { onlyDead: true });
  if (await isDatabase(template)) return template;
  const partial = partialName(template);
  try {
    await initdb(partial);
    await syncTree(partial);
    await moveInto(partial, template);
  } finally {
    await removeTree(partial);
  }
  return template;
}

/**
 * Makes `<dataDir>/pg` when it is missing. The caller holds the lock of `dataDir`.
 * @returns the database directory
 */
export async function ensureDatabaseDirectory(dataDir: string, options: TemplateOptions): Promise<string> {
  const directory = join(dataDir, 'pg');
  await sweepPartials(dataDir, { onlyDead: false });
  if (await isDatabase(directory)) return directory;
  if (await exists(directory)) {
    throw storeUnavailable(
      `${directory} exists but holds no database. Move it away, or set DATA_DIR to another directory.`,
    );
  }
  const template = await ensureTemplate(options);
  const partial = partialName(directory);
  // Nothing else runs while a server makes its first database, and the other `cp` takes three times as long for 1,000 files.
  cpSync(template, partial, { recursive: true });
  await syncTree(partial);
  await moveInto(partial, directory);
  return directory;
}

async function pgliteVersion(): Promise<string> {
  const file = join(createRequire(import.meta.url).resolve('@electric-sql/pglite'), '../../package.json');
  const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string };
  return version;
}

function partialName(path: string): string {
  return `${path}.partial-${process.pid}-${crypto.randomUUID()}`;
}

async function initdb(directory: string): Promise<void> {
  const program = fileURLToPath(
    new URL(`./pglite-initdb.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
  );
  const child = spawn(process.execPath, [program, directory], { stdio: ['pipe', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0 || !(await isDatabase(directory))) {
    throw storeUnavailable(
      `The embedded database could not be made (${complaint.trim() || `exit code ${code}`}). Free some disk and memory (1 GB), or set DATABASE_URL to a PostgreSQL.`,
    );
  }
}

async function moveInto(partial: string, final: string): Promise<void> {
  try {
    await rename(partial, final);
  } catch (error) {
    // Somebody else finished the same directory first, and theirs is as good.
    if (!(await isDatabase(final))) throw error;
  }
  await syncPath(join(final, '..'));
}

/** PostgreSQL writes PG_VERSION early; a directory under its final name is complete, because it came by a rename. */
function isDatabase(directory: string): Promise<boolean> {
  return exists(join(directory, 'PG_VERSION'));
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function sweepPartials(parent: string, { onlyDead }: { onlyDead: boolean }): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = PARTIAL.exec(name)?.[1];
    if (pid === undefined || (onlyDead && isAlive(Number(pid)))) continue;
    await removeTree(join(parent, name));
  }
}

/** Retries: an orphaned `initdb` may still be adding files for a moment. */
async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * `initdb` and the copy do not sync; the rename must not reach the disk before the files it names. About 1,000 files: several at
 * a time, because a journaling file system commits what waits together.
 */
async function syncTree(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const paths = entries.filter((entry) => entry.isFile() || entry.isDirectory());
  const queue = paths.map((entry) => join(entry.parentPath, entry.name)).values();
  const syncQueued = async () => {
    for (const path of queue) await syncPath(path);
  };
  await Promise.all(Array.from({ length: 16 }, syncQueued));
  await syncPath(directory);
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Windows refuses to sync what is open for reading only.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  } finally {
    await handle.close();
  }
}
