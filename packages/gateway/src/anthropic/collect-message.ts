import { ApiError } from './errors.ts';
import type { BlockDelta, ContentBlock, Message, StreamEvent } from './stream-events.ts';

/**
 * Builds the message of a request with `stream: false` out of the same events a stream would have carried, so that both
 * forms are equally complete. Claude Code falls back to `stream: false` after a stream error, so both are used.
 */
export class CollectedMessage {
  #message: Message | null = null;
  #open: ContentBlock | null = null;
  #json = '';

  accept(event: StreamEvent): void {
    if (event.type === 'message_start') this.#message = structuredClone(event.message);
    else if (event.type === 'error') throw new ApiError(event.error.type, event.error.message);
    else if (event.type === 'content_block_start') this.#openBlock(event.content_block);
    else if (event.type === 'content_block_delta') this.#extend(event.delta);
    else if (event.type === 'content_block_stop') this.#closeBlock();
    else if (event.type === 'message_delta' && this.#message) {
      Object.assign(this.#message, event.delta, { usage: event.usage });
    }
  }

  get message(): Message {
    if (!this.#message?.stop_reason) throw new Error('The message is not finished.');
    return this.#message;
  }

  #openBlock(block: ContentBlock): void {
    this.#open = { ...block };
    this.#json = '';
    this.#message?.content.push(this.#open);
  }

  #extend(delta: BlockDelta): void {
    const block = this.#open;
    if (delta.type === 'text_delta' && block?.type === 'text') block.text += delta.text;
    else if (delta.type === 'thinking_delta' && block?.type === 'thinking') block.thinking += delta.thinking;
    else if (delta.type === 'signature_delta' && block?.type === 'thinking') block.signature += delta.signature;
    else if (delta.type === 'input_json_delta') this.#json += delta.partial_json;
  }

  #closeBlock(): void {
    if (this.#open?.type === 'tool_use' && this.#json !== '') this.#open.input = JSON.parse(this.#json);
    this.#open = null;
  }
}
