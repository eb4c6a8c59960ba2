import { AskKindSchema, type Question } from '@claude-companion/protocol';
import { describe, expect, test } from 'vitest';
import { answerFromCommand } from './decide.ts';
import { limitQuestion } from './limit-choice.ts';

const single: Question = {
  question: 'Which?',
  multiSelect: false,
  options: [{ label: 'Friendly' }, { label: 'Formal' }],
};
const multi: Question = {
  ...single,
  question: 'Which ones?',
  multiSelect: true,
  options: [...single.options, { label: 'Short' }],
};
const free: Question = { question: 'Why?', multiSelect: false, options: [] };
const say = (text: string, ...questions: Question[]) =>
  answerFromCommand({ kind: 'reply', code: '7K3F', text }, { kind: 'question', questions });
const chose = (answers: Record<string, string | string[]>) => ({ answer: { decision: 'reply', answers } });

describe('answers to a question', () => {
  test.each<[string, Question, string | string[]]>([
    ['1', single, 'Friendly'],
    ['#2.', single, 'Formal'],
    ['formal', single, 'Formal'],
    ['something else', single, 'something else'],
    ['1 is wrong, neither', single, '1 is wrong, neither'],
    ['1,3', multi, ['Friendly', 'Short']],
    ['1 and 3', multi, ['Friendly', 'Short']],
    ['3 3', multi, ['Short']],
    ['2', multi, ['Formal']],
    ['short', multi, ['Short']],
    ['2', free, '2'],
  ])('%j', (text, question, chosen) => expect(say(text, question)).toEqual(chose({ [question.question]: chosen })));

  test('several questions take one answer each', () => {
    expect(say('2; 1,3; because', single, multi, free)).toEqual(
      chose({ 'Which?': 'Formal', 'Which ones?': ['Friendly', 'Short'], 'Why?': 'because' }),
    );
    expect(say('2', single, multi)).toEqual({ problem: 'one_answer_each' });
    expect(say('2;', single, multi)).toEqual({ problem: 'one_answer_each' });
  });

  test('what does not fit is a problem, never a guess', () => {
    expect(say('3', single)).toEqual({ problem: 'no_such_option' });
    expect(say('0', single)).toEqual({ problem: 'no_such_option' });
    expect(say('1,4', multi)).toEqual({ problem: 'no_such_option' });
    expect(say('1,2', single)).toEqual({ problem: 'one_option_only' });
  });
});

describe('answers by kind of ask', () => {
  const outcome = (kind: (typeof AskKindSchema.options)[number], command: 'allow' | 'deny' | 'reply') => {
    const commands = {
      allow: { kind: 'allow', code: '7K3F' },
      deny: { kind: 'deny', code: '7K3F', reason: 'late' },
      reply: { kind: 'reply', code: '7K3F', text: 'use pnpm' },
    } as const;
    const decided = answerFromCommand(commands[command], { kind, questions: [] });
    return 'answer' in decided ? `${decided.answer.decision}:${decided.answer.message ?? ''}` : decided.problem;
  };
  const decision = ['allow:', 'deny:late', 'deny:use pnpm'];
  const words = ['needs_words', 'deny:late', 'reply:use pnpm'];
  const nothing = ['nothing_to_decide', 'nothing_to_decide', 'nothing_to_decide'];
  const EXPECTED = {
    permission: decision,
    plan: decision,
    limit: ['allow:', 'deny:late', 'not_an_option'],
    question: words,
    waiting: words,
    done: nothing,
    error: nothing,
  };

  test.each(AskKindSchema.options)('%s', (kind) => {
    expect((['allow', 'deny', 'reply'] as const).map((command) => outcome(kind, command))).toEqual(EXPECTED[kind]);
  });

  test.each([
    ['1', 'allow'],
    ['#1.', 'allow'],
    ['continue', 'allow'],
    ['Continue please', 'allow'],
    ['continue with $5 more', 'allow'],
    ['2', 'reply'],
    ['cheaper model', 'reply'],
    ['leave it', 'deny'],
    ['continue later', 'not_an_option'],
    ['continue only if ana says so', 'not_an_option'],
    ['continue?', 'not_an_option'],
    ['1 or 2', 'not_an_option'],
    ['4', 'not_an_option'],
  ])('%j to a limit: %s', (text, expected) => {
    const questions = [limitQuestion({ more: '$5', cheaperModel: 'haiku' })];
    const decided = answerFromCommand({ kind: 'reply', code: '7K3F', text }, { kind: 'limit', questions });
    expect('answer' in decided ? decided.answer.decision : decided.problem).toBe(expected);
  });

  test('standing rules are never part of an answer by text', () => {
    expect(answerFromCommand({ kind: 'allow', code: '7K3F' }, { kind: 'permission', questions: [] })).toEqual({
      answer: { decision: 'allow', applySuggestions: false },
    });
  });
});
