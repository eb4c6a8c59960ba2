import { expect, test } from 'vitest';
import { checkStreamGrammar, parseEventStream } from './stream-grammar.ts';

type Event = Record<string, unknown>;

const start: Event = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [],
    stop_reason: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  },
};
const end: Event = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } };
const endWithTool: Event = { ...end, delta: { stop_reason: 'tool_use' } };
const stop: Event = { type: 'message_stop' };

const open = (index: number, content_block: Event): Event => ({ type: 'content_block_start', index, content_block });
const delta = (index: number, change: Event): Event => ({ type: 'content_block_delta', index, delta: change });
const close = (index: number): Event => ({ type: 'content_block_stop', index });
const text = { type: 'text', text: '' };
const thinking = { type: 'thinking', thinking: '', signature: '' };
const tool = (id: string) => ({ type: 'tool_use', id, name: 'Bash', input: {} });
const piece = { type: 'text_delta', text: 'a' };
const json = (partial_json: string) => ({ type: 'input_json_delta', partial_json });

test.each<[string, Event[]]>([
  ['text', [start, open(0, text), delta(0, piece), close(0), end, stop]],
  ['pings anywhere', [{ type: 'ping' }, start, { type: 'ping' }, open(0, text), { type: 'ping' }, close(0), end, stop]],
  ['a call without input', [start, open(0, tool('a')), close(0), endWithTool, stop]],
  ['an error instead of an answer', [{ type: 'error', error: { type: 'api_error', message: 'x' } }]],
])('accepts %s', (_, events) => {
  expect(checkStreamGrammar(events)).toEqual([]);
});

test.each<[string, Event[], string]>([
  ['nothing at all', [], 'ended without'],
  ['a stream cut short', [start, open(0, text)], 'ended without'],
  ['two starts', [start, start, end, stop], 'second message_start'],
  ['a block before the start', [open(0, text), start, close(0), end, stop], 'outside the message'],
  ['a start with content', [{ ...start, message: { content: [text] } }, end, stop], 'starts with content'],
  ['a skipped index', [start, open(1, text), close(1), end, stop], 'expected 0'],
  ['two open blocks', [start, open(0, text), open(1, text), close(1), close(0), end, stop], 'while another is open'],
  ['a delta of another block', [start, open(0, text), delta(1, piece), close(0), end, stop], 'while 0 is open'],
  ['a delta outside a block', [start, delta(0, piece), end, stop], 'without an open block'],
  [
    'thinking inside text',
    [start, open(0, text), delta(0, { type: 'thinking_delta', thinking: 'a' }), close(0), end, stop],
    'inside a text block',
  ],
  ['unsigned thinking', [start, open(0, thinking), close(0), end, stop], 'without signature'],
  ['an unclosed block', [start, open(0, text), end, stop], 'while a block is open'],
  ['broken input', [start, open(0, tool('a')), delta(0, json('{"a":')), close(0), endWithTool, stop], 'not an object'],
  [
    'one id twice',
    [start, open(0, tool('a')), close(0), open(1, tool('a')), close(1), endWithTool, stop],
    'used twice',
  ],
  ['a call that ends the turn', [start, open(0, tool('a')), close(0), end, stop], 'end_turn with a tool call'],
  ['tool_use without a call', [start, open(0, text), close(0), endWithTool, stop], 'without a tool call'],
  ['a stop without its delta', [start, stop], 'without message_delta'],
  ['an unknown stop reason', [start, { ...end, delta: { stop_reason: 'done' } }, stop], 'unknown stop_reason'],
  ['something after the end', [start, end, stop, { type: 'ping' }], 'after the end'],
  ['an unknown event', [start, { type: 'hello' }, end, stop], 'unknown event'],
  ['an event named like a method of objects', [start, { type: 'constructor' }, end, stop], 'unknown event'],
])('reports %s', (_, events, violation) => {
  expect(checkStreamGrammar(events).join('\n')).toContain(violation);
});

test('frames whose name differs from their type, or that are cut, are malformed', () => {
  expect(parseEventStream('event: ping\ndata: {"type":"ping"}\n\n')).toEqual([{ type: 'ping' }]);
  expect(parseEventStream('event: ping\ndata: {"type":"ping","a":"\u2028"}\n\n')).toHaveLength(1);
  expect(() => parseEventStream('event: ping\ndata: {"type":"error"}\n\n')).toThrow('carries error');
  expect(() => parseEventStream('event: ping\ndata: {"type":"ping"}')).toThrow('within a frame');
});
