import type { InboundMessage, OutboundMessage } from './message.ts';
import { type Middleware, type ProcessingContext, ProcessingStatus } from './middleware.ts';
import { type SendResult, sendFailure } from './send-result.ts';

/** What the bus needs of an adapter; `SmsAdapter` is one. */
export interface ChannelAdapter {
  handleOutbound(message: OutboundMessage): Promise<SendResult>;
}

/** Takes one inbound message. What it throws keeps the message from being taken for handled. */
export type InboundHandler = (message: InboundMessage) => void | Promise<void>;

/**
 * Takes messages through middleware to their handlers, and replies through middleware to their channel. Middleware runs in
 * the order it was added, in both directions.
 */
export class MessageBus {
  readonly #adapters = new Map<string, ChannelAdapter>();
  readonly #middleware: Middleware[] = [];
  readonly #handlers: InboundHandler[] = [];
  readonly #keywordHandlers: InboundHandler[] = [];

  /** @throws when the channel id is already taken. */
  registerAdapter(channelId: string, adapter: ChannelAdapter): void {
    if (this.#adapters.has(channelId)) throw new Error(`Channel ${JSON.stringify(channelId)} already has an adapter.`);
    this.#adapters.set(channelId, adapter);
  }

  getAdapter(channelId: string): ChannelAdapter | undefined {
    return this.#adapters.get(channelId);
  }

  addMiddleware(middleware: Middleware): void {
    this.#middleware.push(middleware);
  }

  /** Called with every inbound message that passed the middleware and is no word of the carrier. */
  addInboundHandler(handler: InboundHandler): void {
    this.#handlers.push(handler);
  }

  /** Called with the carrier's words: somebody opted out or in, or asked for help. The carrier answers them itself. */
  addKeywordHandler(handler: InboundHandler): void {
    this.#keywordHandlers.push(handler);
  }

  /**
   * Takes a message through middleware and handlers, one after the other. The context's status is `continue` when nothing
   * stopped it. A word of the carrier goes to the keyword handlers only, past all middleware, and ends in `reject`: whoever
   * asked for no more texts must get no reply.
   *
   * @throws what a middleware or handler throws: the message was not handled, so do not confirm it to the carrier.
   */
  async processInbound(message: InboundMessage): Promise<ProcessingContext> {
    if (message.keyword) {
      for (const handler of this.#keywordHandlers) await handler(message);
      return {
        ...newContext(),
        status: ProcessingStatus.REJECT,
        error: `The carrier answers this: ${message.keyword}`,
      };
    }
    const context = await this.#through((middleware, before) => middleware.processInbound(message, before));
    if (context.status === ProcessingStatus.REJECT) return context;
    for (const handler of this.#handlers) await handler(message);
    return context;
  }

  /**
   * Sends a message through middleware to its channel. A message that a middleware stopped ends in REJECTED.
   *
   * @throws when no adapter has the channel id.
   */
  async sendOutbound(message: OutboundMessage): Promise<SendResult> {
    const adapter = this.#adapters.get(message.channelId);
    if (!adapter) {
      throw new Error(
        `No adapter is registered for channel ${JSON.stringify(message.channelId)}. Call registerAdapter first.`,
      );
    }
    const context = await this.#through((middleware, before) => middleware.processOutbound(message, before));
    if (context.status === ProcessingStatus.REJECT) {
      return sendFailure('REJECTED', context.error ?? 'A middleware stopped the message.');
    }
    return adapter.handleOutbound(message);
  }

  async #through(
    step: (middleware: Middleware, context: ProcessingContext) => Promise<ProcessingContext>,
  ): Promise<ProcessingContext> {
    let context = newContext();
    for (const middleware of this.#middleware) {
      context = await step(middleware, context);
      if (context.status === ProcessingStatus.REJECT) break;
    }
    return context;
  }
}

function newContext(): ProcessingContext {
  return { status: ProcessingStatus.CONTINUE, metadata: new Map() };
}
