/** The server's own /v1/messages, as somebody with a token and nothing else uses it. */
import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, test } from 'vitest';
import { checkStreamGrammar, parseEventStream } from '../../packages/gateway/src/anthropic/stream-grammar.ts';
import { verifies } from '../verifies.ts';
import { runCurl } from '../world/curl.ts';
import { FINAL, startChatProvider } from '../world/model-providers.ts';
import { openWorld, TOKEN, type World } from '../world/server.ts';

let world: World;
afterEach(() => world[Symbol.asyncDispose]());

const KEY = 'sk-canary-0123456789abcdef';

/** As the document has them. */
const PLAIN = `curl -X POST http://127.0.0.1:8000/v1/messages \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": "gpt-4",
    "messages": [{"role": "user", "content": "Hello!"}],
    "stream": false,
    "max_tokens": 100
  }'`;
const STREAMED = `curl -X POST http://127.0.0.1:8000/v1/messages \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": "gpt-4",
    "messages": [{"role": "user", "content": "Hello!"}],
    "stream": true
  }'`;

/** Against this server, with its token. */
const here = (example: string): string =>
  example
    .replace('http://127.0.0.1:8000', world.server.url)
    .replace(' \\\n', ` -H "Authorization: Bearer ${TOKEN}" \\\n`);

describe('the examples of the document', () => {
  verifies(
    ['agent-api/gateway-curl-examples', 'agent-api/gateway-openai', 'agent-api/gateway-max-tokens-optional'],
    'both curl commands run as written, against a real provider’s format',
    async () => {
      await using openai = await startChatProvider();
      world = await openWorld({ environment: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: `${openai.url}/v1` } });
      expect(JSON.parse(await runCurl(here(PLAIN)))).toMatchObject({
        type: 'message',
        role: 'assistant',
        model: 'gpt-4',
        content: [{ type: 'text', text: FINAL }],
        stop_reason: 'end_turn',
      });
      expect(openai.asked[0]?.body).toMatchObject({ model: 'gpt-4', max_tokens: 100 });
      const events = parseEventStream(await runCurl(here(STREAMED)));
      expect(checkStreamGrammar(events)).toEqual([]);
      expect(JSON.stringify(events)).toContain(FINAL);
      const { models } = await world.client.usage();
      expect(models).toEqual([expect.objectContaining({ provider: 'openai', model: 'gpt-4', answers: 2 })]);
    },
  );

  test('and on a server without any account, where the demo model answers', async () => {
    world = await openWorld();
    expect(JSON.parse(await runCurl(here(PLAIN)))).toMatchObject({ type: 'message', model: 'gpt-4' });
    expect(checkStreamGrammar(parseEventStream(await runCurl(here(STREAMED))))).toEqual([]);
  });
});

describe('who may use it', () => {
  verifies(
    ['agent-api/gateway-anthropic-sdk-compatible'],
    'Anthropic’s own client with the server’s token; nobody without one, and nothing tells the keys of providers',
    async () => {
      await using openai = await startChatProvider();
      world = await openWorld({ environment: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: `${openai.url}/v1` } });
      const request = { model: 'gpt-4o', max_tokens: 50, messages: [{ role: 'user' as const, content: 'Hello!' }] };
      const client = new Anthropic({ baseURL: world.server.url, apiKey: TOKEN, maxRetries: 0 });
      expect((await client.messages.create(request)).content).toEqual([expect.objectContaining({ text: FINAL })]);
      expect((await client.messages.stream(request).finalMessage()).content).toEqual([
        expect.objectContaining({ text: FINAL }),
      ]);
      expect((await client.messages.countTokens(request)).input_tokens).toBeGreaterThan(0);
      const before = openai.asked.length;
      for (const apiKey of ['', 'wrong', KEY]) {
        const stranger = await fetch(`${world.server.url}/v1/messages`, {
          method: 'POST',
          headers: { 'x-api-key': apiKey },
          body: JSON.stringify(request),
        });
        expect(stranger.status).toBe(401);
        expect(await stranger.text()).not.toContain(KEY);
      }
      expect(openai.asked).toHaveLength(before);
      expect(world.logs.join('\n')).not.toContain(KEY);
    },
  );

  test('usage is the owner’s to read, from day to day', async () => {
    world = await openWorld();
    await runCurl(here(PLAIN));
    expect((await fetch(`${world.server.url}/api/usage`)).status).toBe(401);
    const { total, people } = await world.client.usage();
    expect(total).toMatchObject({ answers: 1, costUsd: 0 });
    expect(people).toEqual([expect.objectContaining({ role: 'owner', answers: 1 })]);
    expect((await world.client.usage({ to: '2001-01-01' })).total).toMatchObject({ answers: 0, costUsd: 0 });
    expect((await world.client.usage({ from: '2001-01-01' })).days).toHaveLength(1);
    for (const query of ['from=yesterday', 'sessionId=1', 'from=2026-02-02&to=2026-01-01']) {
      expect((await world.request(`/api/usage?${query}`)).status).toBe(400);
    }
  });
});
