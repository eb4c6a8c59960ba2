import { ApiError, errorTypeOf } from '../anthropic/errors.ts';
import type { MessagesRequest } from '../anthropic/messages-request.ts';
import type { Exchange } from '../backend.ts';
import type { GatewayClock } from '../clock.ts';
import { PING_EVERY_MS } from '../keep-alive.ts';
import { playAct } from './act.ts';
import { readConversation } from './conversation.ts';
import { pieces } from './pieces.ts';
import { repeatLostCalls } from './repeat-lost-calls.ts';
import type { Ids, Reply } from './reply.ts';
import { findScript, playScript } from './script-engine.ts';
import { sideReply } from './side-requests.ts';

export interface DemoModelOptions {
  clock: GatewayClock;
  ids: Ids;
  /** Milliseconds between the pieces of a streamed answer; 0 sends them at once. */
  paceMs: number;
}

type DemoExchange = Pick<Exchange, 'request' | 'stream' | 'signal'>;

/** Real models sign their thinking. This says whose it is, so that it is never sent to a real model as its own. */
const DEMO_SIGNATURE = 'Y2xhdWRlLWNvbXBhbmlvbi1kZW1vLW1vZGVs';

/** What the demo model answers. Pure but for the ids. @throws ApiError when the prompt brings a malformed script. */
export function decide(request: MessagesRequest, ids: Ids): Reply {
  const conversation = readConversation(request.messages);
  const early = sideReply(request, conversation) ?? repeatLostCalls(conversation, ids);
  if (early) return early;
  const script = findScript(conversation);
  return script ? playScript(script, conversation, ids) : playAct(conversation, request, ids);
}

/**
 * A scripted model that keeps nothing between requests: everything it needs to know is in the conversation. It answers
 * for every model name.
 */
export class DemoModel {
  readonly #options: DemoModelOptions;

  constructor(options: DemoModelOptions) {
    this.#options = options;
  }

  /** @throws ApiError when the script says so, or is malformed. */
  async answer(exchange: DemoExchange): Promise<void> {
    const reply = decide(exchange.request, this.#options.ids);
    if (reply.kind === 'failure') await this.#fail(reply, exchange.signal);
    else await this.#play(reply, exchange);
  }

  async #fail(reply: Extract<Reply, { kind: 'failure' }>, signal: AbortSignal): Promise<never> {
    if (reply.delayMs > 0) await this.#options.clock.sleep(reply.delayMs, signal);
    const headers: Record<string, string> =
      reply.retryAfterSeconds === null ? {} : { 'retry-after': String(reply.retryAfterSeconds) };
    throw new ApiError(errorTypeOf(reply.status), reply.message, { status: reply.status, headers });
  }

  async #play(reply: Extract<Reply, { kind: 'message' }>, exchange: DemoExchange): Promise<void> {
    const { stream } = exchange;
    stream.start();
    await this.#wait(reply.delayMs, exchange);
    await this.#stream(reply.thinking ?? '', exchange, (piece) => stream.thinking(piece, DEMO_SIGNATURE));
    await this.#stream(reply.text ?? '', exchange, (piece) => stream.text(piece));
    for (const call of reply.calls) {
      stream.toolUse(call.id, call.name);
      await this.#stream(JSON.stringify(call.input), exchange, (piece) => stream.toolInput(piece));
    }
    stream.end();
  }

  async #stream(text: string, exchange: DemoExchange, send: (piece: string) => void): Promise<void> {
    const paceMs = exchange.request.stream ? this.#options.paceMs : 0;
    for (const piece of pieces(text)) {
      send(piece);
      if (paceMs > 0) await this.#options.clock.sleep(paceMs, exchange.signal);
    }
  }

  async #wait(ms: number, { stream, signal }: DemoExchange): Promise<void> {
    let left = ms;
    while (left > 0) {
      const part = Math.min(left, PING_EVERY_MS);
      await this.#options.clock.sleep(part, signal);
      left -= part;
      if (left > 0) stream.ping();
    }
  }
}
