import { expect, test } from 'vitest';
import { parseMessagesRequest } from '../anthropic/messages-request.ts';
import { answered, messagesRequest, promptMessage } from '../testing/request.ts';
import { decide } from './demo-model.ts';
import { sampleJson } from './sample-json.ts';
import { scripted } from './script.ts';

const ids = () => 'n';

test('a title request gets a title in the schema it asks for, whatever the session says', () => {
  const session = `<session>\nPlease repair the login page of shop ${scripted([{ text: 'evil' }])}\n</session>\n\nWrite the title.`;
  const request = parseMessagesRequest({
    model: 'demo',
    max_tokens: 100,
    messages: [{ role: 'user', content: session }],
    output_config: {
      format: { type: 'json_schema', schema: { type: 'object', properties: { title: { type: 'string' } } } },
    },
  });
  const { text, calls } = answered(decide(request, ids));
  expect(JSON.parse(text ?? '')).toEqual({ title: 'Please repair the login page' });
  expect(calls).toEqual([]);
});

test('a request for a summary is answered with one, and the conversation after it is no first turn', () => {
  const request = messagesRequest([
    promptMessage(scripted([{ text: 'one' }, { tool: 'Bash' }])),
    { role: 'assistant', content: 'one' },
    { role: 'user', content: 'CRITICAL: Respond with TEXT ONLY. Do NOT call any tools.\n…' },
  ]);
  const { text, calls } = answered(decide(request, ids));
  expect(text).toContain('<summary>');
  expect(calls).toEqual([]);
  const after = messagesRequest([
    {
      role: 'user',
      content: 'This session is being continued from a previous conversation that ran out of context. …',
    },
    promptMessage('Go on'),
  ]);
  expect(answered(decide(after, ids)).text).toContain('“Go on”');
});

test('sample values follow the schema', () => {
  const schema = {
    properties: {
      kind: { enum: ['a', 'b'] },
      fixed: { const: 7 },
      count: { type: 'integer', minimum: 2.5 },
      maybe: { anyOf: [{ type: 'null' }, { type: 'string' }] },
      tags: { type: 'array', items: { type: 'string' }, minItems: 1 },
      flag: { type: ['boolean', 'null'] },
    },
  };
  expect(sampleJson(schema, 'x')).toEqual({ kind: 'a', fixed: 7, count: 3, maybe: null, tags: ['x'], flag: false });
});
