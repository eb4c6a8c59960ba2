import { createGateway, type PriceTable } from '@claude-companion/gateway';
import { CompanionError } from '@claude-companion/protocol';
import { describe, expect, test } from 'vitest';
import { directCredentials, modelAccess } from './model-access.ts';
import { ProcessKeys } from './process-keys.ts';

interface Setting {
  defaultModel?: string;
  aliases?: Record<string, string>;
  prices?: PriceTable;
  cheaper?: Record<string, string>;
}

function access(environment: Record<string, string>, setting: Setting = {}) {
  const { aliases = {}, prices = {}, cheaper = {}, defaultModel = null } = setting;
  const demoStandsIn = directCredentials(environment) === null;
  const gateway = createGateway({ authorize: () => true, environment, aliases, prices, demoStandsIn });
  return modelAccess({ environment, gateway, defaultModel, cheaper });
}

const ANTHROPIC = { ANTHROPIC_API_KEY: 'sk-ant-0123456789' };
const OPENAI = { OPENAI_API_KEY: 'sk-0123456789' };
const wish = (model: string | null, more: object = {}) => ({ model, enableProxy: false, maxBudgetUsd: null, ...more });
const refused = (work: () => void): string | null => {
  try {
    work();
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(CompanionError);
    return (error as CompanionError).code;
  }
};

describe('which way a session goes', () => {
  const way = (environment: Record<string, string>, model: string | null, enableProxy = false) =>
    access(environment, { aliases: { mine: 'openai/gpt-4o' } }).wayOf({ initialModel: model, enableProxy });

  test.each([
    [ANTHROPIC, null, 'direct'],
    [ANTHROPIC, 'sonnet', 'direct'],
    [ANTHROPIC, 'claude-opus-5-5', 'direct'],
    [ANTHROPIC, 'demo', 'gateway'],
    [{ ...ANTHROPIC, ...OPENAI }, 'gpt-4o', 'gateway'],
    [{ ...ANTHROPIC, ...OPENAI }, 'mine', 'gateway'],
    // Nobody else can be asked for it: whatever is at the other end says so.
    [ANTHROPIC, 'gpt-4o', 'direct'],
    [
      { CLAUDE_CODE_USE_BEDROCK: '1', AWS_REGION: 'eu-1', AWS_BEARER_TOKEN_BEDROCK: 't' },
      'eu.anthropic.claude-x',
      'direct',
    ],
    [OPENAI, 'gpt-4o', 'gateway'],
    [OPENAI, null, 'gateway'],
    [{}, null, 'gateway'],
  ])('%j with %s: %s', (environment, model, expected) => {
    expect(way(environment, model)).toBe(expected);
  });

  test('enable_proxy always means the gateway', () => {
    expect(way(ANTHROPIC, 'claude-opus-5-5', true)).toBe('gateway');
  });
});

describe('what is refused, and how it is said', () => {
  test.each<[environment: Record<string, string>, model: string | null, code: string | null]>([
    [ANTHROPIC, null, null],
    [ANTHROPIC, 'opus', null],
    [ANTHROPIC, 'claude-next-9', null],
    [ANTHROPIC, 'demo', null],
    [ANTHROPIC, 'nonsense', 'UNKNOWN_MODEL'],
    [ANTHROPIC, 'gpt-4o', 'UNKNOWN_MODEL'],
    // A proxy may have any name.
    [{ ...ANTHROPIC, ANTHROPIC_BASE_URL: 'http://127.0.0.1:1' }, 'nonsense', null],
    [{ CLAUDE_CODE_USE_VERTEX: '1' }, 'my-deployment', null],
    [OPENAI, null, 'UNKNOWN_MODEL'],
    [OPENAI, 'haiku', 'UNKNOWN_MODEL'],
    [OPENAI, 'claude-opus-5-5', 'UNKNOWN_MODEL'],
    [OPENAI, 'gpt-4o', null],
    [OPENAI, 'demo', null],
    [{}, 'anything', null],
    [{}, null, null],
  ])('%j with %s: %s', (environment, model, code) => {
    expect(refused(() => access(environment).check(wish(model)))).toBe(code);
  });

  test('a budget needs a price, where the gateway keeps it', () => {
    const budget = { maxBudgetUsd: 1 };
    const priced = access(OPENAI, { prices: { 'openai/new-model': { input: 1, output: 1 } } });
    expect(refused(() => access(OPENAI).check(wish('openai/new-model', budget)))).toBe('INVALID_PARAMETERS');
    expect(refused(() => priced.check(wish('openai/new-model', budget)))).toBeNull();
    expect(refused(() => access(ANTHROPIC).check(wish('claude-next-9', budget)))).toBeNull();
    expect(refused(() => access(ANTHROPIC).check(wish('claude-next-9', { ...budget, enableProxy: true })))).toBe(
      'INVALID_PARAMETERS',
    );
  });

  test('an alias for Claude’s names stands for the account that is missing', () => {
    const aliased = access(OPENAI, { aliases: { 'claude-*': 'gpt-4o' } });
    expect(refused(() => aliased.check(wish(null)))).toBeNull();
    expect(aliased.usual).toEqual({ initialModel: null, viaGateway: true });
    expect(access(OPENAI).usual).toBeNull();
  });

  test('a session cannot change to a model that is not on its way', () => {
    const both = access({ ...ANTHROPIC, ...OPENAI });
    const direct = { enableProxy: false, initialModel: null };
    expect(refused(() => both.checkChange(direct, { model: 'gpt-4o', maxBudgetUsd: null }))).toBe('UNKNOWN_MODEL');
    expect(refused(() => both.checkChange(direct, { model: 'sonnet', maxBudgetUsd: null }))).toBeNull();
    const proxied = { enableProxy: true, initialModel: null };
    expect(refused(() => both.checkChange(proxied, { model: 'gpt-4o', maxBudgetUsd: null }))).toBeNull();
  });
});

