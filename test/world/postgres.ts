/** A real PostgreSQL of this machine's packages, on a loopback port and a temporary directory, for one run of tests. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const INSTALLED = '/usr/lib/postgresql';

export interface PostgresServer {
  /** Address of a database of this server, as a superuser. */
  url(database?: string): string;
  /** Where its programs (`pg_dump`, `psql`) are. */
  readonly binDir: string;
  /** Ends the server and removes its directory. */
  stop(): Promise<void>;
}

/** The newest installed PostgreSQL, or undefined. */
export function findPostgres(): string | undefined {
  const versions = readdirIfAny(INSTALLED).filter((name) => /^\d+$/.test(name));
  const newest = versions.sort((a, b) => Number(b) - Number(a)).at(0);
  return newest === undefined ? undefined : join(INSTALLED, newest, 'bin');
}

/** @param options.fsync off is faster and right for tests; on is what a benchmark must measure */
export async function startPostgres(options: { binDir: string; fsync: boolean }): Promise<PostgresServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options, await freePort());
    } catch (error) {
      // Somebody may have taken the port in between.
      if (attempt === 3) throw error;
    }
  }
}

async function startOnce({ binDir, fsync }: { binDir: string; fsync: boolean }, port: number): Promise<PostgresServer> {
  const identity = unprivileged();
  const directory = mkdtempSync(join(tmpdir(), 'claude-companion-postgres-'));
  if (identity.uid !== undefined) chownSync(directory, identity.uid, identity.gid ?? identity.uid);
  const data = join(directory, 'data');
  const initdb = spawnSync(
    join(binDir, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', ...(fsync ? [] : ['--no-sync'])],
    { ...identity, cwd: directory, encoding: 'utf8' },
  );
  if (initdb.status !== 0) throw new Error(`initdb failed: ${initdb.stderr}${initdb.error ?? ''}`);
  // The shell holds the other end of our pipe: it stops the server and cleans up even when this process is killed.
  const script = `
    "$1/postgres" -D "$2/data" -p "$3" -k "$2" -c listen_addresses=127.0.0.1 -c fsync="$4" -c max_connections=60 >"$2/log" 2>&1 &
    child=$!
    cat >/dev/null
    kill -INT $child 2>/dev/null
    wait $child
    rm -rf "$2"`;
  const shell = spawn('sh', ['-c', script, 'sh', binDir, directory, String(port), fsync ? 'on' : 'off'], {
    ...identity,
    cwd: directory,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const exited = new Promise<void>((resolve) => shell.once('exit', () => resolve()));
  const server: PostgresServer = {
    url: (database = 'postgres') => `postgresql://postgres@127.0.0.1:${port}/${database}`,
    binDir,
    async stop() {
      shell.stdin?.end();
      await exited;
    },
  };
  try {
    await untilReady(server.url(), shell);
    return server;
  } catch (error) {
    const log = readIfAny(join(directory, 'log'));
    await server.stop();
    throw new Error(`PostgreSQL did not start: ${log}`, { cause: error });
  }
}

/** PostgreSQL refuses to run as root; its package comes with a user of its own. */
function unprivileged(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const fields = /^postgres:.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0].split(':');
  if (!fields) throw new Error('There is no user "postgres" to run PostgreSQL as; run the tests as an ordinary user.');
  return { uid: Number(fields[2]), gid: Number(fields[3]) };
}

async function untilReady(url: string, shell: ChildProcess): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (attempt === 300 || shell.exitCode !== null) throw error;
      await sleep(50);
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

function readdirIfAny(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readIfAny(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
