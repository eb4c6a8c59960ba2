import { DoorSchema, RiskSchema } from '@claude-companion/protocol';
import { describe, expect, test } from 'vitest';
import { mayAnswer } from './may-answer.ts';

const doors = DoorSchema.options;
const risks = RiskSchema.options;

describe('mayAnswer', () => {
  test.each(doors.flatMap((door) => risks.map((risk) => [door, risk] as const)))('deny: %s, %s', (door, risk) => {
    expect(mayAnswer({ risk, decision: 'deny', door })).toEqual({ may: true });
  });

  /** Which risks each door may allow: with the default ceiling, with `elevated`. */
  const ALLOWS: Record<(typeof doors)[number], [string, string]> = {
    api: ['low elevated high', 'low elevated high'],
    screen: ['low elevated high', 'low elevated high'],
    socket: ['low elevated high', 'low elevated high'],
    terminal: ['low elevated high', 'low elevated high'],
    desk: ['low elevated high', 'low elevated high'],
    sms: ['low', 'low elevated'],
    push: ['low', 'low elevated'],
    deadline: ['', ''],
    server: ['', ''],
  };

  test.each(doors)('allow through %s', (door) => {
    const allowed = (ceiling?: 'low' | 'elevated') =>
      risks.filter((risk) => mayAnswer({ risk, decision: 'allow', door, ...(ceiling && { ceiling }) }).may).join(' ');
    expect([allowed(), allowed('elevated')]).toEqual(ALLOWS[door]);
  });

  test.each(['sms', 'push'] as const)('standing rules are never changed through %s', (door) => {
    expect(mayAnswer({ risk: 'low', decision: 'allow', door, applySuggestions: true })).toEqual({
      may: false,
      refusal: 'suggestions_need_screen',
    });
  });

  test.each(doors)('who is known by a text only may allow no more than a text, through %s', (door) => {
    const allowed = (ceiling?: 'low' | 'elevated') =>
      risks
        .filter(
          (risk) => mayAnswer({ risk, decision: 'allow', door, strength: 'claimed', ...(ceiling && { ceiling }) }).may,
        )
        .join(' ');
    const person = ALLOWS[door][0] !== '';
    expect([allowed(), allowed('elevated')]).toEqual(person ? ['low', 'low elevated'] : ['', '']);
    expect(mayAnswer({ risk: 'high', decision: 'deny', door, strength: 'claimed' })).toEqual({ may: true });
    expect(mayAnswer({ risk: 'low', decision: 'allow', door, strength: 'claimed', applySuggestions: true }).may).toBe(
      false,
    );
  });

  test('a reply needs a person', () => {
    expect(doors.filter((door) => !mayAnswer({ risk: 'high', decision: 'reply', door }).may)).toEqual([
      'deadline',
      'server',
    ]);
  });
});
