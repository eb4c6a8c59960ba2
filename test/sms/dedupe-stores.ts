/** Every kind of dedupe store, for the one test body they share. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DedupeStore,
  MemoryDedupeStore,
  PostgresDedupeStore,
  RedisConnection,
  RedisDedupeStore,
} from '@claude-companion/sms';
import { PGlite } from '@electric-sql/pglite';
import { freePort } from './free-port.ts';
import { openRedisStandIn } from './redis-stand-in.ts';
import { movableClock } from './texts.ts';

export interface OpenedStores extends AsyncDisposable {
  /** Two views of one store, as two processes have them. */
  stores: readonly [DedupeStore, DedupeStore];
  /** Lets so much time pass for marks and claims. */
  advance(seconds: number): Promise<void>;
}

let opened: Promise<PGlite> | undefined;

/** One database for the whole file: starting it takes longer than all of its tests. */
export function database(): Promise<PGlite> {
  opened ??= PGlite.create();
  return opened;
}

export async function closeDatabase(): Promise<void> {
  await (await opened)?.close();
}

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis) console.log('There is no redis-server on the PATH: Redis is tested with a stand-in only.');

export const DEDUPE_STORES: readonly [name: string, open: () => Promise<OpenedStores>][] = [
  ['memory', openMemory],
  ['PostgreSQL (PGlite)', openPostgres],
  ['Redis (stand-in)', openStandIn],
  ...(hasRedis ? [['redis-server', openRedis] as [string, () => Promise<OpenedStores>]] : []),
];

async function openMemory(): Promise<OpenedStores> {
  const clock = movableClock();
  const store = new MemoryDedupeStore({ clock });
  return {
    stores: [store, store],
    advance: async (seconds) => {
      clock.advance(seconds * 1_000);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

async function openPostgres(): Promise<OpenedStores> {
  const client = await database();
  const stores = [new PostgresDedupeStore({ client }), new PostgresDedupeStore({ client })] as const;
  for (const store of stores) await store.createTable();
  return {
    stores,
    advance: async (seconds) => {
      await client.query('update sms_dedupe set expires_at = expires_at - make_interval(secs => $1)', [seconds]);
    },
    async [Symbol.asyncDispose]() {
      await client.exec('truncate sms_dedupe');
    },
  };
}

async function openStandIn(): Promise<OpenedStores> {
  const redis = await openRedisStandIn();
  const advance = async (seconds: number): Promise<void> => {
    redis.advance(seconds);
  };
  return overConnections(redis.port, advance, () => redis[Symbol.asyncDispose]());
}

/** Shortens what every key has left to live. */
const AGE_ALL_KEYS = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  redis.call('PEXPIRE', key, redis.call('PTTL', key) - ARGV[1] * 1000)
end
return 1
`;

async function openRedis(): Promise<OpenedStores> {
  const directory = mkdtempSync(join(tmpdir(), 'sms-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', directory];
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const chunk of server.stdout) if (String(chunk).includes('Ready to accept')) break;
  const clock = new RedisConnection({ host: '127.0.0.1', port });
  const advance = async (seconds: number): Promise<void> => {
    await clock.sendCommand(['EVAL', AGE_ALL_KEYS, '0', String(seconds)]);
  };
  return overConnections(port, advance, async () => {
    clock.close();
    const ended = new Promise((resolve) => server.on('exit', resolve));
    server.kill('SIGKILL');
    await ended;
    rmSync(directory, { recursive: true });
  });
}

function overConnections(port: number, advance: OpenedStores['advance'], close: () => PromiseLike<void>): OpenedStores {
  const one = new RedisConnection({ host: '127.0.0.1', port });
  const other = new RedisConnection({ host: '127.0.0.1', port });
  return {
    stores: [new RedisDedupeStore({ client: one }), new RedisDedupeStore({ client: other })],
    advance,
    async [Symbol.asyncDispose]() {
      one.close();
      other.close();
      await close();
    },
  };
}
