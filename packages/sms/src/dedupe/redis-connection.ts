import { connect, type Socket } from 'node:net';
import type { RedisClient } from './redis.ts';
import { parseReply, type Reply } from './redis-reply.ts';

/** Which Redis is connected to. */
export interface RedisConnectionOptions {
  /** Default `localhost`. */
  host?: string;
  /** Default 6379. */
  port?: number;
  /** Default 0. */
  database?: number;
  /** A command without an answer fails after so many milliseconds. Default 5,000. */
  timeoutMs?: number;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * A small Redis client for applications that have none: one connection, made with the first command and made anew with the
 * first command after it broke. While nothing is asked it does not keep the process alive. No TLS and no password: pass your own client for those.
 */
export class RedisConnection implements RedisClient {
  readonly #options: Required<RedisConnectionOptions>;
  #socket: Socket | undefined;
  #waiting: Waiting[] = [];
  #unread: Buffer = Buffer.alloc(0);

  constructor({ host = 'localhost', port = 6379, database = 0, timeoutMs = 5_000 }: RedisConnectionOptions = {}) {
    this.#options = { host, port, database, timeoutMs };
  }

  /** @throws when Redis answers with an error, or not at all. */
  sendCommand(args: string[]): Promise<unknown> {
    const socket = this.#socket ?? this.#open();
    return this.#write(socket, args);
  }

  close(): void {
    if (this.#socket) this.#drop(this.#socket, new Error('The connection to Redis was closed.'));
  }

  #open(): Socket {
    const { host, port, database, timeoutMs } = this.#options;
    const socket = connect({ host, port, noDelay: true });
    this.#socket = socket;
    socket.setTimeout(timeoutMs);
    socket.on('timeout', () => {
      if (this.#waiting.length > 0) this.#drop(socket, new Error(`Redis did not answer within ${timeoutMs} ms.`));
    });
    socket.on('error', (error) => this.#drop(socket, error));
    socket.on('close', () => this.#drop(socket, new Error('Redis closed the connection.')));
    socket.on('data', (chunk) => this.#read(socket, chunk));
    if (database !== 0) {
      this.#write(socket, ['SELECT', String(database)]).catch((error: Error) => this.#drop(socket, error));
    }
    return socket;
  }

  #write(socket: Socket, args: string[]): Promise<unknown> {
    const parts = args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      socket.ref();
      socket.write(`*${args.length}\r\n${parts.join('')}`);
    });
  }

  #read(socket: Socket, chunk: Buffer): void {
    if (socket !== this.#socket) return;
    this.#unread = Buffer.concat([this.#unread, chunk]);
    for (let reply = parseReply(this.#unread); reply; reply = parseReply(this.#unread)) {
      this.#unread = this.#unread.subarray(reply.length);
      settle(this.#waiting.shift(), reply);
    }
    if (this.#waiting.length === 0) socket.unref();
  }

  /** Fails what waits; the next command opens a new connection. */
  #drop(socket: Socket, error: Error): void {
    socket.destroy();
    if (socket !== this.#socket) return;
    const waiting = this.#waiting;
    this.#socket = undefined;
    this.#waiting = [];
    this.#unread = Buffer.alloc(0);
    for (const each of waiting) each.reject(error);
  }
}

function settle(waiting: Waiting | undefined, reply: Reply): void {
  if (reply.value instanceof Error) waiting?.reject(reply.value);
  else waiting?.resolve(reply.value);
}
