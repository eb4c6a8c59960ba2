import { expect, test } from 'vitest';
import { asked, HELLO, post, streamed } from './testing/ask.ts';
import { startGateway, TOKEN } from './testing/gateway-server.ts';
import { anthropicAnswer, anthropicText, chatAnswer, delta, json, type Script, usage } from './testing/stand-in.ts';
import { startWorld } from './testing/world.ts';
import { isPrivateAddress } from './upstream/http-client.ts';
import type { UsageReport } from './usage-report.ts';

const GPT = { ...HELLO, model: 'gpt-4o-2024-11-20' };
const fine: Script = (_, response) =>
  chatAnswer(response, [
    delta({ content: 'Fine.' }, 'stop'),
    usage(1000, 100, { prompt_tokens_details: { cached_tokens: 400 } }),
  ]);

test('what an answer cost is told after it, with the list price of the model', async () => {
  const reports: UsageReport[] = [];
  await using world = await startWorld(fine, { onUsage: (report) => reports.push(report) });
  await post(world.url, GPT, { 'x-claude-code-session-id': 'session-1' }).then((response) => response.text());
  await Promise.all(world.gateway.handled);
  expect(reports).toMatchObject([
    {
      model: GPT.model,
      provider: 'openai',
      inputTokens: 600,
      outputTokens: 100,
      cacheReadTokens: 400,
      cacheWriteTokens: 0,
      estimated: false,
      sessionId: 'session-1',
    },
  ]);
  expect(reports[0]?.costUsd).toBeCloseTo((600 * 2.5 + 400 * 1.25 + 100 * 10) / 1e6, 12);
});

test('the host may refuse an answer: nobody is asked, and the client is told why and not to try again', async () => {
  const asked: string[] = [];
  await using world = await startWorld(fine, {
    refuse: ({ model, headers }) => {
      asked.push(model);
      return headers['x-spent'] === undefined ? null : 'Your budget is spent.';
    },
  });
  const refused = await post(world.url, GPT, { 'x-spent': 'yes' });
  expect([refused.status, await refused.json()]).toEqual([
    402,
    { type: 'error', error: { type: 'billing_error', message: 'Your budget is spent.' } },
  ]);
  expect(world.provider.asked).toEqual([]);
  expect((await post(world.url, GPT)).status).toBe(200);
  expect(asked).toEqual([GPT.model, GPT.model]);
});

test('an unknown price is unknown, not nothing; the operator can set one; the demo model is free', async () => {
  const reports: UsageReport[] = [];
  const onUsage = (report: UsageReport) => reports.push(report);
  await using world = await startWorld(fine, { onUsage, prices: { 'openai/own-model': { input: 1, output: 2 } } });
  for (const model of ['openai/unheard-of', 'openai/own-model', 'demo']) await streamed(world.url, { ...HELLO, model });
  await Promise.all(world.gateway.handled);
  expect(reports.map(({ costUsd }) => costUsd)).toEqual([null, (600 + 400 + 200) / 1e6, 0]);
});

test('a caller who leaves early has still cost something', async () => {
  const reports: UsageReport[] = [];
  await using world = await startWorld(
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify(delta({ content: 'Some words of an answer. '.repeat(20) }))}\n\n`);
    },
    { onUsage: (report) => reports.push(report) },
  );
  const abort = new AbortController();
  const response = await fetch(`${world.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': TOKEN },
    body: JSON.stringify({ ...GPT, stream: true }),
    signal: abort.signal,
  });
  await response.body?.getReader().read();
  abort.abort();
  await Promise.all(world.gateway.handled);
  expect(reports).toMatchObject([{ estimated: true, provider: 'openai' }]);
});

