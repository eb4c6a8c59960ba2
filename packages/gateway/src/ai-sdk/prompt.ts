/** A conversation as the prompt of a language model of the AI SDK. */
import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider';
import { cleanAnswerSchema, cleanToolSchema } from '../conversation/clean-schema.ts';
import type { AssistantPart, Conversation, Effort, Turn, UserPart } from '../conversation/conversation.ts';
import type { Json } from '../json.ts';
import { isReasoningModel } from '../models/model-limits.ts';
import type { Quirks } from '../routing/provider.ts';
import type { TranslatedWire } from './language-models.ts';

export interface ModelCall {
  wire: TranslatedWire;
  model: string;
  maxTokens: number;
  conversation: Conversation;
  quirks: Quirks;
}

type UserContent = Extract<LanguageModelV4Message, { role: 'user' }>['content'];
type AssistantContent = Extract<LanguageModelV4Message, { role: 'assistant' }>['content'];
type Schema = NonNullable<LanguageModelV4CallOptions['tools']>[number] extends infer Tool
  ? Tool extends { inputSchema: infer S }
    ? S
    : never
  : never;

/** Which formats take a medium by its address. For the others the model is told that it cannot see it. */
const TAKES_URLS: Record<TranslatedWire, boolean> = {
  google: true,
  'openai-responses': true,
  cohere: false,
  bedrock: false,
};

function mediaPart(part: Exclude<UserPart, { type: 'text' }>, wire: TranslatedWire): UserContent[number] {
  const { source, mediaType } = part;
  const filename = part.type === 'document' ? { filename: part.title } : {};
  if (source.kind === 'base64')
    return { type: 'file', mediaType, data: { type: 'data', data: source.data }, ...filename };
  if (TAKES_URLS[wire] && URL.canParse(source.url)) {
    return { type: 'file', mediaType, data: { type: 'url', url: new URL(source.url) }, ...filename };
  }
  return { type: 'text', text: `[An ${part.type} stood here by its address, which this model cannot open.]` };
}

/** Neighbouring texts become one: the Cohere package joins them without a space. */
function userContent(parts: readonly UserPart[], wire: TranslatedWire): UserContent {
  const content: UserContent = [];
  for (const part of parts) {
    const next = part.type === 'text' ? ({ type: 'text', text: part.text } as const) : mediaPart(part, wire);
    const last = content.at(-1);
    if (last?.type === 'text' && next.type === 'text') last.text += `\n\n${next.text}`;
    else content.push(next);
  }
  return content;
}

function noted(note: Json | null): { providerOptions?: SharedV4ProviderOptions } {
  return note === null ? {} : { providerOptions: note as SharedV4ProviderOptions };
}

function assistantContent(parts: readonly AssistantPart[]): AssistantContent {
  return parts.flatMap((part): AssistantContent => {
    if (part.type === 'text') return [{ type: 'text', text: part.text }];
    if (part.type === 'call') {
      return [{ type: 'tool-call', toolCallId: part.id, toolName: part.name, input: part.input, ...noted(part.note) }];
    }
    // Thoughts that the provider did not sign are not its own; it would refuse them.
    return part.note === null ? [] : [{ type: 'reasoning', text: part.text, ...noted(part.note) }];
  });
}

/** The Cohere package drops text that stands beside calls, so there it stands before them. */
function assistantMessages(parts: readonly AssistantPart[], wire: TranslatedWire): LanguageModelV4Message[] {
  const calls = parts.filter((part) => part.type === 'call');
  const said = parts.filter((part) => part.type !== 'call');
  const groups = wire === 'cohere' && calls.length > 0 ? [said, calls] : [parts];
  return groups.flatMap((group): LanguageModelV4Message[] => {
    const content = assistantContent(group);
    return content.length === 0 ? [] : [{ role: 'assistant', content }];
  });
}

function message(turn: Turn, wire: TranslatedWire): LanguageModelV4Message[] {
  if (turn.role === 'system') return [{ role: 'system', content: turn.text }];
  if (turn.role === 'user') return [{ role: 'user', content: userContent(turn.parts, wire) }];
  if (turn.role === 'assistant') return assistantMessages(turn.parts, wire);
  const content = turn.outcomes.map(({ callId, name, text, isError }) => ({
    type: 'tool-result' as const,
    toolCallId: callId,
    toolName: name,
    output: { type: isError ? ('error-text' as const) : ('text' as const), value: text },
  }));
  return [{ role: 'tool', content }];
}

function prompt({ conversation, wire }: ModelCall): LanguageModelV4Prompt {
  const system: LanguageModelV4Message[] =
    conversation.system === '' ? [] : [{ role: 'system', content: conversation.system }];
  return [...system, ...conversation.turns.flatMap((turn) => message(turn, wire))];
}

const EFFORT: Readonly<Record<Effort, 'low' | 'medium' | 'high'>> = {
  low: 'low',
  medium: 'medium',
  high: 'high',
  max: 'high',
};

/** What only one provider knows. */
const PROVIDER_OPTIONS: Record<TranslatedWire, (call: ModelCall) => SharedV4ProviderOptions> = {
  google: ({ conversation }) => ({
    google: conversation.effort === null ? {} : { thinkingConfig: { includeThoughts: true } },
  }),
  // Nothing of a conversation stays at OpenAI; what it has to know again comes back with the conversation.
  'openai-responses': ({ conversation, model }) => ({
    openai: {
      store: false,
      parallelToolCalls: conversation.parallelTools,
      ...(conversation.effort !== null && isReasoningModel(model) ? { reasoningSummary: 'auto' } : {}),
      strictJsonSchema: false,
    },
  }),
  cohere: () => ({}),
  bedrock: () => ({}),
};

const TAKES_EFFORT: Record<TranslatedWire, boolean> = {
  google: true,
  'openai-responses': true,
  cohere: false,
  // There it costs a budget that many models of Bedrock do not have.
  bedrock: false,
};

function tools({ conversation, quirks }: ModelCall): Partial<LanguageModelV4CallOptions> {
  if (conversation.tools.length === 0) return {};
  const { toolChoice } = conversation;
  const kinds = { auto: { type: 'auto' }, any: { type: 'required' } } as const;
  return {
    tools: conversation.tools.map(({ name, description, schema }) => ({
      type: 'function',
      name,
      ...(description === '' ? {} : { description }),
      inputSchema: cleanToolSchema(schema, quirks.schema) as Schema,
    })),
    toolChoice: toolChoice.kind === 'tool' ? { type: 'tool', toolName: toolChoice.name } : kinds[toolChoice.kind],
  };
}

export function callOptions(call: ModelCall): Omit<LanguageModelV4CallOptions, 'abortSignal'> {
  const { conversation, model, wire, quirks } = call;
  const { temperature, topP, topK, effort, outputSchema } = conversation;
  const reasons = wire === 'openai-responses' && isReasoningModel(model);
  const schema = outputSchema && (cleanAnswerSchema(outputSchema, quirks.schema) as Schema);
  return {
    prompt: prompt(call),
    maxOutputTokens: call.maxTokens,
    ...(temperature === undefined || reasons ? {} : { temperature }),
    ...(topP === undefined || reasons ? {} : { topP }),
    ...(topK === undefined || wire === 'openai-responses' ? {} : { topK }),
    ...(effort !== null && TAKES_EFFORT[wire] ? { reasoning: EFFORT[effort] } : {}),
    ...(schema ? { responseFormat: { type: 'json', schema, name: 'answer' } } : {}),
    ...tools(call),
    providerOptions: PROVIDER_OPTIONS[wire](call),
  };
}
