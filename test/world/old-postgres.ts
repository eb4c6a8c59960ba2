/** Speaks just enough of the PostgreSQL protocol to be asked for its version, and answers with an old one. */

import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';

const SSL_REQUEST = 80_877_103;

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

const text = (value: string): Buffer => Buffer.from(`${value}\0`);
const READY = message('Z', Buffer.from('I'));
/** One column of type text. */
const COLUMN = message(
  'T',
  Buffer.concat([int16(1), text('version'), int32(0), int16(0), int32(25), int16(-1), int32(-1), int16(0)]),
);

function answers(version: string): Record<string, Buffer> {
  const row = message('D', Buffer.concat([int16(1), int32(version.length), Buffer.from(version)]));
  const done = message('C', text('SELECT 1'));
  return {
    P: message('1', Buffer.alloc(0)),
    B: message('2', Buffer.alloc(0)),
    D: COLUMN,
    E: Buffer.concat([row, done]),
    S: READY,
    Q: Buffer.concat([COLUMN, row, done, READY]),
  };
}

function converse(socket: Socket, version: string): void {
  let received = Buffer.alloc(0);
  let started = false;
  const replies = answers(version);
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (;;) {
      const offset = started ? 1 : 0;
      if (received.length < offset + 4) return;
      const length = received.readInt32BE(offset) + offset;
      if (received.length < length) return;
      const packet = received.subarray(0, length);
      received = received.subarray(length);
      if (started) {
        const reply = replies[String.fromCharCode(packet[0] ?? 0)];
        if (reply) socket.write(reply);
      } else if (packet.readInt32BE(4) === SSL_REQUEST) {
        socket.write('N');
      } else {
        started = true;
        socket.write(Buffer.concat([message('R', int32(0)), READY]));
      }
    }
  });
}

/** A server that says it is `version`, such as `140012`. */
export async function oldPostgres(version: string): Promise<{ url: string; close(): void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    converse(socket, version);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `postgres://someone@127.0.0.1:${(server.address() as AddressInfo).port}/companion`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
