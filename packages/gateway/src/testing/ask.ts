/** Asks a gateway, as a stream and at once, and holds every stream to the grammar. */
import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'vitest';
import { checkStreamGrammar, parseEventStream } from '../anthropic/stream-grammar.ts';
import type { Json } from '../json.ts';
import { TOKEN } from './gateway-server.ts';

export const HELLO = { model: 'gpt-4', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] };

export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/v1/messages?beta=true`, {
    method: 'POST',
    headers: { 'x-api-key': TOKEN, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** The events of a streamed answer; their grammar is checked. */
export async function streamed(url: string, body: Json): Promise<Json[]> {
  const response = await post(url, { ...body, stream: true });
  const text = await response.text();
  expect([response.status, response.headers.get('content-type')], text).toEqual([
    200,
    expect.stringContaining('text/event-stream'),
  ]);
  const events = parseEventStream(text);
  expect(checkStreamGrammar(events)).toEqual([]);
  return events;
}

/** The message by both ways, read by Anthropic's own client; they must be the same but for their ids. */
export async function asked(url: string, body: Json): Promise<Anthropic.Message> {
  await streamed(url, body);
  const client = new Anthropic({ baseURL: url, apiKey: TOKEN, maxRetries: 0, timeout: 30_000 });
  const request = body as unknown as Anthropic.MessageCreateParamsNonStreaming;
  const viaStream = await client.messages.stream(request).finalMessage();
  const whole = await client.messages.create(request);
  // Ids are made anew for every answer, and a signature may carry one.
  const apart = new Set(['id', '_request_id', 'parsed_output', 'signature']);
  const plain = (message: Anthropic.Message): unknown =>
    JSON.parse(JSON.stringify(message), (key, value) => (apart.has(key) ? undefined : value));
  expect(plain(viaStream)).toEqual(plain(whole));
  return whole;
}