test('a chain goes on where a provider fails, and stops where the caller has to change something', async () => {
  const script: Script = (one, response, index) => {
    if (one.path.startsWith('/openai')) return json(response, 503, { error: { message: 'down' } });
    if (one.path.startsWith('/anthropic')) return anthropicAnswer(response, anthropicText('From Anthropic.'));
    return fine(one, response, index);
  };
  const fallbacks = { 'gpt-4o': ['deepseek-chat'], 'gpt-4': ['claude-opus-5-5'], 'gpt-4-turbo': ['demo'] };
  await using world = await startWorld(script, { fallbacks });
  expect(await asked(world.url, { ...HELLO, model: 'gpt-4o' })).toMatchObject({
    model: 'gpt-4o',
    content: [{ text: 'Fine.' }],
  });
  expect(JSON.stringify(await streamed(world.url, { ...HELLO, model: 'gpt-4' }))).toContain('From Anthropic.');
  expect((await streamed(world.url, { ...HELLO, model: 'gpt-4-turbo' })).at(-1)).toEqual({ type: 'message_stop' });
});

test('the last provider of a chain says why', async () => {
  const script: Script = (one, response) =>
    json(response, one.path.startsWith('/openai') ? 503 : 429, {
      error: { message: one.path.startsWith('/openai') ? 'down' : 'slow down' },
    });
  await using world = await startWorld(script, { fallbacks: { 'gpt-4o': ['deepseek-chat'] } });
  const response = await post(world.url, { ...HELLO, model: 'gpt-4o' });
  expect([response.status, await response.text()]).toEqual([429, expect.stringContaining('deepseek: slow down')]);
});

test('models of configured providers are listed beside the aliases and the demo model', async () => {
  await using server = await startGateway({
    environment: { OPENAI_API_KEY: 'key' },
    aliases: { fast: 'gpt-4o-mini', 'claude-*': 'gpt-4o' },
  });
  const list = (await (await fetch(`${server.url}/v1/models`, { headers: { 'x-api-key': TOKEN } })).json()) as {
    data: { id: string }[];
  };
  const ids = list.data.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(['fast', 'gpt-4o', 'demo']));
  expect(ids.filter((id) => id.includes('*') || id.startsWith('claude'))).toEqual([]);
  const one = await fetch(`${server.url}/v1/models/gpt-4o`, { headers: { 'x-api-key': TOKEN } });
  expect(await one.json()).toMatchObject({ type: 'model', id: 'gpt-4o' });
  expect((await fetch(`${server.url}/v1/models/who`, { headers: { 'x-api-key': TOKEN } })).status).toBe(404);
});

test('the demo model stays reachable beside real providers', async () => {
  await using world = await startWorld(fine);
  expect((await streamed(world.url, { ...HELLO, model: 'demo' })).at(-1)).toEqual({ type: 'message_stop' });
  expect(world.provider.asked).toEqual([]);
});

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '169.254.169.254',
  '192.168.0.1',
  '172.31.0.1',
  '100.64.0.1',
  '::1',
  'fd00::1',
  'fe80::1',
  '::ffff:10.0.0.1',
  '0.0.0.0',
])('a public provider whose name leads to %s is not asked', async (address) => {
  expect(isPrivateAddress(address)).toBe(true);
  const lookup = ((
    _: string,
    options: { all?: boolean },
    done: (error: null, found: unknown, family?: number) => void,
  ) => {
    const family = address.includes(':') ? 6 : 4;
    if (options.all) done(null, [{ address, family }]);
    else done(null, address, family);
  }) as never;
  await using server = await startGateway({ environment: { OPENAI_API_KEY: 'sk-canary-0123456789' }, lookup });
  const response = await post(server.url, { ...HELLO, model: 'gpt-4' });
  const text = await response.text();
  expect([response.status, text]).toEqual([502, expect.stringContaining('private address')]);
  expect(text).not.toContain('canary');
});

test('public addresses are public', () => {
  for (const address of ['8.8.8.8', '1.1.1.1', '2606:4700::1111', '172.32.0.1'])
    expect(isPrivateAddress(address)).toBe(false);
});

test('closing breaks off what is under way', async () => {
  const begun = Promise.withResolvers<void>();
  const world = await startWorld(() => begun.resolve());
  const asking = post(world.url, GPT)
    .then((response) => response.status)
    .catch(() => 'cut');
  await begun.promise;
  await world[Symbol.asyncDispose]();
  expect(['cut', 502]).toContain(await asking);
});
