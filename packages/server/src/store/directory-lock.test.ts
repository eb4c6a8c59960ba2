import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type LockKind, lockDirectory } from './directory-lock.ts';

const MODULE = fileURLToPath(new URL('./directory-lock.ts', import.meta.url));
const KINDS: LockKind[] = process.platform === 'linux' ? ['socket', 'file'] : ['file'];

function temporaryDirectory(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'claude-companion-lock-')));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Another process that takes the lock and keeps it until it is killed. */
async function holdElsewhere(directory: string, kind: LockKind) {
  const program = `
    const { lockDirectory } = await import(${JSON.stringify(MODULE)});
    await lockDirectory(...${JSON.stringify([directory, kind])});
    console.log('locked');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

describe.each(KINDS)('the lock of a data directory by %s', (kind) => {
  it('is refused to a second holder, naming the directory and what to do', async () => {
    const directory = temporaryDirectory();
    const lock = await lockDirectory(directory, kind);
    const second = lockDirectory(directory, kind);
    await expect(second).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(second).rejects.toThrow(directory);
    await expect(second).rejects.toThrow(/Stop it first.*DATA_DIR/);
    await lock.release();
  });

  it('is free again after release, and the release may be repeated', async () => {
    const directory = temporaryDirectory();
    const first = await lockDirectory(directory, kind);
    await first.release();
    const second = await lockDirectory(directory, kind);
    await first.release();
    await expect(lockDirectory(directory, kind)).rejects.toThrow(/Another server/);
    await second.release();
  });

  it('is one lock for every path to the directory, and no lock for its neighbour', async () => {
    const directory = temporaryDirectory();
    const link = `${directory}-link`;
    symlinkSync(directory, link);
    onTestFinished(() => rmSync(link));
    const lock = await lockDirectory(link, kind);
    await expect(lockDirectory(directory, kind)).rejects.toThrow(/Another server/);
    const neighbour = await lockDirectory(temporaryDirectory(), kind);
    await neighbour.release();
    await lock.release();
  });

  it('holds against another process, and does not outlive one that is killed', async () => {
    const directory = temporaryDirectory();
    const child = await holdElsewhere(directory, kind);
    await expect(lockDirectory(directory, kind)).rejects.toThrow(/Another server/);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = await lockDirectory(directory, kind);
    await lock.release();
  });

  it('goes to exactly one of many who start at once', async () => {
    const directory = temporaryDirectory();
    // A holder that died and left its file: process ids end below this one.
    if (kind === 'file') writeFileSync(join(directory, 'server.pid'), '4194305\n');
    const starts = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(directory, kind)));
    const winners = starts.filter((start) => start.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    for (const winner of winners) await winner.value.release();
  });
});
