/** The whole table, spelled out: a change of any cell is a decision. */
import { SessionStateSchema } from '@claude-companion/protocol';
import { describe, expect, test } from 'vitest';
import { SESSION_INPUTS, SESSION_REFUSALS, SESSION_TRANSITIONS, sessionStep } from './lifecycle.ts';

const EXPECTED = {
  //       prompt, turnStarted, turnEnded, askOpened, asksSettled, processLost, resumed, interrupt, close, reopen
  idle: 'running running idle waiting idle idle idle SESSION_INVALID_STATE ended idle',
  running: 'running running idle waiting running parked running running ended running',
  waiting: 'waiting waiting idle waiting running waiting waiting waiting ended waiting',
  parked: 'parked running idle waiting parked parked running idle ended parked',
  ended: 'SESSION_ENDED ended ended SESSION_ENDED ended ended SESSION_ENDED SESSION_ENDED ended idle',
};

describe('session transitions', () => {
  test.each(SessionStateSchema.options)('%s', (state) => {
    const steps = SESSION_INPUTS.map((input) => sessionStep(state, input));
    expect(steps.map((step) => (step.ok ? step.state : step.refusal)).join(' ')).toBe(EXPECTED[state]);
  });

  test('every refusal has words, and no state is a dead end before the end', () => {
    for (const steps of Object.values(SESSION_TRANSITIONS)) {
      for (const step of Object.values(steps)) if (!step.ok) expect(SESSION_REFUSALS[step.refusal]).toMatch(/\w/);
      expect(steps.close).toEqual({ ok: true, state: 'ended' });
    }
  });
});
