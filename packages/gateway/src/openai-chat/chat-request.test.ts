import { expect, test } from 'vitest';
import { sealNote } from '../anthropic/own-signature.ts';
import { readConversation } from '../conversation/read-conversation.ts';
import { ToolNames } from '../conversation/tool-names.ts';
import type { Json } from '../json.ts';
import { DEFAULT_QUIRKS, type Quirks } from '../routing/provider.ts';
import { PROVIDERS } from '../routing/providers.ts';
import { chatRequest } from './chat-request.ts';

interface Sent extends Json {
  messages: Json[];
  tools?: { function: Json }[];
}

/** The body that a provider with these quirks is sent for this request. */
function sent(body: Json, quirks: Partial<Quirks> = {}, model = 'some-model'): Sent {
  const all = { ...DEFAULT_QUIRKS, ...quirks };
  const conversation = readConversation(
    { messages: [{ role: 'user', content: 'Hi' }], ...body },
    { provider: 'test', quirks: all, names: new ToolNames() },
  );
  return JSON.parse(JSON.stringify(chatRequest({ model, maxTokens: 100, conversation, quirks: all })));
}

const user = (content: unknown): Json => ({ role: 'user', content });
const assistant = (content: unknown): Json => ({ role: 'assistant', content });
const use = (id: string, name = 'Bash', input: Json = {}): Json => ({ type: 'tool_use', id, name, input });
const result = (id: string, content: unknown, more: Json = {}): Json => ({
  type: 'tool_result',
  tool_use_id: id,
  content,
  ...more,
});
const PNG = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } };
const PDF = {
  type: 'document',
  title: 'a.pdf',
  source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
};

test('the system text comes first, without the line by which Claude Code accounts for itself', () => {
  const system = [
    { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1' },
    { type: 'text', text: 'You are a coder.', cache_control: { type: 'ephemeral' } },
    { type: 'text', text: 'Be brief.' },
  ];
  expect(sent({ system }).messages[0]).toEqual({ role: 'system', content: 'You are a coder.\n\nBe brief.' });
});

test('a call and its outcome', () => {
  const messages = [
    user('List'),
    assistant([{ type: 'text', text: 'Yes.' }, use('toolu_1', 'Bash', { command: 'ls' })]),
    user([result('toolu_1', [{ type: 'text', text: 'a.txt' }])]),
  ];
  expect(sent({ messages }).messages).toEqual([
    user('List'),
    {
      role: 'assistant',
      content: 'Yes.',
      tool_calls: [{ id: 'toolu_1', type: 'function', function: { name: 'Bash', arguments: '{"command":"ls"}' } }],
    },
    { role: 'tool', tool_call_id: 'toolu_1', content: 'a.txt' },
  ]);
});

test('a failed outcome says so, an empty one too, and what follows the outcomes is the turn of the user', () => {
  const messages = [
    user('Go'),
    assistant([use('a'), use('b')]),
    user([{ type: 'text', text: 'Mind the gap.' }, result('b', ''), result('a', 'exit 1', { is_error: true })]),
  ];
  expect(sent({ messages }).messages.slice(2)).toEqual([
    { role: 'tool', tool_call_id: 'a', content: 'Error: exit 1' },
    { role: 'tool', tool_call_id: 'b', content: '(no output)' },
    user('Mind the gap.'),
  ]);
});

test('an outcome without its call becomes words; a call without its outcome gets one', () => {
  const messages = [user([result('gone', 'old news')]), assistant([use('a')]), user('Go on')];
  expect(sent({ messages }).messages).toEqual([
    user('[Result of an earlier tool call]\nold news'),
    expect.objectContaining({ role: 'assistant' }),
    { role: 'tool', tool_call_id: 'a', content: expect.stringContaining('interrupted') },
    user('Go on'),
  ]);
});

test('repeated ids are made unique together with their outcomes', () => {
  const messages = [
    user('Go'),
    assistant([use('x')]),
    user([result('x', 'one')]),
    assistant([use('x')]),
    user([result('x', 'two')]),
  ];
  const ids = sent({ messages }).messages.flatMap((message) =>
    message.role === 'tool' ? [[message.tool_call_id, message.content]] : [],
  );
  expect(ids).toEqual([
    ['x', 'one'],
    ['x_2', 'two'],
  ]);
});

test('roles out of order: the user begins, neighbours become one, blank text and empty messages go', () => {
  const messages = [
    assistant('Hello?'),
    assistant([{ type: 'text', text: ' ' }]),
    user('  '),
    user('A'),
    user([
      { type: 'text', text: '' },
      { type: 'text', text: 'B' },
    ]),
  ];
  expect(sent({ messages }).messages).toEqual([user('Continue.'), assistant('Hello?'), user('A\n\nB')]);
});

test('nothing but blanks is refused with a sentence', () => {
  expect(() => sent({ messages: [user(' ')] })).toThrow('at least one message');
});

test('images go as data, PDFs as files where the provider takes them, else the model is told', () => {
  const messages = [user([{ type: 'text', text: 'See' }, PNG, PDF])];
  expect(sent({ messages }, { documents: true }).messages[0]).toEqual(
    user([
      { type: 'text', text: 'See' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' } },
    ]),
  );
  const told = JSON.stringify(sent({ messages }, { images: false }).messages);
  expect(told).toContain('cannot see it');
  expect(told).toContain('cannot read documents');
});

test('documents that are text go as text', () => {
  const document = { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'The text.' } };
  const nested = { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'Nested.' }] } };
  expect(sent({ messages: [user([document, nested])] }).messages).toEqual([user('The text.\n\nNested.')]);
});

