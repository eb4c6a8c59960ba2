/** What others recorded and expect, replayed through a stand-in. Each file of cases names its source. */
import { readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { asked, HELLO, post } from '../../packages/gateway/src/testing/ask.ts';
import { startGateway } from '../../packages/gateway/src/testing/gateway-server.ts';
import { json, startStandIn } from '../../packages/gateway/src/testing/stand-in.ts';

type Json = Record<string, unknown>;
type Wire = 'openai-chat' | 'google' | 'cohere' | 'openai-responses' | 'bedrock';

interface Case {
  name: string;
  wire: Wire;
  /** @defaultValue a model of a provider that speaks OpenAI's chat format */
  model?: string;
  /** What the caller asks. @defaultValue a greeting */
  request?: Json;
  /** What the provider answers, event by event, or at once. */
  stream?: Json[];
  whole?: Json;
  /** What the caller gets. */
  expect?: { content?: Json[]; stop_reason?: string; usage?: Json; error?: string };
  /** What the provider is sent, as far as it is told. */
  sent?: Json;
  /** Texts that have to come back to the provider in the next turn. */
  carries?: string[];
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A header of AWS's binary event stream: a text, which is type 7. */
function awsHeader(name: string, value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(value.length);
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([7]), length, Buffer.from(value)]);
}

/** One message of it: lengths, their checksum, headers, body, checksum of all. */
function bedrockMessage(event: Json): Buffer {
  const [[type, payload] = ['', {}]] = Object.entries(event);
  const headers = Buffer.concat([
    awsHeader(':event-type', type),
    awsHeader(':content-type', 'application/json'),
    awsHeader(':message-type', 'event'),
  ]);
  const body = Buffer.from(JSON.stringify(payload));
  const lengths = Buffer.concat([uint32(16 + headers.length + body.length), uint32(headers.length)]);
  const checked = Buffer.concat([lengths, uint32(crc32(lengths)), headers, body]);
  return Buffer.concat([checked, uint32(crc32(checked))]);
}

const FRAMES: Record<Wire, { type: string; frame: (event: Json) => string | Buffer; end: string }> = {
  'openai-chat': {
    type: 'text/event-stream',
    frame: (event) => `data: ${JSON.stringify(event)}\n\n`,
    end: 'data: [DONE]\n\n',
  },
  google: { type: 'text/event-stream', frame: (event) => `data: ${JSON.stringify(event)}\r\n\r\n`, end: '' },
  cohere: {
    type: 'text/event-stream',
    frame: (event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
    end: '',
  },
  'openai-responses': {
    type: 'text/event-stream',
    frame: (event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
    end: '',
  },
  bedrock: { type: 'application/vnd.amazon.eventstream', frame: bedrockMessage, end: '' },
};

function answer(response: ServerResponse, { wire, stream, whole }: Case): void {
  if (whole) {
    json(response, 200, whole);
    return;
  }
  const { type, frame, end } = FRAMES[wire];
  response.writeHead(200, { 'content-type': type });
  const events = stream ?? [{ choices: [{ index: 0, delta: { content: 'Fine.' }, finish_reason: 'stop' }] }];
  for (const event of events) response.write(frame(event));
  response.end(end);
}

async function setUp(one: Case) {
  const provider = await startStandIn((_, response) => answer(response, one));
  const settings = { baseUrl: provider.url, apiKey: 'key-of-the-stand-in' };
  const gateway = await startGateway({
    environment: { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' },
    providers: {
      test: { ...settings, quirks: { documents: true } },
      google: settings,
      cohere: settings,
      'openai-responses': settings,
      bedrock: { baseUrl: provider.url },
    },
  });
  return {
    provider,
    url: gateway.url,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

const folder = new URL('.', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

describe.each(files)('%s', (file) => {
  const { source, licence, cases } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as {
    source: string;
    licence: string;
    cases: Case[];
  };

  test('names its source', () => {
    expect(source).toMatch(/^https:\/\/github\.com\//);
    expect(licence).not.toBe('');
  });

  test.each(cases)('$name', async (one) => {
    await using world = await setUp(one);
    const body = { ...HELLO, max_tokens: 1000, ...one.request, model: one.model ?? 'test/some-model' };
    if (one.expect?.error) {
      const response = await post(world.url, { ...body, stream: true });
      expect(await response.json()).toMatchObject({ type: 'error', error: { type: one.expect.error } });
      return;
    }
    const message = await asked(world.url, body);
    const { content, ...rest } = one.expect ?? {};
    expect(message).toMatchObject(rest);
    if (content) expect(message.content).toEqual(content.map((block) => expect.objectContaining(block)));
    if (one.sent) expect(world.provider.asked[0]?.body).toMatchObject(one.sent);
    for (const text of one.carries ?? []) {
      const results = message.content.flatMap((block) =>
        block.type === 'tool_use' ? [{ type: 'tool_result', tool_use_id: block.id, content: 'ok' }] : [],
      );
      const messages = [
        ...body.messages,
        { role: 'assistant', content: message.content },
        { role: 'user', content: results },
      ];
      await asked(world.url, { ...body, messages });
      expect(world.provider.asked.at(-1)?.bytes.toString()).toContain(text);
    }
  });
});
