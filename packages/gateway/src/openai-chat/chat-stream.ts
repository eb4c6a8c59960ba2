/** Reads the chunks of a chat completion, in all the dialects of the providers that speak it, into a message. */
import type { MessageStream } from '../anthropic/message-stream.ts';
import { sealNote } from '../anthropic/own-signature.ts';
import type { StopReason, Usage } from '../anthropic/stream-events.ts';
import { ToolCallQueue } from '../anthropic/tool-call-queue.ts';
import { StopSequences } from '../conversation/stop-sequences.ts';
import type { ToolNames } from '../conversation/tool-names.ts';
import { countOf, isObject, type Json, listOf, objectOf, textOr } from '../json.ts';
import { ThinkTags } from './think-tags.ts';

export interface ChatStreamOptions {
  stream: MessageStream;
  provider: string;
  names: ToolNames;
  ids: () => string;
  stopSequences: readonly string[];
}

/** How an answer ended, or that it has not. */
export type ChatEnd = 'open' | 'finished' | 'stop-sequence';

const REASONS: Readonly<Record<string, StopReason>> = {
  stop: 'end_turn',
  eos: 'end_turn',
  end_turn: 'end_turn',
  length: 'max_tokens',
  max_tokens: 'max_tokens',
  model_length: 'max_tokens',
  tool_calls: 'tool_use',
  function_call: 'tool_use',
  content_filter: 'refusal',
  safety: 'refusal',
  recitation: 'refusal',
};

/** A provider's count in Anthropic's terms: tokens read from a cache are counted beside the input, not within it. */
function usageFrom(usage: Json): Usage | null {
  const prompt = countOf(usage.prompt_tokens);
  const output = countOf(usage.completion_tokens);
  if (prompt === undefined || output === undefined) return null;
  const details = objectOf(usage.prompt_tokens_details);
  const cached = countOf(details.cached_tokens) ?? countOf(usage.prompt_cache_hit_tokens) ?? 0;
  const written = countOf(details.cache_write_tokens) ?? countOf(details.cache_creation_tokens) ?? 0;
  return {
    input_tokens: Math.max(0, Math.round(prompt - cached - written)),
    cache_creation_input_tokens: Math.round(written),
    cache_read_input_tokens: Math.round(cached),
    output_tokens: Math.round(output),
  };
}

/** Thoughts come as `reasoning_content`, as `reasoning`, or as parts of the content. */
function thoughtOf(delta: Json): string {
  for (const field of [delta.reasoning_content, delta.reasoning, delta.thinking]) {
    if (typeof field === 'string' && field !== '') return field;
  }
  return listOf(delta.reasoning_details)
    .map((detail) => textOr(objectOf(detail).text, textOr(objectOf(detail).summary, '')))
    .join('');
}

export class ChatStream {
  readonly #options: ChatStreamOptions;
  readonly #tags = new ThinkTags();
  readonly #stops: StopSequences;
  readonly #calls: ToolCallQueue;
  readonly #signature: string;
  #usage: Usage | null = null;
  #finish: string | null = null;
  #done = false;
  #stopSequence: string | null = null;
  #saidAnything = false;
  /** Some servers give every call the index 0 and only the id changes; some give no index at all. */
  #keys = new Map<string, string>();
  #lastKey = '';
  #callCount = 0;
  /** OpenRouter's thoughts, signed or encrypted, which go back as they came. */
  readonly #details: unknown[] = [];

  constructor(options: ChatStreamOptions) {
    this.#options = options;
    this.#stops = new StopSequences(options.stopSequences);
    this.#signature = sealNote({ provider: options.provider });
    const { stream, provider, ids, names } = options;
    this.#calls = new ToolCallQueue({ stream, provider, ids, nameOf: (name) => names.toCaller(name) });
  }

