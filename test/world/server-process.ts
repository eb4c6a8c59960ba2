/** The server as its user starts it: a process of its own, which can be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClaudeCompanionClient } from '@claude-companion/client';
import { CACHE_DIR } from './cache-dir.ts';
import { TOKEN } from './server.ts';

const MAIN = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));

export interface Home extends Disposable {
  directory: string;
  dataDir: string;
  projectsDir: string;
  /** The directory of the project `my-app`. */
  project: string;
}

/** An empty home directory with one project. */
export function makeHome(): Home {
  const directory = mkdtempSync(join(tmpdir(), 'companion-home-'));
  const home: Home = {
    directory,
    dataDir: join(directory, 'data'),
    projectsDir: join(directory, 'projects'),
    project: join(directory, 'projects', 'my-app'),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }),
  };
  mkdirSync(home.project, { recursive: true });
  writeFileSync(join(home.project, 'README.md'), '# my-app\n');
  return home;
}

export interface Exit {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `companion …` to its end. */
export async function companion(args: string[], options: { home: Home; env?: Record<string, string> }): Promise<Exit> {
  const child = launch(args, options);
  const output = collect(child);
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, ...output };
}

/** A setting that is `undefined` is not set. */
type Env = Record<string, string | undefined>;

/** What every process of ours gets. The compile cache: half of the time a server takes to start is the compiling of its modules. */
export const runtime = (): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  ...(process.env.NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }),
});

function launch(args: string[], { home, env }: { home: Home; env?: Env }): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], {
    cwd: home.directory,
    env: {
      ...runtime(),
      HOME: home.directory,
      XDG_CACHE_HOME: dirname(CACHE_DIR),
      LANG: 'C.UTF-8',
      NO_COLOR: '1',
      DATA_DIR: home.dataDir,
      PROJECTS_DIR: home.projectsDir,
      AUTH_TOKEN: TOKEN,
      // Servers that share a database share the key as well.
      DATA_KEY: Buffer.alloc(32, 7).toString('base64'),
      PORT: '0',
      WARM_AGENTS: 'false',
      LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString();
  });
  return output;
}

export interface ServerProcess {
  url: string;
  pid: number;
  client: ClaudeCompanionClient;
  /** What it printed until now. */
  output: { readonly stdout: string; readonly stderr: string };
  /** SIGKILL for the server and every agent process below it; resolves when all are gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export async function startProcess(home: Home, env: Env = {}): Promise<ServerProcess> {
  const child = launch(['serve'], { home, env });
  const output = collect(child);
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', () => {
      const found = /running at (http:\S+)/.exec(output.stdout)?.[1];
      if (found) resolve(found);
    });
    void exited.then(([code]) => reject(new Error(`the server ended with ${code}: ${output.stderr}`)));
  });
  const pid = child.pid ?? 0;
  return {
    url,
    pid,
    client: new ClaudeCompanionClient({ url, token: TOKEN }),
    output,
    async kill() {
      const all = [pid, ...descendants(pid)];
      for (const each of all) signal(each, 'SIGKILL');
      await exited;
      while (all.some(alive)) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    async stop() {
      child.kill('SIGTERM');
      const [code] = await exited;
      return code;
    },
  };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}

/** A zombie counts as gone: it holds nothing any more. */
function alive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** The Claude Code processes below a server. */
export function agentsOf(pid: number): number[] {
  return descendants(pid).filter((each) => {
    try {
      return /\/claude\0/.test(readFileSync(`/proc/${each}/cmdline`, 'utf8'));
    } catch {
      return false;
    }
  });
}

/** Every process below `pid`, from /proc. */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended while the list was read.
    }
  }
  const found: number[] = [];
  let frontier = [pid];
  while (frontier.length > 0) {
    frontier = [...parents].filter(([, parent]) => frontier.includes(parent)).map(([child]) => child);
    found.push(...frontier);
  }
  return found;
}
