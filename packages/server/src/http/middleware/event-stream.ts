/** Server-sent events with backpressure: a reader that does not read is not written to, and costs one pending write. */
import { once } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FollowItem } from '../../operations/follow-session.ts';

export interface StreamItem {
  event: string;
  id?: string;
  data: unknown;
}

const HEARTBEAT_MS = 15_000;

/** A piece of a session's log as a browser's EventSource gets it; its id is what the browser resumes with. */
export function streamItem(item: FollowItem): StreamItem {
  if (item.kind === 'delta') return { event: 'delta', data: item.delta };
  const id = `${item.cursor.epoch}:${item.cursor.seq}`;
  return item.kind === 'gap' ? { event: 'gap', id, data: item.cursor } : { event: 'event', id, data: item.event };
}

/** Writes items until the source ends or the client goes away. `source` gets a signal that aborts with the client. */
export async function sendEventStream(
  exchange: { request: FastifyRequest; reply: FastifyReply },
  source: (signal: AbortSignal) => AsyncIterable<StreamItem>,
): Promise<void> {
  const { raw } = exchange.reply;
  const gone = new AbortController();
  raw.on('close', () => gone.abort());
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.write(': hello\n\n');
  const heartbeat = setInterval(() => {
    if (!raw.writableNeedDrain) raw.write(': still here\n\n');
  }, HEARTBEAT_MS);
  try {
    for await (const item of source(gone.signal)) {
      const id = item.id === undefined ? '' : `id: ${item.id}\n`;
      if (!raw.write(`${id}event: ${item.event}\ndata: ${JSON.stringify(item.data)}\n\n`)) {
        await once(raw, 'drain', { signal: gone.signal });
      }
    }
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    clearInterval(heartbeat);
    raw.end();
  }
}
