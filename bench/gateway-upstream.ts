/** A process that answers as a provider would: 40 pieces of text, each written by itself. Its port is its first message. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const PIECES = 40;
const TEXT = 'a few words of an answer, ';

const frame = (event: object, name?: string): string =>
  `${name ? `event: ${name}\n` : ''}data: ${JSON.stringify(event)}\n\n`;
const usage = { input_tokens: 10, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 240 };
const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5', stop_sequence: null };

const named = (event: { type: string; [field: string]: unknown }): string => frame(event, event.type);

const ANTHROPIC = [
  named({ type: 'message_start', message: { ...message, content: [], stop_reason: null, usage } }),
  named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  ...Array.from({ length: PIECES }, () =>
    named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: TEXT } }),
  ),
  named({ type: 'content_block_stop', index: 0 }),
  named({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage }),
  named({ type: 'message_stop' }),
];

const chunk = (delta: object, finish_reason: string | null): string =>
  frame({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta, finish_reason }] });
const CHAT = [
  ...Array.from({ length: PIECES }, () => chunk({ content: TEXT }, null)),
  chunk({}, 'stop'),
  frame({ id: 'c', choices: [], usage: { prompt_tokens: 10, completion_tokens: 240 } }),
  'data: [DONE]\n\n',
];

const gemini = (part: object, more: object = {}): string =>
  frame({ candidates: [{ content: { role: 'model', parts: [part] }, ...more }] });
const GEMINI = [
  ...Array.from({ length: PIECES }, () => gemini({ text: TEXT })),
  gemini({ text: '' }, { finishReason: 'STOP' }),
];

const WHOLE = JSON.stringify({
  ...message,
  content: [{ type: 'text', text: TEXT.repeat(PIECES) }],
  stop_reason: 'end_turn',
  usage,
});

async function stream(response: ServerResponse, frames: readonly string[]): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const each of frames) {
    response.write(each);
    await new Promise((resolve) => setImmediate(resolve));
  }
  response.end();
}

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const path = request.url ?? '';
  if (path.includes('streamGenerateContent')) return stream(response, GEMINI);
  if (path.includes('chat/completions')) return stream(response, CHAT);
  const streams = /"stream":\s*true/.test(Buffer.concat(chunks).toString('latin1'));
  if (streams) return stream(response, ANTHROPIC);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(WHOLE) });
  response.end(WHOLE);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
