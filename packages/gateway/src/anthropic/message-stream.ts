/**
 * Turns what a model says into stream events that always obey the grammar, in whatever order a back end speaks.
 *
 * - `message_start` goes out with the first call; a block is opened by its first non-empty piece, never before.
 * - One block is open at a time: another kind of piece closes the open one first.
 * - The triggering piece is always sent too. (Losing it at the change from text to a tool is the classic bug of
 *   translators: the tool is then called without its arguments.)
 * - After `end` or `fail` every call is a mistake of the back end and throws.
 */
import type { ApiError } from './errors.ts';
import type { ContentBlock, Message, StopReason, StreamEvent, Usage } from './stream-events.ts';
import { estimateTokens } from './token-estimate.ts';

export interface MessageStreamOptions {
  /** `msg_…`, unique. */
  id: string;
  /** The model name the caller used; it is echoed. */
  model: string;
  /** A quick guess for the first event. */
  inputTokens: number;
  /** A careful estimate, for an answer that ends without the back end's own count. @defaultValue the guess */
  estimateInput?: () => number;
  sink: (event: StreamEvent) => void;
}

export interface MessageEnding {
  /** @defaultValue what the blocks say: `tool_use` when a tool was called, else `end_turn` */
  stopReason?: StopReason;
  /** The sequence that ended the text, with `stopReason: 'stop_sequence'`. */
  stopSequence?: string;
  /** The back end's own count. @defaultValue estimates */
  usage?: Usage;
}

type OpenBlock = 'none' | 'text' | 'thinking' | 'tool_use';

export class MessageStream {
  readonly #options: MessageStreamOptions;
  #started = false;
  #ended = false;
  #open: OpenBlock = 'none';
  #index = -1;
  #calledTool = false;
  #outputTokens = 0;
  #pendingSignature = '';
  #counted: Usage | null = null;
  #events = 0;
  #blank = '';

  constructor(options: MessageStreamOptions) {
    this.#options = options;
  }

  get started(): boolean {
    return this.#started;
  }

  /** How many events went out. */
  get events(): number {
    return this.#events;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Sends `message_start`, so that the caller sees a living stream while the model is still silent. Idempotent. */
  start(): void {
    if (this.#ended) throw new Error('The message has ended; nothing can follow.');
    if (this.#started) return;
    this.#started = true;
    const { id, model } = this.#options;
    const message: Message = {
      id,
      type: 'message',
      role: 'assistant',
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: this.#usage(1),
    };
    this.#send({ type: 'message_start', message });
  }

  ping(): void {
    this.start();
    this.#send({ type: 'ping' });
  }

  text(piece: string): void {
    if (piece === '') return;
    this.#switchTo('text', { type: 'text', text: '', citations: null });
    this.#delta({ type: 'text_delta', text: piece }, piece);
  }

  /**
   * Text of a model that may begin with white space, or consist of it. A block of nothing but white space is refused by every
   * API when the conversation comes back, so it is held until something follows it in the same block.
   */
  textUnlessBlank(piece: string): void {
    if (this.#open === 'text') {
      this.text(piece);
      return;
    }
    this.#blank += piece;
    if (this.#blank.trim() === '') return;
    const text = this.#blank;
    this.#blank = '';
    this.text(text);
  }

  /** `signature` closes the block it belongs to; callers send it back with the block. It must not be empty. */
  thinking(piece: string, signature: string): void {
    if (piece === '') return;
    this.seal(signature);
    this.#delta({ type: 'thinking_delta', thinking: piece }, piece);
  }

  /**
   * Gives the open thinking block this signature; without one, opens a block that has no text. Models whose thinking is
   * omitted send such blocks too, and callers send them back, so a signature is where a back end keeps what it needs again.
   */
  seal(signature: string): void {
    this.#switchTo('thinking', { type: 'thinking', thinking: '', signature: '' });
    this.#pendingSignature = signature;
  }

  /** What follows is another block, even if it is of the same kind. */
  closeBlock(): void {
    this.#close();
  }

  /** Begins a call. Its input follows through `toolInput`, in any number of pieces of JSON; none means `{}`. */
  toolUse(id: string, name: string): void {
    this.#close();
    this.#switchTo('tool_use', { type: 'tool_use', id, name, input: {} });
    this.#calledTool = true;
  }

  toolInput(piece: string): void {
    if (this.#open !== 'tool_use') throw new Error('Tool input without an open tool call.');
    if (piece !== '') this.#delta({ type: 'input_json_delta', partial_json: piece }, piece);
  }

  end(ending: MessageEnding = {}): void {
    this.start();
    this.#close();
    this.#ended = true;
    if (ending.usage) this.#counted = ending.usage;
    const delta = { stop_reason: this.#stopReason(ending.stopReason), stop_sequence: ending.stopSequence ?? null };
    this.#send({ type: 'message_delta', delta, usage: this.usage });
    this.#send({ type: 'message_stop' });
  }

  /** Ends a started stream with an error event. Clients drop what they got and ask again without streaming. */
  fail(error: ApiError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#send(error.body);
  }

  /** What the answer cost so far: the back end's own figures once it ended with them, estimates until then. */
  get usage(): Usage {
    if (this.#counted) return this.#counted;
    const usage = this.#usage(Math.max(1, this.#outputTokens));
    return { ...usage, input_tokens: this.#options.estimateInput?.() ?? usage.input_tokens };
  }

  get usageIsEstimated(): boolean {
    return this.#counted === null;
  }

  /** Back ends say "stop" after a tool call and "tool_calls" without one; clients act on the reason, so the blocks decide. */
  #stopReason(claimed: StopReason | undefined): StopReason {
    const byBlocks = this.#calledTool ? 'tool_use' : 'end_turn';
    return claimed === undefined || claimed === 'end_turn' || claimed === 'tool_use' ? byBlocks : claimed;
  }

  #send(event: StreamEvent): void {
    this.#events += 1;
    this.#options.sink(event);
  }

  #switchTo(kind: OpenBlock, block: ContentBlock): void {
    this.start();
    if (this.#open === kind) return;
    this.#close();
    this.#blank = '';
    this.#open = kind;
    this.#index += 1;
    this.#send({ type: 'content_block_start', index: this.#index, content_block: block });
  }

  #delta(delta: Extract<StreamEvent, { type: 'content_block_delta' }>['delta'], piece: string): void {
    this.#outputTokens += estimateTokens(piece);
    this.#send({ type: 'content_block_delta', index: this.#index, delta });
  }

  #close(): void {
    if (this.#open === 'none') return;
    if (this.#open === 'thinking') {
      this.#delta({ type: 'signature_delta', signature: this.#pendingSignature }, '');
    }
    this.#open = 'none';
    this.#send({ type: 'content_block_stop', index: this.#index });
  }

  #usage(outputTokens: number): Usage {
    return {
      input_tokens: this.#options.inputTokens,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: outputTokens,
    };
  }
}
