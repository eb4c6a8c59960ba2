import { describe, expect, test } from 'vitest';
import { costOf, priceOf } from './prices.ts';

const tokens = (...[input, output, read = 0, written = 0]: number[]) => ({
  input_tokens: input ?? 0,
  output_tokens: output ?? 0,
  cache_read_input_tokens: read,
  cache_creation_input_tokens: written,
});

describe('prices', () => {
  test('a model nobody put a price on has none, also at a provider whose other models have one', () => {
    expect(priceOf('openai', 'gpt-9')).toBeNull();
    expect(priceOf('openrouter', 'openai/gpt-4o')).toBeNull();
    expect(priceOf('constructor', 'toString')).toBeNull();
  });

  test('a date does not change the price; the operator’s own price goes first', () => {
    expect(priceOf('anthropic', 'claude-3-5-sonnet-20241022')).toEqual(priceOf('anthropic', 'claude-3-5-sonnet'));
    const own = { 'openai/gpt-4o': { input: 1, output: 2 } };
    expect(priceOf('openai', 'gpt-4o-2024-11-20', own)).toEqual({ input: 1, output: 2 });
    expect(priceOf('demo', 'demo', { 'demo/demo': { input: 7, output: 7 } })).toEqual({ input: 7, output: 7 });
  });

  test('every kind of token counts at its own price', () => {
    const price = { input: 4, output: 20, cacheRead: 0.2, cacheWrite: 5 };
    expect(costOf(tokens(1_000_000, 0), price)).toBeCloseTo(4);
    expect(costOf(tokens(0, 1_000_000, 1_000_000, 1_000_000), price)).toBeCloseTo(25.2);
    expect(costOf(tokens(0, 0, 1_000_000), { input: 3, output: 6 })).toBeCloseTo(3);
  });

  test('a long request has its own price, counted with what came from the cache', () => {
    const price = { input: 1, output: 1, above: { tokens: 100, input: 5, output: 5 } };
    expect(costOf(tokens(100, 0), price)).toBeCloseTo(100e-6);
    expect(costOf(tokens(60, 0, 41), price)).toBeCloseTo(505e-6);
  });
});
