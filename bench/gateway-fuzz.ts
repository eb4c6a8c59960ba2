/** Streams of chat chunks that nobody planned, through the real server; every answer is held to the grammar. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkStreamGrammar, parseEventStream } from '../packages/gateway/src/anthropic/stream-grammar.ts';
import { createGateway } from '../packages/gateway/src/gateway.ts';
import { shoot } from './gateway-load.ts';

/** A generator of the same numbers in every run (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const TEXTS = ['', ' ', '\n', 'a', 'Häkchen ✅', '<think>', '</think>', '👩‍👩‍👧', '{"a":', '\u2028'];
const ARGUMENTS = ['', '{', '}', '{"a":1}', '"x"', '[1]', '{"command":"ls"}', 'null', '\\', '{"a":"', '1"}'];
const FINISHES = [null, null, null, null, 'stop', 'tool_calls', 'length', 'content_filter', 'weird', ''];

function pick<T>(random: () => number, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

function call(random: () => number): object {
  const id = pick(random, [undefined, '', 'a', 'b', 'call with space', null]);
  const name = pick(random, [undefined, '', 'Bash', 'Read', 7]);
  return {
    ...(random() < 0.7 ? { index: Math.floor(random() * 3) } : {}),
    id,
    function: random() < 0.95 ? { name, arguments: pick<unknown>(random, [...ARGUMENTS, { a: 1 }, null]) } : null,
  };
}

function delta(random: () => number): object {
  const fields: Record<string, unknown> = {};
  if (random() < 0.4)
    fields.content = pick<unknown>(random, [
      ...TEXTS,
      null,
      [{ type: 'text', text: 'p' }],
      [{ type: 'thinking', thinking: 'q' }],
      5,
    ]);
  if (random() < 0.25)
    fields[pick(random, ['reasoning_content', 'reasoning'])] = pick<unknown>(random, [...TEXTS, null]);
  if (random() < 0.35) fields.tool_calls = Array.from({ length: Math.floor(random() * 3) }, () => call(random));
  if (random() < 0.05) fields.refusal = 'No.';
  return fields;
}

function event(random: () => number): string {
  const kind = random();
  if (kind < 0.03) return ': comment\n\n';
  if (kind < 0.04) return 'data: {"broken\n\n';
  if (kind < 0.05)
    return `data: ${JSON.stringify({ error: { message: 'Busy', code: pick<unknown>(random, [429, 'x', null]) } })}\n\n`;
  const choices =
    kind < 0.1
      ? []
      : [{ index: 0, delta: random() < 0.97 ? delta(random) : null, finish_reason: pick(random, FINISHES) }];
  const usage =
    random() < 0.1 ? { prompt_tokens: 5, completion_tokens: pick<unknown>(random, [3, -1, 'x', null]) } : undefined;
  return `data: ${JSON.stringify({ choices, usage })}${pick(random, ['\n\n', '\r\n\r\n'])}`;
}

/** How many of the streams broke the grammar, with the first few violations. */
export async function fuzz(count: number): Promise<{ broken: number; errors: number; first: string[] }> {
  let seed = 0;
  const upstream = createServer(async (request, response) => {
    request.resume();
    seed += 1;
    const random = numbers(seed);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const events = Array.from({ length: 1 + Math.floor(random() * 14) }, () => event(random));
    const bytes = Buffer.from(events.join('') + (random() < 0.6 ? 'data: [DONE]\n\n' : ''));
    const size = 1 + Math.floor(random() * 200);
    for (let at = 0; at < bytes.length; at += size) {
      response.write(bytes.subarray(at, at + size));
      if (random() < 0.2) await new Promise((resolve) => setImmediate(resolve));
    }
    if (random() < 0.95) response.end();
    else response.destroy();
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const failures: unknown[] = [];
  const gateway = createGateway({
    authorize: () => true,
    providers: { fuzz: { baseUrl } },
    onError: (error) => failures.push(error),
  });
  const server = createServer((request, response) => void gateway.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const body = JSON.stringify({
    model: 'fuzz/m',
    stream: true,
    max_tokens: 10,
    messages: [{ role: 'user', content: 'Hi' }],
  });
  const first: string[] = [];
  let broken = 0;
  let errors = 0;
  for (let index = 0; index < count; index += 1) {
    const text = await shoot({ url, body }).catch((error: Error) => error.message);
    if (!text.startsWith('event:')) {
      errors += 1;
      continue;
    }
    const violations = checkStreamGrammar(parseEventStream(text));
    if (violations.length === 0) continue;
    broken += 1;
    if (first.length < 5) first.push(`stream ${index + 1}: ${violations.join('; ')}`);
  }
  if (failures.length > 0)
    first.push(`failures of the gateway itself: ${failures.length}, such as ${String(failures[0])}`);
  server.closeAllConnections();
  upstream.closeAllConnections();
  await Promise.all([
    gateway.close(),
    new Promise((resolve) => server.close(resolve)),
    new Promise((resolve) => upstream.close(resolve)),
  ]);
  return { broken: broken + failures.length, errors, first };
}
