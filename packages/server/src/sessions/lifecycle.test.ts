import { SessionStateSchema } from '@claude-companion/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SessionInput, sessionStep } from './lifecycle.ts';

const INPUTS: SessionInput[] = [
  'prompt',
  'turnStarted',
  'turnEnded',
  'askOpened',
  'asksSettled',
  'processLost',
  'interrupt',
  'close',
];

const walk = (inputs: SessionInput[], from: Parameters<typeof sessionStep>[0] = 'idle') =>
  inputs.reduce((state, input) => {
    const step = sessionStep(state, input);
    return step.ok ? step.state : state;
  }, from);

describe('a session', () => {
  test('goes through a turn with an ask', () => {
    expect(walk(['prompt'])).toBe('running');
    expect(walk(['prompt', 'turnStarted', 'askOpened'])).toBe('waiting');
    expect(walk(['prompt', 'turnStarted', 'askOpened', 'asksSettled'])).toBe('running');
    expect(walk(['prompt', 'turnStarted', 'askOpened', 'asksSettled', 'turnEnded'])).toBe('idle');
  });

  test('that loses its process is parked, but one that waits for a person still waits', () => {
    expect(walk(['prompt', 'turnStarted', 'processLost'])).toBe('parked');
    expect(walk(['prompt', 'turnStarted', 'askOpened', 'processLost'])).toBe('waiting');
  });

  test('that has ended comes back only when somebody takes it up again, and refuses work with a reason', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...INPUTS)), (inputs) => {
        expect(walk(['close', ...inputs])).toBe('ended');
      }),
    );
    expect(walk(['close', 'reopen'])).toBe('idle');
    expect(sessionStep('ended', 'prompt')).toEqual({ ok: false, refusal: 'SESSION_ENDED' });
  });

  test('can always be closed, and the end of a turn always leaves it idle', () => {
    for (const state of SessionStateSchema.options) {
      expect(walk(['close'], state)).toBe('ended');
      if (state !== 'ended') expect(walk(['turnEnded'], state)).toBe('idle');
    }
  });
});
