import { expect, test } from 'vitest';
import { ApiError } from '../anthropic/errors.ts';
import { PROVIDER_ALIASES, PROVIDERS } from './providers.ts';
import { createRouter, type RoutingOptions, type Target } from './router.ts';

const ALL = {
  OPENAI_API_KEY: 'key-openai',
  ANTHROPIC_API_KEY: 'key-anthropic',
  COHERE_API_KEY: 'key-cohere',
  GEMINI_API_KEY: 'key-google',
  AZURE_API_KEY: 'key-azure',
  AZURE_API_BASE: 'https://example.openai.azure.com/',
  AWS_ACCESS_KEY_ID: 'id',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_REGION: 'eu-central-1',
  MISTRAL_API_KEY: 'key-mistral',
  OPENROUTER_API_KEY: 'key-openrouter',
};

function first(model: string, options: RoutingOptions = { environment: ALL }): Target {
  return createRouter(options).route(model)[0];
}

function where(model: string, options?: RoutingOptions): string {
  const target = first(model, options);
  return target.kind === 'demo' ? 'demo' : `${target.upstream.provider} ${target.model}`;
}

function refusal(model: string, options: RoutingOptions): ApiError {
  try {
    first(model, options);
  } catch (error) {
    if (error instanceof ApiError) return error;
  }
  throw new Error(`${model} was not refused.`);
}

test.each([
  ['gpt-4', 'openai gpt-4'],
  ['gpt-3.5-turbo', 'openai gpt-3.5-turbo'],
  ['o4-mini', 'openai o4-mini'],
  ['gpt-5-codex', 'openai-responses gpt-5-codex'],
  ['openai/gpt-5-codex', 'openai-responses gpt-5-codex'],
  ['openai/gpt-4o', 'openai gpt-4o'],
  ['claude-3-opus-20240229', 'anthropic claude-3-opus-20240229'],
  ['anthropic/claude-opus-5-5', 'anthropic claude-opus-5-5'],
  ['azure/my-deployment', 'azure my-deployment'],
  ['command-r', 'cohere command-r'],
  ['command-nightly', 'cohere command-nightly'],
  ['gemini/gemini-2.5-pro', 'google gemini-2.5-pro'],
  ['gemini-3-pro-preview', 'google gemini-3-pro-preview'],
  ['mistral-large-latest', 'mistral mistral-large-latest'],
  ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'bedrock us.anthropic.claude-sonnet-4-5-20250929-v1:0'],
  ['bedrock/meta.llama3-1-70b-instruct-v1:0', 'bedrock meta.llama3-1-70b-instruct-v1:0'],
  ['openrouter/qwen/qwen3-coder', 'openrouter qwen/qwen3-coder'],
  ['ollama/llama3.3', 'ollama llama3.3'],
  ['demo', 'demo'],
])('%s goes to %s', (model, expected) => {
  expect(where(model)).toBe(expected);
});

test('without any setting everything is the demo model, also what would need a key', () => {
  for (const model of ['gpt-4', 'claude-opus-5-5', 'azure/x', 'who-knows', 'openrouter/a/b']) {
    expect(where(model, {})).toBe('demo');
    // These variables are about other things than a wish for their models.
    expect(where(model, { environment: { GITHUB_TOKEN: 'x', AWS_ACCESS_KEY_ID: 'x', HF_TOKEN: 'x' } })).toBe('demo');
  }
});

test.each([
  ['claude-opus-5-5', 'ANTHROPIC_API_KEY'],
  ['command-light', 'COHERE_API_KEY'],
  ['azure/x', 'AZURE_API_KEY'],
  ['gemini-2.5-pro', 'GEMINI_API_KEY'],
  ['bedrock/amazon.nova-pro-v1:0', 'AWS_BEARER_TOKEN_BEDROCK'],
  ['groq/llama', 'GROQ_API_KEY'],
  ['vultr/x', 'VULTR_API_KEY'],
])('%s without its key is refused with the name of the variable', (model, variable) => {
  const error = refusal(model, { environment: { OPENAI_API_KEY: 'key' } });
  expect(error).toMatchObject({ type: 'authentication_error', message: expect.stringContaining(`set ${variable}`) });
  expect(error.body.detail).toContain(variable);
});

