import type { MessageStream } from './anthropic/message-stream.ts';
import type { GatewayClock } from './clock.ts';

/** Anthropic's own rhythm. Clients and proxies take a longer silence for a dead connection. */
export const PING_EVERY_MS = 15_000;

/** The reason with which waiting for the next ping ends. */
export const OVER = new Error('The answer is over.');

/**
 * Pings while the back end is silent. The first one also begins the message, after which a refusal can only be an error event;
 * providers refuse within seconds, so nothing is lost.
 */
export async function keepAlive(stream: MessageStream, clock: GatewayClock, signal: AbortSignal): Promise<void> {
  let seen = stream.events;
  try {
    for (;;) {
      await clock.sleep(PING_EVERY_MS, signal);
      if (stream.ended) return;
      if (stream.events === seen) stream.ping();
      seen = stream.events;
    }
  } catch {
    // The answer is over.
  }
}
