/** Which tools of a request another provider is told about. */
import { ApiError } from '../anthropic/errors.ts';
import { isObject, type Json, listOf, objectOf, textOr } from '../json.ts';
import type { ToolChoice, ToolDefinition } from './conversation.ts';
import type { ToolNames } from './tool-names.ts';

/** `web_search_20250305` and the like run at Anthropic. Nobody else can. */
const SERVER_TOOL = /^(web_search|web_fetch|code_execution|tool_search_tool|mcp_toolset|advisor)(_|$)/;

/** Tools whose schema only Anthropic's models know by heart; the client runs them. */
const KNOWN_SCHEMAS: readonly (readonly [type: RegExp, schema: Json])[] = [
  [
    /^bash_/,
    {
      type: 'object',
      properties: { command: { type: 'string' }, restart: { type: 'boolean' } },
      required: ['command'],
    },
  ],
  [
    /^text_editor_/,
    {
      type: 'object',
      properties: {
        command: { type: 'string', enum: ['view', 'create', 'str_replace', 'insert'] },
        path: { type: 'string' },
        file_text: { type: 'string' },
        old_str: { type: 'string' },
        new_str: { type: 'string' },
        insert_line: { type: 'integer' },
        insert_text: { type: 'string' },
        view_range: { type: 'array', items: { type: 'integer' } },
      },
      required: ['command', 'path'],
    },
  ],
];

const ANY_OBJECT: Json = { type: 'object', properties: {} };

function schemaOf(tool: Json): Json {
  if (isObject(tool.input_schema)) return tool.input_schema;
  const type = textOr(tool.type, '');
  return KNOWN_SCHEMAS.find(([pattern]) => pattern.test(type))?.[1] ?? ANY_OBJECT;
}

/** Names the conversation has already made use of: called, or found by a search for tools. */
function usedToolNames(messages: readonly unknown[]): Set<string> {
  const names = new Set<string>();
  const visit = (value: unknown): void => {
    for (const block of listOf(value)) {
      if (!isObject(block)) continue;
      if (block.type === 'tool_use') names.add(textOr(block.name, ''));
      if (block.type === 'tool_reference') names.add(textOr(block.tool_name, ''));
      if (block.type === 'tool_result') visit(block.content);
    }
  };
  for (const message of messages) visit(objectOf(message).content);
  return names;
}

/** @throws ApiError when the caller wants nothing but tools that run at Anthropic. */
export function readTools(body: Json, names: ToolNames): ToolDefinition[] {
  const all = listOf(body.tools).filter(isObject);
  if (objectOf(body.tool_choice).type === 'none') return [];
  const local = all.filter((tool) => !SERVER_TOOL.test(textOr(tool.type, '')));
  if (all.length > 0 && local.length === 0) {
    const wanted = all.map((tool) => textOr(tool.name, textOr(tool.type, ''))).join(', ');
    throw new ApiError(
      'invalid_request_error',
      `This model cannot use ${wanted}: it runs at Anthropic and works with Claude models only. Use another tool.`,
    );
  }
  const used = usedToolNames(listOf(body.messages));
  const seen = new Set<string>();
  return local.flatMap((tool) => {
    const name = textOr(tool.name, '');
    // Deferred tools stand in the list so that Anthropic can search it. Others are told once they are found.
    if (name === '' || seen.has(name) || (tool.defer_loading === true && !used.has(name))) return [];
    seen.add(name);
    return [{ name: names.toProvider(name), description: textOr(tool.description, ''), schema: schemaOf(tool) }];
  });
}

export function readToolChoice(body: Json, names: ToolNames): ToolChoice {
  const choice = objectOf(body.tool_choice);
  if (choice.type === 'any') return { kind: 'any' };
  if (choice.type === 'tool' && typeof choice.name === 'string') {
    return { kind: 'tool', name: names.toProvider(choice.name) };
  }
  return { kind: 'auto' };
}
