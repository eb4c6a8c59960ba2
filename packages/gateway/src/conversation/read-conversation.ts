import { ApiError } from '../anthropic/errors.ts';
import { openNote } from '../anthropic/own-signature.ts';
import { countOf, isObject, type Json, listOf, objectOf, textOr } from '../json.ts';
import type { Quirks } from '../routing/provider.ts';
import { type MediaSupport, readToolResult, readUserContent } from './content.ts';
import type { AssistantPart, Conversation, Effort } from './conversation.ts';
import { readToolChoice, readTools } from './tool-definitions.ts';
import type { ToolNames } from './tool-names.ts';
import { TurnBuilder } from './turn-builder.ts';

export interface ConversationReader {
  provider: string;
  quirks: Quirks;
  names: ToolNames;
}

/** Claude Code accounts for itself in the first block of its system text. It changes with every request. */
const BILLING_HEADER = /^\s*x-anthropic-billing-header:/;

function textsOf(content: unknown): string[] {
  if (typeof content === 'string') return content.trim() === '' ? [] : [content];
  return listOf(content).flatMap((block) => (isObject(block) ? textsOf(block.text) : []));
}

function readSystem(body: Json): string {
  return textsOf(body.system)
    .filter((text) => !BILLING_HEADER.test(text))
    .join('\n\n');
}

function reminder(text: string): string {
  return text.startsWith('<system-reminder>') ? text : `<system-reminder>\n${text}\n</system-reminder>`;
}

class AssistantReader {
  readonly #reader: ConversationReader;
  /** What the provider wanted to see again with its calls. */
  readonly #callNotes: Record<string, Json> = {};

  constructor(reader: ConversationReader) {
    this.#reader = reader;
  }

  read(content: unknown): AssistantPart[] {
    if (typeof content === 'string') return this.#text(content);
    return listOf(content).flatMap((block) => (isObject(block) ? this.#block(block) : []));
  }

  #text(text: string): AssistantPart[] {
    return text.trim() === '' ? [] : [{ type: 'text', text }];
  }

  #block(block: Json): AssistantPart[] {
    if (block.type === 'text') return this.#text(textOr(block.text, ''));
    if (block.type === 'thinking') return this.#thinking(block);
    if (block.type !== 'tool_use') return [];
    const id = textOr(block.id, '');
    const name = this.#reader.names.toProvider(textOr(block.name, ''));
    return [{ type: 'call', id, name, input: objectOf(block.input), note: this.#callNotes[id] ?? null }];
  }

  #thinking(block: Json): AssistantPart[] {
    const note = openNote(block.signature, this.#reader.provider);
    Object.assign(this.#callNotes, note?.calls);
    const text = textOr(block.thinking, '');
    return text.trim() === '' && !note?.thinking ? [] : [{ type: 'thinking', text, note: note?.thinking ?? null }];
  }
}

function readTurns(body: Json, reader: ConversationReader) {
  const support: MediaSupport = reader.quirks;
  const builder = new TurnBuilder();
  const assistant = new AssistantReader(reader);
  for (const message of listOf(body.messages).filter(isObject)) {
    if (message.role === 'assistant') builder.assistant(assistant.read(message.content));
    else if (message.role === 'system') {
      const text = textsOf(message.content).join('\n\n');
      if (text === '') continue;
      if (reader.quirks.systemMessages === 'anywhere') builder.system(text);
      else builder.user([{ type: 'text', text: reminder(text) }]);
    } else if (Array.isArray(message.content)) {
      for (const block of message.content.filter(isObject)) {
        if (block.type !== 'tool_result') builder.user(readUserContent([block], support));
        else {
          const isError = block.is_error === true;
          builder.outcome(textOr(block.tool_use_id, ''), { ...readToolResult(block.content, support), isError });
        }
      }
    } else builder.user(readUserContent(message.content, support));
  }
  const turns = builder.finish();
  if (turns.length === 0)
    throw new ApiError('invalid_request_error', 'messages: at least one message must not be blank');
  return turns;
}

const EFFORTS: Readonly<Record<string, Effort>> = {
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'max',
  max: 'max',
};

function readEffort(body: Json): Effort | null {
  const { type } = objectOf(body.thinking);
  if (type === 'disabled') return null;
  const wanted = EFFORTS[textOr(objectOf(body.output_config).effort, '')];
  return wanted ?? (type === 'enabled' || type === 'adaptive' ? 'medium' : null);
}

function readOutputSchema(body: Json): Json | null {
  const format = objectOf(objectOf(body.output_config).format ?? body.output_format);
  return isObject(format.schema) ? format.schema : null;
}

/** @throws ApiError when nothing is left that another provider could answer. */
export function readConversation(body: Json, reader: ConversationReader): Conversation {
  return {
    system: readSystem(body),
    turns: readTurns(body, reader),
    tools: readTools(body, reader.names),
    toolChoice: readToolChoice(body, reader.names),
    parallelTools: objectOf(body.tool_choice).disable_parallel_tool_use !== true,
    maxTokens: countOf(body.max_tokens),
    temperature: countOf(body.temperature),
    topP: countOf(body.top_p),
    topK: countOf(body.top_k),
    stopSequences: listOf(body.stop_sequences).filter(
      (stop): stop is string => typeof stop === 'string' && stop !== '',
    ),
    effort: readEffort(body),
    outputSchema: readOutputSchema(body),
  };
}
