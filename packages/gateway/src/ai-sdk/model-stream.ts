/** Reads the parts that a language model of the AI SDK streams into a message. */
import type { LanguageModelV4StreamPart, LanguageModelV4Usage, SharedV4ProviderMetadata } from '@ai-sdk/provider';
import type { MessageStream } from '../anthropic/message-stream.ts';
import { sealNote } from '../anthropic/own-signature.ts';
import type { StopReason, Usage } from '../anthropic/stream-events.ts';
import { ToolCallQueue } from '../anthropic/tool-call-queue.ts';
import { StopSequences } from '../conversation/stop-sequences.ts';
import type { ToolNames } from '../conversation/tool-names.ts';
import { isObject, type Json } from '../json.ts';

export interface ModelStreamOptions {
  stream: MessageStream;
  provider: string;
  names: ToolNames;
  ids: () => string;
  stopSequences: readonly string[];
}

type Finish = Extract<LanguageModelV4StreamPart, { type: 'finish' }>;

const REASONS: Record<Finish['finishReason']['unified'], StopReason | 'broken'> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  other: 'end_turn',
  error: 'broken',
  interrupted: 'broken',
};

function usageFrom({ inputTokens, outputTokens }: LanguageModelV4Usage): Usage | null {
  if (inputTokens.total === undefined && inputTokens.noCache === undefined) return null;
  const read = inputTokens.cacheRead ?? 0;
  const written = inputTokens.cacheWrite ?? 0;
  return {
    input_tokens: inputTokens.noCache ?? Math.max(0, (inputTokens.total ?? 0) - read - written),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    output_tokens: outputTokens.total ?? 0,
  };
}

/** Metadata that only names an item at the provider is worth nothing: nothing is stored there. */
function worthKeeping(value: unknown): boolean {
  if (!isObject(value)) return false;
  return Object.entries(value).some(([name, part]) => {
    if (isObject(part)) return worthKeeping(part);
    return typeof part === 'string' && part !== '' && name !== 'itemId' && name !== 'phase' && name !== 'namespace';
  });
}

function noteOf(metadata: SharedV4ProviderMetadata | undefined): Json | undefined {
  return worthKeeping(metadata) ? (metadata as Json) : undefined;
}

export class ModelStream {
  readonly #options: ModelStreamOptions;
  readonly #stops: StopSequences;
  readonly #calls: ToolCallQueue;
  readonly #seen = new Set<string>();
  #thinkingNote: Json | undefined;
  #finish: Finish | null = null;
  #stopSequence: string | null = null;

  constructor(options: ModelStreamOptions) {
    this.#options = options;
    this.#stops = new StopSequences(options.stopSequences);
    const { stream, provider, ids, names } = options;
    this.#calls = new ToolCallQueue({ stream, provider, ids, nameOf: (name) => names.toCaller(name) });
  }

  /** Enough: the rest is not wanted. */
  get stopped(): boolean {
    return this.#stopSequence !== null;
  }

  /** Whether the provider brought its answer to an end. */
  get complete(): boolean {
    return this.stopped || (this.#finish !== null && REASONS[this.#finish.finishReason.unified] !== 'broken');
  }

  readonly #readers: {
    [Type in LanguageModelV4StreamPart['type']]?: (part: Extract<LanguageModelV4StreamPart, { type: Type }>) => void;
  } = {
    'text-delta': ({ delta }) => this.#say(delta),
    'reasoning-start': ({ providerMetadata }) => {
      this.#options.stream.closeBlock();
      this.#thinkingNote = noteOf(providerMetadata);
    },
    'reasoning-delta': ({ delta, providerMetadata }) => {
      this.#thinkingNote = noteOf(providerMetadata) ?? this.#thinkingNote;
      this.#calls.flush();
      this.#options.stream.thinking(delta, this.#signature());
    },
    'reasoning-end': ({ providerMetadata }) => {
      this.#thinkingNote = noteOf(providerMetadata) ?? this.#thinkingNote;
      if (!this.#thinkingNote) return;
      this.#calls.flush();
      this.#options.stream.seal(this.#signature());
      this.#options.stream.closeBlock();
    },
    'tool-input-start': (part) => {
      if (part.providerExecuted) return;
      this.#say(this.#stops.flush());
      this.#seen.add(part.id);
      this.#calls.accept({ key: part.id, id: part.id, name: part.toolName, note: noteOf(part.providerMetadata) });
    },
    'tool-input-delta': ({ id, delta }) => {
      if (this.#seen.has(id)) this.#calls.accept({ key: id, input: delta });
    },
    'tool-call': (part) => {
      if (part.providerExecuted) return;
      this.#say(this.#stops.flush());
      const { toolCallId: key, toolName: name, input, providerMetadata } = part;
      if (!this.#seen.has(key)) this.#calls.accept({ key, id: key, name, input, note: noteOf(providerMetadata) });
      else if (this.#calls.inputOf(key) === '') this.#calls.accept({ key, input });
      this.#calls.complete(key);
    },
    finish: (part) => {
      this.#finish = part;
    },
  };

  accept(part: LanguageModelV4StreamPart): void {
    if (this.stopped) return;
    const read = this.#readers[part.type] as ((part: LanguageModelV4StreamPart) => void) | undefined;
    read?.(part);
  }

  /** Closes the message. Only when `complete`. */
  end(): void {
    if (this.#stopSequence === null) this.#text(this.#stops.flush());
    this.#calls.flush();
    const reason = this.#finish ? REASONS[this.#finish.finishReason.unified] : 'end_turn';
    const usage = this.#finish ? usageFrom(this.#finish.usage) : null;
    this.#options.stream.end({
      ...(this.#stopSequence === null ? {} : { stopReason: 'stop_sequence', stopSequence: this.#stopSequence }),
      ...(this.#stopSequence === null && reason !== 'broken' ? { stopReason: reason } : {}),
      ...(usage ? { usage } : {}),
    });
  }

  #signature(): string {
    const { provider } = this.#options;
    return sealNote({ provider, ...(this.#thinkingNote ? { thinking: this.#thinkingNote } : {}) });
  }

  #say(piece: string): void {
    const { text, found } = this.#stops.accept(piece);
    this.#text(text);
    if (found !== null) this.#stopSequence = found;
  }

  #text(text: string): void {
    if (text === '' || (!this.#calls.isEmpty && text.trim() === '')) return;
    this.#calls.flush();
    this.#options.stream.textUnlessBlank(text);
  }
}
