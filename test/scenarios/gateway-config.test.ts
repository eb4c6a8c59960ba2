/** The file of GATEWAY_CONFIG: the example of its page, and everything that can be wrong with it. */
import { readFileSync } from 'node:fs';
import { ConfigError, loadGatewayConfig } from '@claude-companion/server';
import { afterEach, describe, expect, test } from 'vitest';
import { gatewayConfigFile } from '../world/gateway-config.ts';
import { FINAL, startChatProvider } from '../world/model-providers.ts';
import { openWorld, type World } from '../world/server.ts';
import { companion, makeHome } from '../world/server-process.ts';

const KEY = 'sk-canary-0123456789abcdef';

let world: World | null = null;
afterEach(async () => {
  await world?.[Symbol.asyncDispose]();
  world = null;
});

const message = (model: string): RequestInit => ({
  method: 'POST',
  body: JSON.stringify({ model, max_tokens: 100, messages: [{ role: 'user', content: 'Hello!' }] }),
});

/** Why the server does not start. */
async function refusal(content: unknown): Promise<string> {
  using file = gatewayConfigFile(content);
  const error: unknown = await loadGatewayConfig(file.path, {}).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).message;
}

describe('the page', () => {
  const page = readFileSync(new URL('../../docs/gateway.md', import.meta.url), 'utf8');
  const example = /```json\n([\s\S]+?)```/.exec(page)?.[1] ?? '';

  test('its example works as it stands: an alias, a chain, a provider of one’s own', { timeout: 30_000 }, async () => {
    await using openai = await startChatProvider();
    await using lab = await startChatProvider();
    using file = gatewayConfigFile(example.replace('http://10.0.0.5:8000', lab.url));
    world = await openWorld({
      settings: { GATEWAY_CONFIG: file.path },
      environment: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: `${openai.url}/v1` },
    });
    const { client, request } = world;
    for (const model of ['fast', 'claude-haiku-9']) {
      expect(await (await request('/v1/messages', message(model))).text()).toContain(FINAL);
      expect(openai.asked.at(-1)?.body.model).toBe('gpt-4o-mini');
    }
    await openai[Symbol.asyncDispose]();
    // Its connections are gone: the next in the chain is asked.
    expect(await (await request('/v1/messages', message('gpt-4o'))).text()).toContain(FINAL);
    expect(lab.asked.at(-1)?.body.model).toBe('qwen3-coder');
    const { models } = await client.usage();
    const priced = models.find(({ provider }) => provider === 'lab');
    expect(priced?.costUsd).toBeCloseTo((1_000 * 0.2 + 100 * 0.8) / 1e6, 10);
    // The owner's own client asked: no session is to be charged.
    expect((await client.usage()).sessions).toEqual([expect.objectContaining({ sessionId: null })]);
  });
});

describe('a file that is wrong stops the start and names the field', () => {
  const cases: [name: string, content: unknown, told: RegExp][] = [
    ['no JSON', '{"aliases": ', /^GATEWAY_CONFIG: .*gateway\.json is not JSON/],
    ['a list', [], /^GATEWAY_CONFIG: the file: /],
    ['an unknown field', { alias: {} }, /^GATEWAY_CONFIG: the file: "alias" is not known here\.$/],
    [
      'a key in the file',
      { providers: { lab: { baseUrl: 'http://x.example', apiKey: KEY } } },
      /^GATEWAY_CONFIG: providers\.lab: "apiKey" is not known here; name the variable that holds the key in "keyVariable"\.$/,
    ],
    [
      'an address that is none',
      { providers: { lab: { baseUrl: 'ftp://x' } } },
      /providers\.lab\.baseUrl: must be an http/,
    ],
    [
      'a password in an address',
      { providers: { lab: { baseUrl: `http://user:${KEY}@x.example` } } },
      /providers\.lab\.baseUrl: must not hold a user or a password\.$/,
    ],
    ['a provider without an address', { providers: { lab: {} } }, /providers\.lab: .*No provider is known/],
    [
      'a provider with an odd name',
      { providers: { 'My Lab': { baseUrl: 'http://x.example' } } },
      /named in small letters/,
    ],
    [
      'a variable that is not set',
      { providers: { lab: { baseUrl: 'http://x.example', keyVariable: 'LAB_KEY' } } },
      /providers\.lab\.keyVariable: the variable LAB_KEY is not set\.$/,
    ],
    [
      'an unknown wire',
      { providers: { lab: { baseUrl: 'http://x.example', wire: 'soap' } } },
      /providers\.lab\.wire: /,
    ],
    [
      'an alias of nothing',
      { aliases: { fast: 'no-such-model' } },
      /aliases\.fast: model: no-such-model\. No provider/,
    ],
    ['aliases in a circle', { aliases: { a: 'b', b: 'a' } }, /aliases\.a: The alias .* leads in a circle/],
    ['a chain to nowhere', { fallbacks: { 'gpt-4o': ['demo', 'nowhere'] } }, /fallbacks\.gpt-4o\.1: model: nowhere/],
    ['an empty chain', { fallbacks: { 'gpt-4o': [] } }, /fallbacks\.gpt-4o: must name at least one model/],
    [
      'a price without a provider',
      { prices: { 'gpt-4o': { input: 1, output: 1 } } },
      /must be written as provider\/model/,
    ],
    [
      'a price below nothing',
      { prices: { 'openai/x': { input: -1, output: 1 } } },
      /prices\.openai\/x\.input: must not be/,
    ],
    [
      'a price of an unknown provider',
      { prices: { 'opnai/x': { input: 1, output: 1 } } },
      /prices\.opnai\/x: .*No provider/,
    ],
    ['a cheaper model that is none', { cheaper: { 'gpt-4o': 'nothing' } }, /cheaper\.gpt-4o: model: nothing/],
  ];
  for (const [name, content, told] of cases) {
    test(name, async () => {
      const said = await refusal(content);
      expect(said).toMatch(told);
      expect(said).not.toContain(KEY);
    });
  }

  test('a file that is not there, and a default model that nobody can be asked for', { timeout: 30_000 }, async () => {
    using home = makeHome();
    const start = (env: Record<string, string>) => companion(['serve', '--port', '0'], { home, env });
    const missing = await start({ GATEWAY_CONFIG: '/nowhere/gateway.json' });
    expect(missing).toMatchObject({
      code: 1,
      stderr: 'GATEWAY_CONFIG: the file /nowhere/gateway.json cannot be read (ENOENT).\n',
    });
    const unknown = await start({ ANTHROPIC_MODEL: 'gpt-4o', GEMINI_API_KEY: KEY });
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toMatch(/^ANTHROPIC_MODEL: The provider openai is not configured: set OPENAI_API_KEY/);
  });
});
