/** What a command may touch, in one value: the environment, the terminal, signals. Tests pass their own. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseEnv } from 'node:util';

export interface Surroundings {
  /** The environment, with the settings of a file `.env` in the current directory below it. */
  env: Record<string, string | undefined>;
  home: string;
  cwd: string;
  /** A person sits at the terminal and can type. */
  interactive: boolean;
  stdout(line: string): void;
  stderr(line: string): void;
  /** Lines typed until the end of input. */
  lines(): AsyncIterable<string>;
  /** Aborts at the first Ctrl-C or SIGTERM; at a second one the process ends at once. */
  stopped: AbortSignal;
}

export function openSurroundings(): Surroundings {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);
  const cwd = process.cwd();
  const file = join(cwd, '.env');
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  return {
    env: { ...fromFile, ...process.env },
    home: homedir(),
    cwd,
    interactive: process.stdin.isTTY === true,
    stdout: (line) => process.stdout.write(`${line}\n`),
    stderr: (line) => process.stderr.write(`${line}\n`),
    lines: () => createInterface({ input: process.stdin }),
    stopped: stop.signal,
  };
}

/** Where things are kept that can be made again. */
export const cacheDir = (surroundings: Pick<Surroundings, 'env' | 'home'>): string =>
  join(surroundings.env.XDG_CACHE_HOME ?? join(surroundings.home, '.cache'), 'claude-companion');

export const defaultDataDir = (surroundings: Pick<Surroundings, 'home'>): string =>
  join(surroundings.home, '.claude-companion');
