/** What the document of the agent API says about `/v1/messages`, each statement by its name. */
import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'vitest';
import { verifies } from '../../../test/verifies.ts';
import { checkStreamGrammar, parseEventStream } from './anthropic/stream-grammar.ts';
import { HOSTED_PROVIDERS } from './routing/hosted-providers.ts';
import { PROVIDERS } from './routing/providers.ts';
import { createRouter } from './routing/router.ts';
import { asked, HELLO, post, streamed } from './testing/ask.ts';
import { startClaudeCode } from './testing/claude-code.ts';
import { TOKEN } from './testing/gateway-server.ts';
import {
  anthropicAnswer,
  anthropicText,
  chatAnswer,
  delta,
  eventStream,
  type Script,
  usage,
} from './testing/stand-in.ts';
import { KEYS, startWorld } from './testing/world.ts';

/** Answers in the format of whichever provider is asked. */
const everybody: Script = (one, response) => {
  if (one.path.startsWith('/anthropic')) return anthropicAnswer(response, anthropicText('Hello from Anthropic.'));
  if (!one.path.startsWith('/cohere')) {
    return chatAnswer(response, [delta({ content: 'Hello!' }), delta({}, 'stop'), usage(9, 3)]);
  }
  const send = eventStream(response);
  send({ type: 'message-start', id: 'x' });
  send({ type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } });
  send({ type: 'content-delta', index: 0, delta: { message: { content: { text: 'Hello!' } } } });
  send({ type: 'content-end', index: 0 });
  send({
    type: 'message-end',
    delta: { finish_reason: 'COMPLETE', usage: { tokens: { input_tokens: 9, output_tokens: 3 } } },
  });
  response.end();
};

const EXAMPLE = { model: 'gpt-4', messages: [{ role: 'user', content: 'Hello!' }] };