test('tools, the choice among them, and one call at a time', () => {
  const tools = [
    {
      name: 'Bash',
      description: 'Runs',
      input_schema: { type: 'object', properties: { command: { type: 'string' } } },
    },
  ];
  const body = { tools, tool_choice: { type: 'any', disable_parallel_tool_use: true } };
  expect(sent(body, { parallelToolCalls: true })).toMatchObject({
    tools: [{ type: 'function', function: { name: 'Bash', description: 'Runs' } }],
    tool_choice: 'required',
    parallel_tool_calls: false,
  });
  expect(sent({ tools, tool_choice: { type: 'tool', name: 'Bash' } }).tool_choice).toEqual({
    type: 'function',
    function: { name: 'Bash' },
  });
  expect(sent({ tools, tool_choice: { type: 'none' } })).not.toHaveProperty('tools');
  expect(sent({ tools }).tool_choice).toBe('auto');
});

test('deferred tools are told once they are found; tools of Anthropic never', () => {
  const tools = [
    { name: 'Bash', input_schema: { type: 'object' } },
    { name: 'Later', input_schema: { type: 'object' }, defer_loading: true },
    { name: 'Found', input_schema: { type: 'object' }, defer_loading: true },
    { type: 'web_search_20250305', name: 'web_search' },
  ];
  const messages = [
    user('Go'),
    assistant([use('a', 'ToolSearch')]),
    user([result('a', [{ type: 'tool_reference', tool_name: 'Found' }])]),
  ];
  expect(sent({ tools, messages }).tools?.map((tool) => tool.function.name)).toEqual(['Bash', 'Found']);
  expect(sent({ tools, messages }).messages[2]).toMatchObject({ content: 'The tool Found is available now.' });
});

test('a request for nothing but a search at Anthropic is refused, not answered from imagination', () => {
  const tools = [{ type: 'web_search_20250305', name: 'web_search' }];
  expect(() => sent({ tools })).toThrow('runs at Anthropic');
});

test('models that reason are asked in their own words', () => {
  const body = { temperature: 0.2, top_p: 0.9, thinking: { type: 'adaptive' }, output_config: { effort: 'low' } };
  const openai = PROVIDERS.openai?.quirks;
  const reasoning = sent(body, openai, 'gpt-5');
  expect(reasoning).toMatchObject({ max_completion_tokens: 100, reasoning_effort: 'low' });
  expect(reasoning).not.toHaveProperty('temperature');
  expect(sent(body, openai, 'gpt-4o')).toMatchObject({ max_tokens: 100, temperature: 0.2, top_p: 0.9 });
  expect(sent(body, openai, 'gpt-4o')).not.toHaveProperty('reasoning_effort');
  expect(sent(body, PROVIDERS.openrouter?.quirks)).toMatchObject({ reasoning: { effort: 'low' } });
});

test('an answer in JSON is asked for in the form the provider knows', () => {
  const schema = { type: 'object', properties: { title: { type: 'string' } } };
  const body = { output_config: { format: { type: 'json_schema', schema } } };
  expect(sent(body).response_format).toMatchObject({ type: 'json_schema', json_schema: { schema } });
  const words = sent(body, { structured: 'prompt' });
  expect(words).not.toHaveProperty('response_format');
  expect(JSON.stringify(words.messages[0])).toContain('title');
});

test('Mistral gets ids of nine letters, and no field it refuses', () => {
  const messages = [user('Go'), assistant([use('toolu_01ABC')]), user([result('toolu_01ABC', 'ok')])];
  const body = sent({ messages }, PROVIDERS.mistral?.quirks);
  const [call] = (body.messages[1] as { tool_calls: { id: string }[] }).tool_calls;
  expect(call?.id).toMatch(/^[A-Za-z0-9]{9}$/);
  expect(body.messages[2]).toMatchObject({ tool_call_id: call?.id });
  expect(body).not.toHaveProperty('stream_options');
});

test('thinking goes back only to providers that want it, and only their own notes', () => {
  const signature = sealNote({
    provider: 'test',
    thinking: { details: [{ type: 'reasoning.encrypted', data: 'x' }] },
    calls: { a: { google: { thought_signature: 'sig' } } },
  });
  const messages = [
    user('Go'),
    assistant([{ type: 'thinking', thinking: 'Hm', signature }, use('a')]),
    user([result('a', 'ok')]),
  ];
  const back = sent({ messages }, { thinkingBack: 'reasoning_content' }).messages[1];
  expect(back).toMatchObject({
    reasoning_content: 'Hm',
    reasoning_details: [{ data: 'x' }],
    tool_calls: [{ extra_content: { google: { thought_signature: 'sig' } } }],
  });
  expect(sent({ messages }).messages[1]).not.toHaveProperty('reasoning_content');
  const others = [
    user('Go'),
    assistant([
      { type: 'thinking', thinking: 'Hm', signature: 'EqQB of Anthropic' },
      { type: 'text', text: 'A' },
    ]),
  ];
  expect(JSON.stringify(sent({ messages: others }))).not.toContain('EqQB');
});

test('fields and betas that others refuse do not go out', () => {
  const body = sent({
    context_management: { edits: [] },
    metadata: { user_id: 'device' },
    betas: ['x'],
    some_new_field: 1,
    messages: [{ role: 'user', content: 'Hi', output_config: { effort: 'high' } }],
  });
  expect(Object.keys(body).sort()).toEqual(['max_tokens', 'messages', 'model', 'stream', 'stream_options']);
  expect(body.messages).toEqual([user('Hi')]);
});
