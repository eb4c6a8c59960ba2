/** A real server on a free port with directories of its own, the demo model and the simulated phone. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClaudeCompanionClient } from '@claude-companion/client';
import type { Ask } from '@claude-companion/protocol';
import { type Clock, createLogger, parseConfig, type RunningServer, startServer } from '@claude-companion/server';
import { CACHE_DIR } from './cache-dir.ts';
import { eventually } from './eventually.ts';

export { eventually };

export const TOKEN = 'the-owner-token-of-the-tests';

export interface World extends AsyncDisposable {
  server: RunningServer;
  client: ClaudeCompanionClient;
  /** The directory of the project `my-app`. */
  project: string;
  dataDir: string;
  /** Everything that was logged. */
  logs: string[];
  /** A request with the owner's token. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Stops the server and starts it again on the same data. */
  restart(): Promise<void>;
}

export interface WorldOptions {
  settings?: Record<string, string>;
  environment?: Record<string, string>;
  clock?: Clock;
}

export async function openAsk(client: ClaudeCompanionClient, sessionId: string): Promise<Ask> {
  return eventually(async () =>
    (await client.listAsks({ sessionId })).find((ask) => ask.kind !== 'done' && ask.kind !== 'error'),
  );
}

/** The code by which the newest text names an ask. */
export async function codeOnPhone(client: ClaudeCompanionClient, after = 0): Promise<{ code: string; body: string }> {
  return eventually(async () => {
    for (const text of (await client.phoneTexts(after)).reverse()) {
      const code = /\b(?:OK|NO|Reply|Only NO by text:) ([0-9A-Z]{4})\b/.exec(text.body)?.[1];
      if (text.direction === 'to_phone' && code) return { code, body: text.body };
    }
    return null;
  });
}

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'companion-world-'));
  const dataDir = join(directory, 'data');
  const project = join(directory, 'projects', 'my-app');
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'README.md'), '# my-app\n');
  const logs: string[] = [];
  const start = (): Promise<RunningServer> =>
    startServer({
      config: parseConfig({
        DATA_DIR: dataDir,
        PROJECTS_DIR: join(directory, 'projects'),
        PORT: '0',
        LOG_LEVEL: 'debug',
        WARM_AGENTS: 'false',
        SHUTDOWN_GRACE_S: '0',
        ...options.settings,
      }),
      authToken: TOKEN,
      environment: {
        PATH: process.env.PATH ?? '',
        HOME: join(directory, 'home'),
        LANG: 'C.UTF-8',
        ...options.environment,
      },
      logger: createLogger({ level: 'debug', write: (line) => logs.push(line) }),
      demoPaceMs: 0,
      cacheDir: CACHE_DIR,
      ...(options.clock ? { clock: options.clock } : {}),
    });
  mkdirSync(join(directory, 'home'), { recursive: true });
  const world: World = {
    server: await start(),
    client: undefined as unknown as ClaudeCompanionClient,
    project,
    dataDir,
    logs,
    request: (path, init = {}) =>
      fetch(`${world.server.url}${path}`, {
        ...init,
        headers: {
          authorization: `Bearer ${TOKEN}`,
          ...(init.body ? { 'content-type': 'application/json' } : {}),
          ...(init.headers as Record<string, string> | undefined),
        },
      }),
    async restart() {
      await world.server.close();
      world.server = await start();
      world.client = new ClaudeCompanionClient({ url: world.server.url, token: TOKEN });
    },
    async [Symbol.asyncDispose]() {
      await world.server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  world.client = new ClaudeCompanionClient({ url: world.server.url, token: TOKEN });
  return world;
}
