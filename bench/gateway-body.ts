/** Requests of the size and shape of Claude Code's, made up: nothing in them is anybody's text. */

const WORDS =
  'the server keeps every answer until a person has read it and then goes on with the next step of its work'.split(' ');

function words(count: number, seed: number): string {
  return Array.from({ length: count }, (_, index) => WORDS[(index * 7 + seed) % WORDS.length]).join(' ');
}

function tool(index: number): object {
  const properties = Object.fromEntries(
    Array.from({ length: 5 }, (_, field) => [
      `field_${field}`,
      {
        type: field % 2 ? 'string' : 'integer',
        description: words(20, field),
        ...(field % 2 ? {} : { exclusiveMinimum: 0 }),
      },
    ]),
  );
  return {
    name: `Tool${index}`,
    description: words(368, index),
    input_schema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties,
      required: ['field_1'],
      additionalProperties: false,
    },
  };
}

export interface Bodies {
  small: string;
  claudeCode: string;
}

/** 0.1 KB, and 49 KB with a system message in the middle, twelve tools, a call and its result. */
export function bodies(model: string, stream: boolean): Bodies {
  const small = { model, max_tokens: 100, stream, messages: [{ role: 'user', content: 'Say a few words.' }] };
  const claudeCode = {
    ...small,
    max_tokens: 32_000,
    system: [{ type: 'text', text: words(1900, 3), cache_control: { type: 'ephemeral' } }],
    tools: Array.from({ length: 12 }, (_, index) => tool(index)),
    messages: [
      { role: 'user', content: [{ type: 'text', text: words(40, 1) }] },
      { role: 'system', content: words(1500, 5) },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_01', name: 'Tool1', input: { field_1: 'a' } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_01', content: words(120, 9) }] },
    ],
    metadata: { user_id: '{}' },
  };
  return { small: JSON.stringify(small), claudeCode: JSON.stringify(claudeCode) };
}
