/** What a turn asked models for, from the CLI's `result` message: sub-agents and the CLI's own small requests included. */
import type { SDKResultMessage } from '@anthropic-ai/claude-agent-sdk';
import type { AgentUsage } from '../agent.ts';

/** Claude Code 2.1.329 sends it; the SDK does not declare it. Its totals run on across turns and resumes, this does not. */
const FIRST_PARTY = 'anthropic';
const SINCE_LAST = 'model_usage_since_last_result';

export function usageOf(result: SDKResultMessage): AgentUsage[] {
  const since = (result as unknown as Record<string, unknown>)[SINCE_LAST];
  if (isRecord(since)) return Object.entries(since).flatMap(([model, usage]) => usageOfModel(model, usage));
  // Another version of the CLI: the turn of the main agent is known, its price is not.
  const { input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens } = result.usage;
  if (input_tokens + output_tokens === 0) return [];
  return [
    {
      provider: FIRST_PARTY,
      model: Object.keys(result.modelUsage)[0] ?? 'unknown',
      inputTokens: input_tokens,
      outputTokens: output_tokens,
      cacheReadTokens: cache_read_input_tokens,
      cacheWriteTokens: cache_creation_input_tokens,
      costUsd: null,
    },
  ];
}

function usageOfModel(model: string, usage: unknown): AgentUsage[] {
  if (!isRecord(usage)) return [];
  const count = (name: string): number => (typeof usage[name] === 'number' ? usage[name] : 0);
  return [
    {
      provider: typeof usage.provider === 'string' && usage.provider !== 'firstParty' ? usage.provider : FIRST_PARTY,
      model,
      inputTokens: count('inputTokens'),
      outputTokens: count('outputTokens'),
      cacheReadTokens: count('cacheReadInputTokens'),
      cacheWriteTokens: count('cacheCreationInputTokens'),
      // For a model it does not know the CLI takes the price of another one.
      costUsd: usage.costBasis === 'unknown' ? null : count('costUSD'),
    },
  ];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
