/** How a turn ended, from the CLI's `result` message. */
import type { SDKResultMessage } from '@anthropic-ai/claude-agent-sdk';
import type { EventData } from '@claude-companion/protocol';

type TurnEnd = EventData<'turn.ended'>;

export function turnEnded(result: SDKResultMessage): TurnEnd {
  const outcome = outcomeOf(result);
  return {
    outcome,
    ...(outcome === 'completed' && result.subtype === 'success' && { text: result.result }),
    ...(outcome === 'failed' && { error: errorOf(result) }),
    numTurns: result.num_turns,
    durationMs: result.duration_ms,
    // The CLI says 0 when it knows no price; an unknown price is left out.
    ...(result.total_cost_usd > 0 && { totalCostUsd: result.total_cost_usd }),
    usage: {
      inputTokens: result.usage.input_tokens,
      outputTokens: result.usage.output_tokens,
      cacheReadTokens: result.usage.cache_read_input_tokens,
      cacheWriteTokens: result.usage.cache_creation_input_tokens,
    },
  };
}

/**
 * An interrupt is reported as an error by the CLI; only the reason tells it from one. So is a complete answer that took the
 * last of the budget.
 */
function outcomeOf({ subtype, is_error, terminal_reason, stop_reason }: SDKResultMessage): TurnEnd['outcome'] {
  if (terminal_reason === 'aborted_streaming' || terminal_reason === 'aborted_tools') return 'interrupted';
  if (subtype === 'error_max_budget_usd' && stop_reason === 'end_turn') return 'completed';
  return is_error ? 'failed' : 'completed';
}

/** `api_error_<status>` when the model's API refused; else the CLI's own word for why it stopped, such as `max_turns`. */
function errorOf(result: SDKResultMessage): NonNullable<TurnEnd['error']> {
  const status = result.subtype === 'success' ? result.api_error_status : null;
  const message = result.subtype === 'success' ? result.result : result.errors.join('\n');
  const code = typeof status === 'number' ? `api_error_${status}` : (result.terminal_reason ?? result.subtype);
  return { code, message: message || 'The agent stopped and gave no reason.' };
}
