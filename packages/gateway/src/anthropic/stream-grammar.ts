/**
 * The grammar of a Messages stream, as a checker that knows nothing of the emitter:
 *
 *     stream  = message_start block* message_delta message_stop | prefix-of-that error
 *     block   = content_block_start(index = blocks so far) content_block_delta* content_block_stop(same index)
 *     ping anywhere
 *
 * Claude Code drops a whole answer and asks again when one of these rules is broken, so tests hold every stream to it.
 */
type Json = Record<string, unknown>;
type BlockType = 'text' | 'thinking' | 'redacted_thinking' | 'tool_use';

const DELTAS_OF: Record<BlockType, readonly string[]> = {
  text: ['text_delta', 'citations_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  redacted_thinking: [],
  tool_use: ['input_json_delta'],
};

const STOP_REASONS = new Set([
  'end_turn',
  'max_tokens',
  'stop_sequence',
  'tool_use',
  'pause_turn',
  'refusal',
  'model_context_window_exceeded',
]);

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

class Checker {
  readonly violations: string[] = [];
  #phase: 'before' | 'blocks' | 'delta' | 'over' = 'before';
  #blocks = 0;
  #open: { index: number; type: string; json: string; signature: string } | null = null;
  readonly #toolUseIds = new Set<string>();
  #position = 0;

  readonly #rules: Record<string, (event: Json) => void> = {
    message_start: (event) => this.#messageStart(event),
    content_block_start: (event) => this.#blockStart(event),
    content_block_delta: (event) => this.#blockDelta(event),
    content_block_stop: (event) => this.#blockStop(event),
    message_delta: (event) => this.#messageDelta(event),
    message_stop: () => {
      this.#need(this.#phase === 'delta', 'message_stop without message_delta before it');
      this.#phase = 'over';
    },
    ping: () => {},
    error: (event) => {
      const error = record(event.error);
      this.#need(typeof error.type === 'string' && typeof error.message === 'string', 'error without type and message');
      this.#phase = 'over';
    },
  };

  accept(value: unknown): void {
    const event = record(value);
    if (this.#phase === 'over') this.#report(`${String(event.type)} after the end of the stream`);
    const rule = Object.hasOwn(this.#rules, String(event.type)) ? this.#rules[String(event.type)] : undefined;
    if (rule) rule(event);
    else this.#report(`unknown event type ${JSON.stringify(event.type)}`);
    this.#position += 1;
  }

  finish(): void {
    if (this.#phase !== 'over') this.#report('the stream ended without message_stop or error');
  }

  #messageStart(event: Json): void {
    const message = record(event.message);
    this.#need(this.#phase === 'before', 'second message_start');
    this.#need(typeof message.id === 'string' && message.id !== '', 'message without id');
    this.#need(message.type === 'message' && message.role === 'assistant', 'message is not an assistant message');
    this.#need(typeof message.model === 'string', 'message without model');
    this.#need(Array.isArray(message.content) && message.content.length === 0, 'message starts with content');
    this.#need(message.stop_reason === null, 'message starts with a stop_reason');
    this.#need(isCount(record(message.usage).input_tokens), 'message without usage.input_tokens');
    this.#phase = 'blocks';
  }

  #blockStart(event: Json): void {
    const block = record(event.content_block);
    const type = String(block.type);
    this.#need(this.#phase === 'blocks', 'content block outside the message');
    this.#need(this.#open === null, 'block started while another is open');
    this.#need(event.index === this.#blocks, `block index ${String(event.index)}, expected ${this.#blocks}`);
    this.#need(Object.hasOwn(DELTAS_OF, type), `unknown block type ${type}`);
    if (type === 'text') this.#need(block.text === '', 'text block starts with text');
    if (type === 'tool_use') this.#toolUseStart(block);
    this.#open = { index: this.#blocks, type, json: '', signature: String(block.signature ?? '') };
    this.#blocks += 1;
  }

  #toolUseStart(block: Json): void {
    const id = String(block.id ?? '');
    this.#need(/^[a-zA-Z0-9_-]{1,64}$/.test(id), `tool_use id ${JSON.stringify(id)} is not well-formed`);
    this.#need(!this.#toolUseIds.has(id), `tool_use id ${id} used twice`);
    this.#need(typeof block.name === 'string' && block.name !== '', 'tool_use without name');
    this.#need(Object.keys(record(block.input)).length === 0, 'tool_use starts with input');
    this.#toolUseIds.add(id);
  }

  #blockDelta(event: Json): void {
    const delta = record(event.delta);
    const open = this.#open;
    this.#need(open !== null, 'delta without an open block');
    if (open === null) return;
    this.#need(event.index === open.index, `delta for block ${String(event.index)} while ${open.index} is open`);
    const allowed = Object.hasOwn(DELTAS_OF, open.type) ? DELTAS_OF[open.type as BlockType] : [];
    this.#need(allowed.includes(String(delta.type)), `${String(delta.type)} inside a ${open.type} block`);
    if (delta.type === 'text_delta') this.#need(typeof delta.text === 'string', 'text_delta without text');
    if (delta.type === 'thinking_delta') this.#need(typeof delta.thinking === 'string', 'thinking_delta without text');
    if (delta.type === 'input_json_delta') open.json += String(delta.partial_json);
    if (delta.type === 'signature_delta') open.signature += String(delta.signature);
  }

  #blockStop(event: Json): void {
    const open = this.#open;
    this.#open = null;
    this.#need(open !== null, 'content_block_stop without an open block');
    if (open === null) return;
    this.#need(event.index === open.index, `stop of block ${String(event.index)} while ${open.index} is open`);
    if (open.type === 'thinking') this.#need(open.signature !== '', 'thinking block without signature');
    if (open.type === 'tool_use' && open.json !== '')
      this.#need(isJsonObject(open.json), 'tool input is not an object');
  }

  #messageDelta(event: Json): void {
    const reason = record(event.delta).stop_reason;
    this.#need(this.#phase === 'blocks', 'message_delta outside the message');
    this.#need(this.#open === null, 'message_delta while a block is open');
    this.#need(STOP_REASONS.has(String(reason)), `unknown stop_reason ${JSON.stringify(reason)}`);
    this.#need(reason !== 'tool_use' || this.#toolUseIds.size > 0, 'stop_reason tool_use without a tool call');
    this.#need(reason !== 'end_turn' || this.#toolUseIds.size === 0, 'stop_reason end_turn with a tool call');
    this.#need(isCount(record(event.usage).output_tokens), 'message_delta without usage.output_tokens');
    this.#phase = 'delta';
  }

  #need(holds: boolean, otherwise: string): void {
    if (!holds) this.#report(otherwise);
  }

  #report(violation: string): void {
    this.violations.push(`event ${this.#position}: ${violation}`);
  }
}

function isJsonObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** Every way in which the events break the grammar, as sentences; empty when they are a complete and correct stream. */
export function checkStreamGrammar(events: Iterable<unknown>): string[] {
  const checker = new Checker();
  for (const event of events) checker.accept(event);
  checker.finish();
  return checker.violations;
}

/** Reads a whole response body of server-sent events. @throws Error when a frame is malformed or its two types differ. */
export function parseEventStream(body: string): Json[] {
  if (!body.endsWith('\n\n')) throw new Error('The event stream ends within a frame.');
  return body
    .slice(0, -2)
    .split('\n\n')
    .map((frame) => {
      const match = /^event: ([a-z_]+)\ndata: ([^\n]*)$/.exec(frame);
      if (!match) throw new Error(`Malformed frame: ${frame.slice(0, 200)}`);
      const event = record(JSON.parse(match[2] ?? ''));
      if (event.type !== match[1]) throw new Error(`Frame ${match[1]} carries ${String(event.type)}.`);
      return event;
    });
}
