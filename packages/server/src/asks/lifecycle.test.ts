import { AskStateSchema } from '@claude-companion/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ASK_INPUTS, type AskInput, IS_PENDING, nextAskState } from './lifecycle.ts';

const inputs = fc.array(fc.constantFrom(...ASK_INPUTS), { maxLength: 12 });

function run(sequence: readonly AskInput[]) {
  let state = AskStateSchema.enum.open as ReturnType<typeof AskStateSchema.parse>;
  const accepted: AskInput[] = [];
  for (const input of sequence) {
    const step = nextAskState(state, input);
    if ('to' in step) {
      accepted.push(input);
      state = step.to;
    }
  }
  return { state, accepted };
}

describe('the life of an ask', () => {
  test('an answer in time is answered, then applied', () => {
    expect(run(['answer', 'apply'])).toEqual({ state: 'applied', accepted: ['answer', 'apply'] });
  });

  test('the first answer wins and is applied at most once, whatever happens in between', () => {
    fc.assert(
      fc.property(inputs, (sequence) => {
        const { accepted } = run(sequence);
        expect(accepted.filter((input) => input === 'answer').length).toBeLessThanOrEqual(1);
        expect(accepted.filter((input) => input === 'apply').length).toBeLessThanOrEqual(1);
        if (accepted.includes('apply')) expect(accepted).toEqual(['answer', 'apply']);
      }),
    );
  });

  test('nothing leaves an end state', () => {
    for (const state of AskStateSchema.options.filter((each) => !IS_PENDING[each])) {
      for (const input of ASK_INPUTS) expect(nextAskState(state, input), `${state} ${input}`).toHaveProperty('refused');
    }
  });

  test('the deadline cannot take back an answer', () => {
    expect(nextAskState('answered', 'expire')).toEqual({ refused: 'already_answered' });
    expect(nextAskState('open', 'expire')).toEqual({ to: 'expired' });
  });

  test.each([
    ['answered', 'already_answered'],
    ['applied', 'already_answered'],
    ['superseded', 'superseded'],
    ['expired', 'expired'],
    ['withdrawn', 'withdrawn'],
    ['refused', 'refused'],
  ] as const)('a late answer to an ask that is %s is told %s', (state, outcome) => {
    expect(nextAskState(state, 'answer')).toEqual({ refused: outcome });
  });
});
