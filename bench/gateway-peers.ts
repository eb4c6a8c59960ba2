/** Other gateways, installed into a scratch folder below the system's directory for temporary files, and run from there. */
import { execFile, type StdioOptions, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Served, type Shot, shoot, TELLS_FIGURES } from './gateway-load.ts';

const run = promisify(execFile);
const SCRATCH = join(tmpdir(), 'companion-bench-gateways');

export interface Peer {
  name: string;
  start(upstream: string): Promise<Served & { shot: Omit<Shot, 'url' | 'body'> }>;
}

/** One of them listens on every address of the machine unless it is held. */
const HOLD = `const net = require('node:net'); const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...args) {
  if (typeof args[0] === 'number') args[0] = { port: args[0], host: '127.0.0.1' };
  else if (args[0] && typeof args[0] === 'object' && 'port' in args[0]) args[0] = { ...args[0], host: '127.0.0.1' };
  if (typeof args[1] === 'string') args.splice(1, 1);
  return listen.apply(this, args);
};`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

async function install(name: string, version: string): Promise<string> {
  const folder = join(SCRATCH, name.replace(/\W+/g, '-'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  writeFileSync(join(folder, 'hold.cjs'), HOLD);
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  await run(npm, ['install', '--no-audit', '--no-fund', '--ignore-scripts', `${name}@${version}`], {
    cwd: folder,
    timeout: 240_000,
  });
  return folder;
}

interface Start {
  folder: string;
  parameters: readonly string[];
  port: number;
  shot: Omit<Shot, 'url' | 'body'>;
}

async function start(
  { folder, parameters, port, shot }: Start,
  probe: string,
): Promise<Served & { shot: Start['shot'] }> {
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    NODE_ENV: 'production',
    PORT: String(port),
    SERVICE_PORT: String(port),
  };
  const ahead = ['--require', join(folder, 'hold.cjs'), ...TELLS_FIGURES];
  const stdio: StdioOptions = ['ignore', 'ignore', 'ignore', 'ipc'];
  const child = spawn(process.execPath, [...ahead, ...parameters], { cwd: folder, env: environment, stdio });
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await shoot({ ...shot, url, body: probe });
      break;
    } catch (error) {
      if (attempt > 60 || child.exitCode !== null) {
        child.kill();
        throw error;
      }
      await delay(250);
    }
  }
  return { url, process: child, shot };
}

const PROBE = { max_tokens: 10, stream: false, messages: [{ role: 'user', content: 'Hi' }] };

export const PORTKEY: Peer = {
  name: '@portkey-ai/gateway 1.15.2',
  async start(upstream) {
    const folder = await install('@portkey-ai/gateway', '1.15.2');
    const port = await freePort();
    const script = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
    const headers = { 'x-portkey-provider': 'anthropic', 'x-portkey-custom-host': `${upstream}/v1` };
    const parameters = [script, `--port=${port}`, '--headless'];
    return start(
      { folder, parameters, port, shot: { headers } },
      JSON.stringify({ ...PROBE, model: 'claude-sonnet-4-5' }),
    );
  },
};

export const CLAUDE_CODE_ROUTER: Peer = {
  name: '@musistudio/claude-code-router 1.0.73',
  async start(upstream) {
    const folder = await install('@musistudio/claude-code-router', '1.0.73');
    const port = await freePort();
    const provider = {
      name: 'bench',
      api_base_url: `${upstream}/v1/chat/completions`,
      api_key: 'key',
      models: ['gpt-4o'],
    };
    const config = {
      HOST: '127.0.0.1',
      PORT: port,
      APIKEY: 'token',
      LOG: false,
      NON_INTERACTIVE_MODE: true,
      Providers: [provider],
      Router: { default: 'bench,gpt-4o' },
    };
    mkdirSync(join(folder, '.claude-code-router'), { recursive: true });
    writeFileSync(join(folder, '.claude-code-router/config.json'), JSON.stringify(config));
    const script = join(folder, 'node_modules/@musistudio/claude-code-router/dist/cli.js');
    const probe = JSON.stringify({ ...PROBE, stream: true, model: 'gpt-4o' });
    return start(
      { folder, parameters: [script, 'start'], port, shot: { headers: { authorization: 'Bearer token' } } },
      probe,
    );
  },
};
