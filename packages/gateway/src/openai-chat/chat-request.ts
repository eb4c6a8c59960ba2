/** The body of a request to a chat endpoint. */
import { cleanAnswerSchema, cleanToolSchema } from '../conversation/clean-schema.ts';
import type { Conversation, Effort } from '../conversation/conversation.ts';
import type { Json } from '../json.ts';
import { isReasoningModel } from '../models/model-limits.ts';
import type { Quirks } from '../routing/provider.ts';
import { chatMessages } from './messages.ts';

export interface ChatRequest {
  /** As the provider names it. */
  model: string;
  maxTokens: number;
  conversation: Conversation;
  quirks: Quirks;
}

const EFFORT_WORDS: Readonly<Record<Effort, string>> = { low: 'low', medium: 'medium', high: 'high', max: 'high' };

function tools({ conversation, quirks }: ChatRequest): Json {
  if (conversation.tools.length === 0) return {};
  const choices = { auto: 'auto', any: 'required' } as const;
  const { toolChoice } = conversation;
  const choice =
    toolChoice.kind === 'tool' ? { type: 'function', function: { name: toolChoice.name } } : choices[toolChoice.kind];
  return {
    tools: conversation.tools.map(({ name, description, schema }) => ({
      type: 'function',
      function: {
        name,
        ...(description === '' ? {} : { description }),
        parameters: cleanToolSchema(schema, quirks.schema),
      },
    })),
    tool_choice: choice,
    ...(quirks.parallelToolCalls && !conversation.parallelTools ? { parallel_tool_calls: false } : {}),
  };
}

function maxTokens({ model, maxTokens: limit, quirks }: ChatRequest): Json {
  const newer =
    quirks.maxTokensField === 'max_completion_tokens' ||
    (quirks.maxTokensField === 'by-model' && isReasoningModel(model));
  return newer ? { max_completion_tokens: limit } : { max_tokens: limit };
}

function effort({ model, conversation, quirks }: ChatRequest): Json {
  if (conversation.effort === null || quirks.effort === 'none') return {};
  const word = EFFORT_WORDS[conversation.effort];
  if (quirks.effort === 'reasoning-object') return { reasoning: { effort: word } };
  return isReasoningModel(model) ? { reasoning_effort: word } : {};
}

function sampling({ model, conversation: { temperature, topP }, quirks }: ChatRequest): Json {
  // OpenAI's reasoning models refuse every value but the default.
  if (quirks.effort === 'by-model' && isReasoningModel(model)) return {};
  return { ...(temperature === undefined ? {} : { temperature }), ...(topP === undefined ? {} : { top_p: topP }) };
}

type Structured = Record<Quirks['structured'], (schema: Json) => Json>;

const STRUCTURED: Structured = {
  json_schema: (schema) => ({
    response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
  }),
  json_object: () => ({ response_format: { type: 'json_object' } }),
  prompt: () => ({}),
};

/** Where the schema cannot be handed over, the model is told about it. */
function withSchemaInWords(conversation: Conversation): Conversation {
  if (!conversation.outputSchema) return conversation;
  const words = `Answer with one JSON object and nothing else. It must follow this JSON schema:\n${JSON.stringify(conversation.outputSchema)}`;
  return { ...conversation, system: conversation.system === '' ? words : `${conversation.system}\n\n${words}` };
}

export function chatRequest(request: ChatRequest): Json {
  const { quirks } = request;
  const told = quirks.structured === 'json_schema' ? request.conversation : withSchemaInWords(request.conversation);
  const schema = request.conversation.outputSchema;
  return {
    model: request.model,
    messages: chatMessages(told, quirks),
    stream: true,
    ...(quirks.streamUsage ? { stream_options: { include_usage: true } } : {}),
    ...maxTokens(request),
    ...sampling(request),
    ...effort(request),
    ...tools(request),
    ...(schema ? STRUCTURED[quirks.structured](cleanAnswerSchema(schema, quirks.schema)) : {}),
  };
}
