/** What a tool gave back or was given, as a person may read it and a database may keep it. */
import type { SDKUserMessage } from '@anthropic-ai/claude-agent-sdk';

type UserBlock = Exclude<SDKUserMessage['message']['content'], string>[number];
type ToolContent = Extract<UserBlock, { type: 'tool_result' }>['content'];

/** As `tool.finished` promises. */
const MAX_CHARACTERS = 8000;

export function toolOutput(content: ToolContent): string {
  if (content === undefined) return '';
  if (typeof content === 'string') return cut(content);
  return cut(content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join('\n'));
}

/** Never between the two halves of a character outside the basic plane: half of one is no valid text. */
function cut(text: string): string {
  const end = /[\uD800-\uDBFF]/.test(text.charAt(MAX_CHARACTERS - 1)) ? MAX_CHARACTERS - 1 : MAX_CHARACTERS;
  return text.length > MAX_CHARACTERS ? text.slice(0, end) : text;
}

/**
 * The same value without what JSON in PostgreSQL refuses: NUL becomes a visible sign, half a character the replacement
 * character. Tools do print such things, and one of them would keep all of its event out of the log.
 */
export function storable<T>(value: T): T;
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\u2400').toWellFormed();
  if (Array.isArray(value)) return value.map((item) => storable(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [storable(name), storable(item)]));
}
