import { type Answer, type AskKind, AskKindSchema } from '@claude-companion/protocol';
import { describe, expect, test } from 'vitest';
import { misfitOf } from './answer-shape.ts';

const allow: Answer = { decision: 'allow', applySuggestions: false };
const deny: Answer = { decision: 'deny' };
const words: Answer = { decision: 'reply', message: 'use pnpm' };
const one = [{ question: 'Which?', multiSelect: false, options: [] }];
const two = [...one, { question: 'When?', multiSelect: false, options: [] }];

const EXPECTED: Record<AskKind, [Answer, ReturnType<typeof misfitOf>][]> = {
  permission: [
    [allow, null],
    [deny, null],
    [words, 'needs_yes_or_no'],
  ],
  plan: [
    [allow, null],
    [deny, null],
    [words, 'needs_yes_or_no'],
  ],
  limit: [
    [allow, null],
    [deny, null],
    [words, 'not_an_option'],
  ],
  question: [
    [allow, 'needs_words'],
    [deny, null],
    [words, null],
  ],
  waiting: [
    [allow, 'needs_words'],
    [deny, null],
    [words, null],
  ],
  done: [
    [allow, 'nothing_to_decide'],
    [deny, 'nothing_to_decide'],
    [words, 'nothing_to_decide'],
  ],
  error: [
    [allow, 'nothing_to_decide'],
    [deny, 'nothing_to_decide'],
    [words, 'nothing_to_decide'],
  ],
};

describe('which answers an ask accepts', () => {
  test.each(AskKindSchema.options)('%s', (kind) => {
    for (const [answer, misfit] of EXPECTED[kind]) expect(misfitOf({ kind, questions: one }, answer)).toBe(misfit);
  });

  test('blank words are no answer', () => {
    expect(misfitOf({ kind: 'question', questions: one }, { decision: 'reply', message: ' \n' })).toBe('needs_words');
    expect(misfitOf({ kind: 'waiting', questions: [] }, { decision: 'reply' })).toBe('needs_words');
  });

  test('several questions are answered by name, all of them, and no others', () => {
    const by = (answers: Record<string, string>): Answer => ({ decision: 'reply', answers });
    expect(misfitOf({ kind: 'question', questions: two }, words)).toBe('unknown_question');
    expect(misfitOf({ kind: 'question', questions: two }, by({ 'Which?': 'a' }))).toBe('unknown_question');
    expect(misfitOf({ kind: 'question', questions: two }, by({ 'Which?': 'a', 'Who?': 'b' }))).toBe('unknown_question');
    expect(misfitOf({ kind: 'question', questions: two }, by({ 'Which?': 'a', 'When?': 'b' }))).toBeNull();
  });
});
