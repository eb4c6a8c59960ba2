/** PGlite with the settings that make it safe to keep data in. Relies on internals of the pinned version. */
import { fdatasyncSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';

/**
 * Without `-F` PostgreSQL asks for fsync; the defaults carry it. 16 MB of buffers instead of 128 keep the server near 190 MB of
 * memory instead of 300 at the same speed. max_wal_size bounds what is replayed after a crash.
 */
const START_PARAMETERS: readonly string[] = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  ...['-c', 'wal_sync_method=fsync'],
  ...['-c', 'max_wal_size=64MB'],
  ...['-c', 'shared_buffers=16MB'],
];

/** The parts of the Emscripten module that are used. */
interface EngineModule {
  FS: {
    lookupPath(path: string): {
      node: { mount: { type: { stream_ops: { fsync?: (stream: { nfd: number }) => number } } } };
    };
  };
  _PostgresMainLoopOnce(): void;
}

/** How PGlite leaves its main loop when a statement failed; it handles that itself. */
const STATEMENT_FAILED = 100;

export interface Engine {
  pglite: PGlite;
  /** How often data was forced to disk so far. */
  syncs(): number;
}

/**
 * Opens a directory that holds a database.
 * @param onFatal called when going on could lose data: a failed fsync, or the engine aborted. It must end the thread.
 */
export async function openEngine(directory: string, onFatal: (reason: string) => never): Promise<Engine> {
  const pglite = await PGlite.create({ dataDir: directory, startParams: [...START_PARAMETERS] });
  const module = pglite.Module as unknown as EngineModule;
  let syncs = 0;
  // The Node file system of PGlite has no fsync at all: without this, commits survive the process but not a power cut.
  module.FS.lookupPath('/pglite/data/PG_VERSION').node.mount.type.stream_ops.fsync = (stream) => {
    try {
      fdatasyncSync(stream.nfd);
    } catch (error) {
      onFatal(`the disk refused to sync: ${String(error)}`);
    }
    syncs += 1;
    return 0;
  };
  // PGlite swallows what it does not know, an abort of PostgreSQL too, and would call into the dead engine for ever.
  const loop = module._PostgresMainLoopOnce;
  module._PostgresMainLoopOnce = () => {
    try {
      loop();
    } catch (error) {
      const { status, message } = error as { status?: unknown; message?: unknown };
      if (status === STATEMENT_FAILED) throw error;
      onFatal(`PostgreSQL stopped: ${message ?? error}`);
    }
  };
  return { pglite, syncs: () => syncs };
}
