/**
 * A Messages request as every other format can say it. Turns begin with the user; a turn of the assistant with calls is
 * followed by one outcome for each of them, in their order; no text is blank; ids of calls are unique; names of tools are
 * such as every provider takes. Renderers need no special cases for what clients send.
 */
import type { Json } from '../json.ts';

export type MediaSource = { kind: 'base64'; data: string } | { kind: 'url'; url: string };

export type UserPart =
  | { type: 'text'; text: string }
  | { type: 'image'; mediaType: string; source: MediaSource }
  | { type: 'document'; mediaType: string; title: string; source: MediaSource };

export type AssistantPart =
  | { type: 'text'; text: string }
  /** `note` is what the provider that is asked now wrote into the signature, if it was that provider. */
  | { type: 'thinking'; text: string; note: Json | null }
  | { type: 'call'; id: string; name: string; input: Json; note: Json | null };

export interface Outcome {
  callId: string;
  /** As the provider knows it. */
  name: string;
  text: string;
  isError: boolean;
}

export type Turn =
  | { role: 'user'; parts: UserPart[] }
  | { role: 'assistant'; parts: AssistantPart[] }
  | { role: 'tool'; outcomes: Outcome[] }
  | { role: 'system'; text: string };

export interface ToolDefinition {
  name: string;
  description: string;
  schema: Json;
}

export type ToolChoice = { kind: 'auto' } | { kind: 'any' } | { kind: 'tool'; name: string };

export type Effort = 'low' | 'medium' | 'high' | 'max';

export interface Conversation {
  system: string;
  turns: Turn[];
  /** Empty when the model must not call any. */
  tools: ToolDefinition[];
  toolChoice: ToolChoice;
  parallelTools: boolean;
  /** Undefined when the caller did not say. */
  maxTokens: number | undefined;
  temperature: number | undefined;
  topP: number | undefined;
  topK: number | undefined;
  stopSequences: string[];
  /** Null when the caller did not ask for thinking. */
  effort: Effort | null;
  outputSchema: Json | null;
}
