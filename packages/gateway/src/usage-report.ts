import type { IncomingHttpHeaders } from 'node:http';
import type { Usage } from './anthropic/stream-events.ts';
import { costOf, type PriceTable, priceOf } from './models/prices.ts';
import type { Target } from './routing/router.ts';

/** What one answer cost. */
export interface UsageReport {
  /** As the caller named it. */
  model: string;
  /** The provider that answered; `demo` for the demo model. */
  provider: string;
  /** As the provider names it. */
  providerModel: string;
  /** Without the tokens that were read from or written to a cache. */
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  /** US dollars by list price. Null: nobody said what the model costs. */
  costUsd: number | null;
  /** The provider did not tell, or the caller left early: the tokens are estimates. */
  estimated: boolean;
  /** The session of Claude Code that asked, from its header `x-claude-code-session-id`. */
  sessionId: string | null;
  /** The request's headers, for a host that knows callers by their token. */
  headers: IncomingHttpHeaders;
}

export interface Answered {
  /** As the caller named the model. */
  model: string;
  target: Target;
  usage: Usage;
  estimated: boolean;
  headers: IncomingHttpHeaders;
}

function sessionOf(headers: IncomingHttpHeaders): string | null {
  const value = headers['x-claude-code-session-id'];
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : null;
}

export function usageReport({ model, target, usage, estimated, headers }: Answered, prices: PriceTable): UsageReport {
  const provider = target.kind === 'demo' ? 'demo' : target.upstream.provider;
  const price = priceOf(provider, target.kind === 'demo' ? 'demo' : target.model, prices);
  return {
    model,
    provider,
    providerModel: target.model,
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    cacheReadTokens: usage.cache_read_input_tokens,
    cacheWriteTokens: usage.cache_creation_input_tokens,
    costUsd: price === null ? null : costOf(usage, price),
    estimated,
    sessionId: sessionOf(headers),
    headers,
  };
}