describe('what a process gets', () => {
  const keys = new ProcessKeys();
  const parts = { gatewayUrl: 'http://127.0.0.1:1', keys };

  test('an account goes to a direct process only', () => {
    const direct = access(ANTHROPIC);
    expect(direct.forProcess({ ...parts, viaGateway: false, initialModel: null }).access).toEqual({
      kind: 'direct',
      variables: ANTHROPIC,
    });
    const proxied = direct.forProcess({ ...parts, viaGateway: true, initialModel: null });
    expect(JSON.stringify(proxied.access)).not.toContain(ANTHROPIC.ANTHROPIC_API_KEY);
  });

  test('a key of its own, known by its session from the moment it has one, until the process is gone', () => {
    const {
      access: given,
      belongTo,
      dispose,
    } = access({}).forProcess({ ...parts, viaGateway: true, initialModel: null });
    const key = given.kind === 'gateway' ? given.apiKey : '';
    expect([keys.has(key), keys.sessionOf(key)]).toEqual([true, null]);
    belongTo?.({ sessionId: 's1' });
    expect(keys.sessionOf(key)).toBe('s1');
    dispose?.();
    expect([keys.has(key), keys.sessionOf(key)]).toEqual([false, null]);
  });

  test('without an account at Anthropic its own small jobs go to the session’s model', () => {
    const { access: given } = access(OPENAI).forProcess({ ...parts, viaGateway: true, initialModel: 'gpt-4o' });
    expect(given.variables).toMatchObject({ ANTHROPIC_DEFAULT_HAIKU_MODEL: 'gpt-4o' });
  });
});

test('a cheaper model is the operator’s, the next smaller Claude, or one at half the price', () => {
  const both = access({ ...ANTHROPIC, ...OPENAI }, { cheaper: { 'gpt-4.1': 'demo' } });
  const cases: [model: string | null, way: 'direct' | 'gateway', cheaper: string | null][] = [
    ['gpt-4.1', 'gateway', 'demo'],
    ['claude-opus-5-5', 'direct', 'sonnet'],
    ['sonnet', 'direct', 'haiku'],
    ['claude-haiku-5-5', 'direct', null],
    [null, 'direct', 'haiku'],
    ['claude-sonnet-4-5', 'gateway', 'haiku'],
    ['openai/unpriced', 'gateway', null],
    ['demo', 'gateway', null],
  ];
  for (const [model, way, cheaper] of cases) expect([model, both.cheaperThan(model, way)]).toEqual([model, cheaper]);
  const smaller = both.cheaperThan('gpt-4o', 'gateway');
  expect(smaller).not.toBeNull();
  const { describe: look } = createGateway({ authorize: () => true, environment: OPENAI });
  const found = look(smaller ?? '');
  expect(found).toMatchObject({ provider: 'openai' });
  if (found.reachable && found.price) expect(found.price.input + found.price.output).toBeLessThanOrEqual(6.25);
});