verifies(
  ['agent-api/gateway-messages', 'agent-api/gateway-not-streaming'],
  'the request of the document is answered by one JSON message, with "stream": false and without stream',
  async () => {
    await using world = await startWorld(everybody);
    for (const body of [
      { ...EXAMPLE, stream: false, max_tokens: 1024 },
      { ...EXAMPLE, max_tokens: 1024 },
    ]) {
      const response = await post(world.url, body);
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
      expect(await response.json()).toEqual({
        id: expect.stringMatching(/^msg_/),
        type: 'message',
        role: 'assistant',
        model: 'gpt-4',
        content: [{ type: 'text', text: 'Hello!', citations: null }],
        stop_reason: 'end_turn',
        stop_sequence: null,
        usage: { input_tokens: 9, output_tokens: 3, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
      });
    }
  },
);

verifies(
  ['agent-api/gateway-streaming', 'agent-api/gateway-max-tokens-optional'],
  'the streaming example, which has no max_tokens, is answered with the events of Anthropic from message_start to message_stop',
  async () => {
    await using world = await startWorld(everybody);
    const response = await post(world.url, { ...EXAMPLE, stream: true });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events = parseEventStream(await response.text());
    expect(checkStreamGrammar(events)).toEqual([]);
    expect([events[0]?.type, events.at(-1)?.type]).toEqual(['message_start', 'message_stop']);
    expect(world.provider.asked[0]?.body.max_tokens).toBe(4096);
  },
);

verifies(
  ['agent-api/gateway-anthropic-sdk-compatible'],
  "Anthropic's own client reads the answers of another provider, calls included, streamed and whole",
  async () => {
    const call = { index: 0, id: 'call_1', function: { name: 'get_weather', arguments: '{"city":"Rom"}' } };
    await using world = await startWorld((_, response) =>
      chatAnswer(response, [
        delta({ content: 'Looking.' }),
        delta({ tool_calls: [call] }),
        delta({}, 'tool_calls'),
        usage(20, 8),
      ]),
    );
    const client = new Anthropic({ baseURL: world.url, apiKey: TOKEN, maxRetries: 0 });
    const input_schema = { type: 'object' as const, properties: { city: { type: 'string' } } };
    const request = {
      model: 'gpt-4',
      max_tokens: 100,
      messages: [{ role: 'user' as const, content: 'Weather?' }],
      tools: [{ name: 'get_weather', input_schema }],
    };
    const messages = [await client.messages.create(request), await client.messages.stream(request).finalMessage()];
    for (const message of messages) {
      expect(message.content).toMatchObject([
        { type: 'text', text: 'Looking.' },
        { type: 'tool_use', id: 'call_1', name: 'get_weather', input: { city: 'Rom' } },
      ]);
      expect(message.stop_reason).toBe('tool_use');
    }
  },
);

verifies(
  ['agent-api/gateway-openai', 'agent-api/gateway-provider-keys'],
  'gpt-4 and gpt-3.5-turbo go to OpenAI, with its key',
  async () => {
    await using world = await startWorld(everybody);
    for (const model of ['gpt-4', 'gpt-3.5-turbo']) await asked(world.url, { ...HELLO, model });
    for (const { path, headers } of world.provider.asked) {
      expect(path).toBe('/openai/v1/chat/completions');
      expect(headers.authorization).toBe(`Bearer ${KEYS.OPENAI_API_KEY}`);
    }
    expect(new Set(world.provider.asked.map(({ body }) => body.model))).toEqual(new Set(['gpt-4', 'gpt-3.5-turbo']));
  },
);

verifies(
  ['agent-api/gateway-anthropic', 'agent-api/gateway-provider-keys'],
  'Claude models go to Anthropic, with its key',
  async () => {
    await using world = await startWorld(everybody);
    for (const model of ['claude-3-opus-20240229', 'claude-3-sonnet-20240229']) {
      await streamed(world.url, { ...HELLO, model });
      const sent = world.provider.asked.at(-1);
      expect([sent?.path, sent?.body.model]).toEqual(['/anthropic/v1/messages?beta=true', model]);
      expect(sent?.headers['x-api-key']).toBe(KEYS.ANTHROPIC_API_KEY);
    }
  },
);

verifies(
  ['agent-api/gateway-azure'],
  'azure/<deployment> goes to that deployment, in the form of each version of the service',
  async () => {
    await using dated = await startWorld(everybody);
    await asked(dated.url, { ...HELLO, model: 'azure/my-gpt4' });
    const sent = dated.provider.asked[0];
    expect(sent?.path).toBe('/azure/openai/deployments/my-gpt4/chat/completions?api-version=2024-10-21');
    expect(sent?.headers['api-key']).toBe(KEYS.AZURE_API_KEY);
    expect(sent?.headers).not.toHaveProperty('authorization');
    await using current = await startWorld(everybody, { environment: { AZURE_API_VERSION: 'v1' } });
    await asked(current.url, { ...HELLO, model: 'azure/my-gpt4' });
    expect(current.provider.asked[0]?.path).toBe('/azure/openai/v1/chat/completions?api-version=v1');
    expect(current.provider.asked[0]?.body.model).toBe('my-gpt4');
  },
);

verifies(
  ['agent-api/gateway-cohere', 'agent-api/gateway-provider-keys'],
  'command-nightly and command-light go to Cohere, with its key',
  async () => {
    await using world = await startWorld(everybody);
    for (const model of ['command-nightly', 'command-light']) {
      await asked(world.url, { ...HELLO, model });
      const sent = world.provider.asked.at(-1);
      expect([sent?.path, sent?.body.model]).toEqual(['/cohere/v2/chat', model]);
      expect(sent?.headers.authorization).toBe(`Bearer ${KEYS.COHERE_API_KEY}`);
    }
  },
);

verifies(
  ['agent-api/gateway-many-providers'],
  'more than 100 further providers, each with a base URL and a variable for its key, which it is sent',
  async () => {
    const named = new Set(['openai', 'anthropic', 'azure', 'cohere']);
    const further = Object.entries(PROVIDERS).filter(([id, row]) => !named.has(id) && row.keyRequired && row.baseUrl);
    expect(further.length).toBeGreaterThan(100);
    for (const [id, { baseUrl, keyVariables }] of further) {
      const [key = ''] = keyVariables;
      const [target] = createRouter({ environment: { [key]: `key-of-${id}` } }).route(`${id}/some-model`);
      expect(target).toMatchObject({ model: 'some-model', upstream: { provider: id, baseUrl, key: `key-of-${id}` } });
    }
    // And a few of them on the wire.
    for (const id of Object.keys(HOSTED_PROVIDERS).slice(0, 5)) {
      const [key = ''] = PROVIDERS[id]?.keyVariables ?? [];
      const [base = ''] = PROVIDERS[id]?.baseUrlVariables ?? [];
      await using upstream = await startWorld(everybody);
      await using world = await startWorld(everybody, {
        environment: { [key]: `key-of-${id}`, [base]: `${upstream.provider.url}/v1` },
      });
      await asked(world.url, { ...HELLO, model: `${id}/some-model` });
      expect(upstream.provider.asked[0]).toMatchObject({
        path: '/v1/chat/completions',
        headers: { authorization: `Bearer key-of-${id}` },
      });
    }
  },
);

verifies(
  ['agent-api/gateway-unavailable-backend'],
  'a provider that is not configured: the error says which variable to set, also as detail',
  async () => {
    await using world = await startWorld(everybody, { environment: { COHERE_API_KEY: undefined } });
    const response = await post(world.url, { ...HELLO, model: 'command-light' });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      type: 'error',
      error: { type: 'authentication_error', message: expect.stringContaining('set COHERE_API_KEY') },
      detail: expect.stringContaining('set COHERE_API_KEY to your key'),
    });
  },
);

verifies(
  ['agent-api/gateway-base-url-variable'],
  'the agent SDK, started with ANTHROPIC_BASE_URL and the model gpt-4, works without a change of its code',
  { timeout: 60_000 },
  async () => {
    await using world = await startWorld(everybody);
    await using claude = await startClaudeCode(world.url);
    const run = await claude.run({ prompt: 'Hello!', model: 'gpt-4' });
    expect(run.error).toBeNull();
    expect(run.texts).toEqual(['Hello!']);
    expect(world.provider.asked.map(({ path, body }) => [path, body.model])).toContainEqual([
      '/openai/v1/chat/completions',
      'gpt-4',
    ]);
  },
);