  /** `stop-sequence`: enough, the rest is not wanted. */
  get state(): ChatEnd {
    if (this.#stopSequence !== null) return 'stop-sequence';
    return this.#finish !== null || (this.#done && this.#saidAnything) ? 'finished' : 'open';
  }

  /** The `[DONE]` that closes a stream. */
  done(): void {
    this.#done = true;
  }

  /** One parsed chunk, or a whole completion from a server that does not stream. */
  chunk(chunk: Json): void {
    const usage = chunk.usage ?? objectOf(chunk.x_groq).usage;
    if (isObject(usage)) this.#usage = usageFrom(usage) ?? this.#usage;
    const choice = listOf(chunk.choices).find((each) => isObject(each) && (each.index ?? 0) === 0);
    if (!isObject(choice) || this.#stopSequence !== null) return;
    if (isObject(choice.usage)) this.#usage = usageFrom(choice.usage) ?? this.#usage;
    this.#delta(objectOf(choice.delta ?? choice.message));
    if (typeof choice.finish_reason === 'string' && choice.finish_reason !== '') {
      this.#finish = choice.finish_reason.toLowerCase();
      // vLLM names the sequence it stopped at.
      if (typeof choice.stop_reason === 'string' && this.#options.stopSequences.includes(choice.stop_reason)) {
        this.#stopSequence = choice.stop_reason;
      }
    }
  }

  /** Closes the message. Only when `state` is not `open`. */
  end(): void {
    this.#sayPieces(this.#tags.flush());
    if (this.#stopSequence === null) this.#text(this.#stops.flush());
    this.#calls.flush();
    this.#sealDetails();
    const stopReason = this.#stopSequence === null ? REASONS[this.#finish ?? 'stop'] : 'stop_sequence';
    this.#options.stream.end({
      ...(stopReason ? { stopReason } : {}),
      ...(this.#stopSequence === null ? {} : { stopSequence: this.#stopSequence }),
      ...(this.#usage ? { usage: this.#usage } : {}),
    });
  }

  #delta(delta: Json): void {
    this.#details.push(...listOf(delta.reasoning_details));
    this.#thinking(thoughtOf(delta));
    this.#content(delta.content);
    if (typeof delta.refusal === 'string') this.#say(delta.refusal);
    for (const call of listOf(delta.tool_calls)) if (isObject(call)) this.#call(call);
    if (isObject(delta.function_call)) this.#call({ index: 0, function: delta.function_call });
  }

  #content(content: unknown): void {
    if (typeof content === 'string') this.#sayPieces(this.#tags.accept(content));
    for (const part of listOf(content).filter(isObject)) {
      if (part.type === 'thinking') {
        const thoughts = typeof part.thinking === 'string' ? [part.thinking] : listOf(part.thinking);
        for (const thought of thoughts) this.#thinking(textOr(isObject(thought) ? thought.text : thought, ''));
      } else this.#say(textOr(part.text, ''));
    }
  }

  #sayPieces(pieces: readonly { kind: 'text' | 'thinking'; text: string }[]): void {
    for (const { kind, text } of pieces) {
      if (kind === 'text') this.#say(text);
      else this.#thinking(text);
    }
  }

  #thinking(text: string): void {
    if (text === '') return;
    this.#saidAnything = true;
    this.#calls.flush();
    this.#options.stream.thinking(text, this.#signature);
  }

  #say(piece: string): void {
    if (piece === '' || this.#stopSequence !== null) return;
    const { text, found } = this.#stops.accept(piece);
    this.#text(text);
    if (found !== null) this.#stopSequence = found;
  }

  #text(text: string): void {
    if (text === '') return;
    this.#saidAnything = true;
    // White space between calls is no text.
    if (!this.#calls.isEmpty && text.trim() === '') return;
    this.#calls.flush();
    this.#sealDetails();
    this.#options.stream.textUnlessBlank(text);
  }

  #sealDetails(): void {
    if (this.#details.length === 0) return;
    const details = this.#details.splice(0);
    this.#options.stream.seal(sealNote({ provider: this.#options.provider, thinking: { details } }));
    this.#options.stream.closeBlock();
  }

  #call(call: Json): void {
    const about = objectOf(call.function);
    const name = textOr(about.name, '');
    const id = textOr(call.id, '');
    const key = this.#keyOf(call.index, id, name !== '');
    this.#saidAnything = true;
    this.#text(this.#stops.flush());
    this.#sealDetails();
    const input = isObject(about.arguments) ? JSON.stringify(about.arguments) : textOr(about.arguments, '');
    const note = isObject(call.extra_content) ? call.extra_content : undefined;
    this.#calls.accept({ key, id, name, input, note });
  }

  /** A new id under a known index is a new call; a name under no index is one, too. */
  #keyOf(index: unknown, id: string, hasName: boolean): string {
    const place = typeof index === 'number' ? `#${index}` : '';
    const known = place === '' ? this.#lastKey : (this.#keys.get(place) ?? '');
    const [, knownId = ''] = known.split('\n');
    const isNew = known === '' || (id !== '' && knownId !== '' && id !== knownId) || (place === '' && hasName);
    if (!isNew) return known;
    this.#callCount += 1;
    const key = `${this.#callCount}\n${id}`;
    this.#keys.set(place, key);
    this.#lastKey = key;
    return key;
  }
}
