import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

/** Redis as far as the library needs it, speaking its protocol: SET with NX and EX, GET, DEL, SELECT. */
export interface RedisStandIn extends AsyncDisposable {
  port: number;
  /** Commands in the order in which they came. */
  commands: string[][];
  /** Moves its clock. */
  advance(seconds: number): void;
  /** Breaks all connections. */
  breakConnections(): void;
}

interface Entry {
  value: string;
  expiresAt: number;
}

export async function openRedisStandIn(): Promise<RedisStandIn> {
  const entries = new Map<string, Entry>();
  const commands: string[][] = [];
  const sockets = new Set<Socket>();
  let now = 0;

  const current = (key: string): string | undefined => {
    const entry = entries.get(key);
    return entry && entry.expiresAt > now ? entry.value : undefined;
  };

  const run = ([name = '', key = '', value = '', ...options]: string[]): string => {
    if (name === 'SELECT') return '+OK\r\n';
    if (name === 'GET') return bulk(current(key));
    if (name === 'DEL') return `:${Number(entries.delete(key))}\r\n`;
    if (name !== 'SET') return `-ERR unknown command '${name}'\r\n`;
    if (options.includes('NX') && current(key) !== undefined) return bulk(undefined);
    const seconds = Number(options[options.indexOf('EX') + 1]);
    entries.set(key, { value, expiresAt: now + seconds });
    return '+OK\r\n';
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      for (const command of commandsIn(String(chunk))) {
        commands.push(command);
        socket.write(run(command));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const breakConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    commands,
    advance: (seconds) => {
      now += seconds;
    },
    breakConnections,
    async [Symbol.asyncDispose]() {
      breakConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function bulk(value: string | undefined): string {
  return value === undefined ? '$-1\r\n' : `$${Buffer.byteLength(value)}\r\n${value}\r\n`;
}

/** The commands of the tests are short and come whole. */
function commandsIn(text: string): string[][] {
  return text
    .split(/^\*\d+\r\n/m)
    .filter((each) => each !== '')
    .map((each) => [...each.matchAll(/\$\d+\r\n(.*)\r\n/g)].map(([, argument = '']) => argument));
}
