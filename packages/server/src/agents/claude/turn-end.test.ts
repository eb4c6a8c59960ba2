import type { SDKResultMessage } from '@anthropic-ai/claude-agent-sdk';
import { describe, expect, it } from 'vitest';
import { turnEnded } from './turn-end.ts';

const USAGE = { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: 3, cache_creation_input_tokens: 4 };

function result(given: object): SDKResultMessage {
  const base = { type: 'result', subtype: 'success', is_error: false, result: 'Done.', terminal_reason: 'completed' };
  return { ...base, num_turns: 2, duration_ms: 30, total_cost_usd: 0.5, usage: USAGE, ...given } as SDKResultMessage;
}

describe('turnEnded', () => {
  it('tells text, running costs and usage of a completed turn', () => {
    expect(turnEnded(result({}))).toEqual({
      outcome: 'completed',
      text: 'Done.',
      numTurns: 2,
      durationMs: 30,
      totalCostUsd: 0.5,
      usage: { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4 },
    });
  });

  it('leaves an unknown price out', () => {
    expect(turnEnded(result({ total_cost_usd: 0 }))).not.toHaveProperty('totalCostUsd');
  });

  it.each([
    [{ is_error: true, api_error_status: 529, terminal_reason: 'api_error', result: 'busy' }, 'api_error_529', 'busy'],
    [{ is_error: true, api_error_status: null, terminal_reason: 'api_error', result: '' }, 'api_error', 'no reason'],
    [
      { subtype: 'error_max_turns', is_error: true, terminal_reason: 'max_turns', errors: ['a', 'b'] },
      'max_turns',
      'a\nb',
    ],
    [
      { subtype: 'error_max_budget_usd', is_error: true, terminal_reason: undefined, errors: [] },
      'error_max_budget_usd',
      'no reason',
    ],
  ])('names why a turn failed: %j', (given, code, message) => {
    const ended = turnEnded(result(given));
    expect(ended).toMatchObject({ outcome: 'failed', error: { code, message: expect.stringContaining(message) } });
    expect(ended).not.toHaveProperty('text');
  });

  it('takes an answer that is complete for complete, also when it took the last of the budget', () => {
    const spent = {
      subtype: 'error_max_budget_usd',
      is_error: true,
      terminal_reason: 'budget_exhausted',
      errors: ['x'],
    };
    expect(turnEnded(result({ ...spent, stop_reason: 'end_turn' }))).toMatchObject({ outcome: 'completed' });
    expect(turnEnded(result({ ...spent, stop_reason: 'tool_use' }))).toMatchObject({
      outcome: 'failed',
      error: { code: 'budget_exhausted' },
    });
  });

  it.each(['aborted_streaming', 'aborted_tools'])('takes %s for an interrupt, not for a failure', (terminal_reason) => {
    const interrupted = { subtype: 'error_during_execution', is_error: true, errors: ['diagnostic'], terminal_reason };
    const ended = turnEnded(result(interrupted));
    expect(ended).toMatchObject({ outcome: 'interrupted' });
    expect(ended).not.toHaveProperty('error');
  });
});
