import type { SDKResultMessage } from '@anthropic-ai/claude-agent-sdk';
import { expect, test } from 'vitest';
import { usageOf } from './result-usage.ts';

const OPUS = {
  inputTokens: 10,
  outputTokens: 20,
  cacheReadInputTokens: 30,
  cacheCreationInputTokens: 40,
  costUSD: 0.5,
};
const usage = { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: 3, cache_creation_input_tokens: 4 };
const result = (given: object): SDKResultMessage =>
  ({ type: 'result', subtype: 'success', usage, modelUsage: { m: OPUS }, ...given }) as unknown as SDKResultMessage;

test('what was used since the last result counts, by model, not the running totals', () => {
  const since = {
    'claude-opus-5-5': { ...OPUS, costBasis: 'list', provider: 'firstParty' },
    'some-model': { ...OPUS, costBasis: 'unknown', provider: 'bedrock' },
  };
  const tokens = { inputTokens: 10, outputTokens: 20, cacheReadTokens: 30, cacheWriteTokens: 40 };
  expect(usageOf(result({ model_usage_since_last_result: since }))).toEqual([
    { provider: 'anthropic', model: 'claude-opus-5-5', ...tokens, costUsd: 0.5 },
    // The CLI takes another model's price for it.
    { provider: 'bedrock', model: 'some-model', ...tokens, costUsd: null },
  ]);
  expect(usageOf(result({ model_usage_since_last_result: {} }))).toEqual([]);
});

test('a CLI that does not tell it: the tokens of the turn, at an unknown price', () => {
  expect(usageOf(result({}))).toEqual([
    {
      ...{ provider: 'anthropic', model: 'm', costUsd: null },
      ...{ inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4 },
    },
  ]);
  expect(usageOf(result({ usage: { ...usage, input_tokens: 0, output_tokens: 0 } }))).toEqual([]);
});