test('what else is missing is named, too', () => {
  const azure = { environment: { AZURE_API_KEY: 'key' } };
  expect(refusal('azure/x', azure).message).toContain('AZURE_API_BASE');
  const aws = { environment: { OPENAI_API_KEY: 'key', AWS_ACCESS_KEY_ID: 'id' } };
  expect(refusal('bedrock/amazon.nova-pro-v1:0', aws).message).toContain('AWS_SECRET_ACCESS_KEY');
  expect(refusal('who-knows', { environment: ALL })).toMatchObject({
    status: 404,
    message: expect.stringContaining('provider/model'),
  });
});

test('aliases, by name and by pattern, the longest pattern first, and never in a circle', () => {
  const options = {
    environment: ALL,
    aliases: { fast: 'gpt-4o-mini', 'claude-*': 'openai/gpt-4o', 'claude-haiku*': 'fast', a: 'b', b: 'a' },
  };
  expect(where('fast', options)).toBe('openai gpt-4o-mini');
  expect(where('claude-opus-5-5', options)).toBe('openai gpt-4o');
  expect(where('claude-haiku-4-5', options)).toBe('openai gpt-4o-mini');
  expect(refusal('a', options).message).toContain('circle');
});

test('a chain of fallbacks leaves out what is not configured', () => {
  const router = createRouter({ environment: ALL, fallbacks: { 'gpt-4o': ['grok-4', 'mistral-large', 'demo'] } });
  const chain = router.route('gpt-4o').map((target) => (target.kind === 'demo' ? 'demo' : target.upstream.provider));
  expect(chain).toEqual(['openai', 'mistral', 'demo']);
});

test('a provider of the operator is one entry', () => {
  const providers = { lab: { baseUrl: 'http://10.0.0.5:8000/v1/', headers: { 'x-team': 'lab-team' } } };
  expect(first('lab/some/model', { providers })).toMatchObject({
    model: 'some/model',
    upstream: { wire: 'openai-chat', baseUrl: 'http://10.0.0.5:8000/v1', mayBePrivate: true, key: null },
  });
});

test('names that could leave their place in a path are refused', () => {
  for (const name of [
    'azure/..',
    'gemini/../../v1/files',
    'azure/.',
    'openai/',
    'gemini/a//b',
    'azure/a?b=c',
    'azure/a#b',
    'google/a\n',
  ]) {
    expect(refusal(name, { environment: ALL })).toMatchObject({ type: 'not_found_error' });
  }
});

test('only addresses of the operator may be private; a base URL has no user and no other scheme', () => {
  const upstream = (environment: Record<string, string>) => first('gpt-4', { environment });
  expect(upstream({ OPENAI_API_KEY: 'k' })).toMatchObject({ upstream: { mayBePrivate: false } });
  expect(upstream({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'http://192.168.1.2/v1' })).toMatchObject({
    upstream: { mayBePrivate: true },
  });
  for (const wrong of ['file:///etc/passwd', 'https://user:pass@example.com', 'not a url']) {
    expect(refusal('gpt-4', { environment: { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: wrong } }).message).toContain(
      'base URL',
    );
  }
});

test('every row of the table can be resolved, and what it needs is named', () => {
  for (const [id, row] of Object.entries(PROVIDERS)) {
    const environment: Record<string, string> = { AWS_REGION: 'us-east-1', AWS_SECRET_ACCESS_KEY: 's' };
    const [key] = row.keyVariables;
    const [base] = row.baseUrlVariables;
    if (key && row.keyRequired) environment[key] = 'some-key';
    if (!row.baseUrl && base) environment[base] = 'https://example.com/v1';
    expect(first(`${id}/some-model`, { environment })).toMatchObject({ kind: 'upstream', upstream: { provider: id } });
    if (row.baseUrl) expect(URL.canParse(row.baseUrl) && !row.baseUrl.endsWith('/')).toBe(true);
    expect(row.baseUrlVariables.length).toBeGreaterThan(0);
    expect(row.keyVariables.length).toBeGreaterThan(0);
  }
  for (const id of Object.values(PROVIDER_ALIASES)) expect(PROVIDERS).toHaveProperty([id]);
});
