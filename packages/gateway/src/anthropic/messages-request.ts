/**
 * The part of a Messages request that a back end needs, checked and in one shape: content is always an array of blocks.
 * Unknown fields and block types are let through, because Claude Code sends new ones every few weeks.
 */
import { ApiError } from './errors.ts';

interface TextBlock {
  type: 'text';
  text: string;
}

export interface ToolUseBlock {
  type: 'tool_use';
  id: string;
  name: string;
  input: Record<string, unknown>;
}

interface ToolResultBlock {
  type: 'tool_result';
  toolUseId: string;
  /** The text blocks of the result, joined by line breaks. */
  text: string;
  isError: boolean;
}

/** A block whose content the gateway has no use for: images, documents, thinking, tool references … */
interface OtherBlock {
  type: 'other';
  wireType: string;
}

type RequestBlock = TextBlock | ToolUseBlock | ToolResultBlock | OtherBlock;
type Role = 'user' | 'assistant' | 'system';

export interface RequestMessage {
  /** Claude Code puts `system` messages in the middle of a conversation: its environment, notices, queued prompts. */
  role: Role;
  content: RequestBlock[];
}

export interface MessagesRequest {
  model: string;
  stream: boolean;
  /** The texts of the top-level `system`, joined by line breaks. */
  system: string;
  messages: RequestMessage[];
  /** Names of the tools the model may call; empty when the caller forbids tools. */
  toolNames: string[];
  /** The JSON schema the whole answer must follow, when the caller asks for structured output. */
  outputSchema: Record<string, unknown> | null;
}

type Json = Record<string, unknown>;

function invalid(message: string): ApiError {
  return new ApiError('invalid_request_error', message);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(blocks: readonly RequestBlock[]): string {
  return blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
}

function string(value: unknown, at: string): string {
  if (typeof value !== 'string') throw invalid(`${at}: Input should be a valid string`);
  return value;
}

function parseContent(value: unknown, at: string): RequestBlock[] {
  if (typeof value === 'string') return [{ type: 'text', text: value }];
  if (!Array.isArray(value)) throw invalid(`${at}: Input should be a string or an array of content blocks`);
  return value.map((block, index) => parseBlock(block, `${at}.${index}`));
}

function parseBlock(value: unknown, at: string): RequestBlock {
  if (!isObject(value) || typeof value.type !== 'string') throw invalid(`${at}.type: Field required`);
  switch (value.type) {
    case 'text':
      return { type: 'text', text: string(value.text, `${at}.text`) };
    case 'tool_use':
      return {
        type: 'tool_use',
        id: string(value.id, `${at}.id`),
        name: string(value.name, `${at}.name`),
        input: isObject(value.input) ? value.input : {},
      };
    case 'tool_result':
      return {
        type: 'tool_result',
        toolUseId: string(value.tool_use_id, `${at}.tool_use_id`),
        text: textOf(parseContent(value.content ?? '', `${at}.content`)),
        isError: value.is_error === true,
      };
    default:
      return { type: 'other', wireType: value.type };
  }
}

const ROLES: Record<Role, true> = { user: true, assistant: true, system: true };

function parseMessage(value: unknown, at: string): RequestMessage {
  if (!isObject(value)) throw invalid(`${at}: Input should be an object`);
  const role = string(value.role, `${at}.role`);
  if (!Object.hasOwn(ROLES, role)) throw invalid(`${at}.role: Input should be 'user', 'assistant' or 'system'`);
  return { role: role as Role, content: parseContent(value.content, `${at}.content`) };
}

function parseTools(body: Json): string[] {
  if (isObject(body.tool_choice) && body.tool_choice.type === 'none') return [];
  if (body.tools === undefined || body.tools === null) return [];
  if (!Array.isArray(body.tools)) throw invalid('tools: Input should be an array');
  return body.tools.map((tool, index) => string(isObject(tool) ? tool.name : undefined, `tools.${index}.name`));
}

function parseOutputSchema(body: Json): Json | null {
  const format = isObject(body.output_config) ? body.output_config.format : body.output_format;
  return isObject(format) && isObject(format.schema) ? format.schema : null;
}

/** Checks a `count_tokens` body. @throws ApiError `invalid_request_error` that names the field. */
export function parseCountTokensRequest(body: unknown): MessagesRequest {
  if (!isObject(body)) throw invalid('The request body must be a JSON object.');
  if (typeof body.model !== 'string' || body.model === '') throw invalid('model: Field required');
  if (!Array.isArray(body.messages)) throw invalid('messages: Field required');
  if (body.messages.length === 0) throw invalid('messages: at least one message is required');
  return {
    model: body.model,
    stream: body.stream === true,
    system: textOf(parseContent(body.system ?? '', 'system')),
    messages: body.messages.map((message, index) => parseMessage(message, `messages.${index}`)),
    toolNames: parseTools(body),
    outputSchema: parseOutputSchema(body),
  };
}

/**
 * Checks a Messages body. Unlike Anthropic it takes a body without `max_tokens`: the back end then sets what the model can.
 * @throws ApiError `invalid_request_error` that names the field.
 */
export function parseMessagesRequest(body: unknown): MessagesRequest {
  const request = parseCountTokensRequest(body);
  const maxTokens = isObject(body) ? body.max_tokens : undefined;
  if (maxTokens === undefined) return request;
  if (typeof maxTokens !== 'number' || !Number.isInteger(maxTokens) || maxTokens < 1) {
    throw invalid('max_tokens: Input should be an integer greater than or equal to 1');
  }
  return request;
}
