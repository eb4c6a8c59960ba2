/** One temporary directory for everything that a run of the tests writes: in memory where the machine has room for it. */
import { accessSync, chmodSync, constants, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
/** A data directory has 40 MB; a run has a few dozen at the same time. */
const ROOM_BYTES = 4 * 2 ** 30;

/** Made 0711: the user PostgreSQL runs as must reach its directory below. */
export function makeRunDirectory(): { path: string; remove(): void } {
  const path = mkdtempSync(join(hasRoomInMemory() ? MEMORY : tmpdir(), 'companion-tests-'));
  chmodSync(path, 0o711);
  return {
    path,
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }),
  };
}

/** Tests run programs that they write: a file system mounted `noexec` is of no use. */
function hasRoomInMemory(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    const options = / \/dev\/shm tmpfs (\S+)/.exec(readFileSync('/proc/mounts', 'utf8'))?.[1] ?? 'noexec';
    return (
      Math.min(bavail * bsize, process.availableMemory()) > 2 * ROOM_BYTES && !options.split(',').includes('noexec')
    );
  } catch {
    return false;
  }
}
