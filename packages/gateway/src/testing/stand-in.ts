/** A provider on loopback that says what a test wants, in bytes of its choice, and remembers what it was asked. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from '../json.ts';

export interface Asked {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Json;
  bytes: Buffer;
}

export interface StandIn extends AsyncDisposable {
  url: string;
  /** Every request, in order. */
  asked: Asked[];
  /** Resolves when the given request's connection closed before its answer was complete. */
  left(index: number): Promise<void>;
}

export type Script = (asked: Asked, response: ServerResponse, index: number) => unknown;

export async function startStandIn(script: Script): Promise<StandIn> {
  const asked: Asked[] = [];
  const closed: PromiseWithResolvers<void>[] = [];
  const closedAt = (index: number): PromiseWithResolvers<void> => {
    closed[index] ??= Promise.withResolvers<void>();
    return closed[index];
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const { method = '', url = '', headers } = request;
    const one = { method, path: url, headers, bytes, body: bytes.length > 0 ? JSON.parse(bytes.toString()) : {} };
    const index = asked.push(one) - 1;
    response.on('close', () => {
      if (!response.writableFinished) closedAt(index).resolve();
    });
    await script(one, response, index);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    left: (index) => closedAt(index).promise,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with JSON. Headers are set on the response before. */
export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** Begins a stream of server-sent events. */
export function eventStream(response: ServerResponse): (event: unknown) => boolean {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  return (event) => response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
}

/** Streams chunks of a chat completion, each with one delta, and closes it as OpenAI does. */
export function chatAnswer(response: ServerResponse, chunks: readonly unknown[]): void {
  const send = eventStream(response);
  for (const chunk of chunks) send(chunk);
  send('[DONE]');
  response.end();
}

/** One chunk of a chat completion. */
export function delta(content: Json, finish: string | null = null): Json {
  return { id: 'c1', object: 'chat.completion.chunk', choices: [{ index: 0, delta: content, finish_reason: finish }] };
}

export function usage(prompt: number, completion: number, more: Json = {}): Json {
  return {
    id: 'c1',
    object: 'chat.completion.chunk',
    choices: [],
    usage: { prompt_tokens: prompt, completion_tokens: completion, ...more },
  };
}

/** Streams the events of Anthropic's API under their names. */
export function anthropicAnswer(response: ServerResponse, events: readonly Json[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'request-id': 'req_upstream' });
  for (const event of events) response.write(anthropicFrame(event));
  response.end();
}

export function anthropicFrame(event: Json): string {
  return `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** A complete answer of Anthropic that says `text`. */
export function anthropicText(text: string): Json[] {
  const usage = { input_tokens: 7, cache_creation_input_tokens: 5, cache_read_input_tokens: 11, output_tokens: 1 };
  const message = {
    id: 'msg_up',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  };
  return [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 23 } },
    { type: 'message_stop' },
  ];
}
