import { describe, expect, test } from 'vitest';
import { misfitOf } from './answer-shape.ts';
import { answerFromCommand } from './decide.ts';
import { interpret } from './interpret.ts';
import { choiceOfWords, limitChoice, limitQuestion } from './limit-choice.ts';
import { renderAsk } from './render.ts';

const questions = [limitQuestion({ more: '$1.00', cheaperModel: 'claude-haiku-5-5' })];
const withoutCheaper = [limitQuestion({ more: '$1.00', cheaperModel: null })];

const ask = {
  id: 'a1',
  kind: 'limit' as const,
  project: 'my-app',
  cwd: '/p/my-app',
  tool: null,
  input: {},
  plan: null,
  message: '$1.00 of $1.00 are spent, the work is not finished.',
  risk: 'low' as const,
  questions,
};
const link = 'https://companion.example/asks/a1';

describe('the choices at a spent budget', () => {
  test('fit into one text, each with its number', () => {
    const { text, use } = renderAsk(ask, { code: '7K3F', link });
    expect(text).toBe(
      [
        '[my-app] Limit: $1.00 of $1.00 are spent, the work is not finished.',
        '1 Continue with $1.00 more',
        '2 Cheaper model claude-haiku-5-5, $1.00 more',
        '3 Leave it here',
        'Reply OK 7K3F, NO 7K3F or 7K3F 2',
      ].join('\n'),
    );
    expect(use).toBe('decide');
    expect(renderAsk({ ...ask, questions: [] }, { code: '7K3F', link }).text).toMatch(/Reply OK 7K3F or NO 7K3F$/);
  });

  test.each([
    ['1', 'continue'],
    [' #2. ', 'cheaper'],
    ['3', 'leave'],
    ['Continue', 'continue'],
    ['cheaper please', 'cheaper'],
    ['leave', 'leave'],
    ['stop', 'leave'],
    ['Cheaper model claude-haiku-5-5, $1.00 more', 'cheaper'],
    ['4', null],
    ['0', null],
    ['', null],
    ['not cheaper', null],
    ['constructor', null],
  ])('%j means %s', (words, choice) => {
    expect(choiceOfWords(words, questions)).toBe(choice);
  });

  test.each([
    ['OK 7K3F', { kind: 'allow', code: '7K3F' }],
    ['NO 7K3F', { kind: 'deny', code: '7K3F', reason: null }],
    ['7K3F 2', { kind: 'reply', code: '7K3F', text: '2' }],
    ['7k3f #1.', { kind: 'reply', code: '7K3F', text: '#1.' }],
    ['7K3F cheaper', { kind: 'reply', code: '7K3F', text: 'cheaper' }],
    ['7K3F: continue', { kind: 'reply', code: '7K3F', text: 'continue' }],
    ['7K3F 2?', null],
    ['7K3F maybe', null],
    ['2', null],
  ])('the text %j', (text, command) => {
    const openCodes = [{ code: '7K3F', takes: 'choice' as const, sessionId: 's' }];
    const read = interpret(text, { openCodes, untold: [], waiting: [], sessions: [], projects: null });
    if (command === null) expect(read).toMatchObject({ kind: 'clarify' });
    else expect(read).toEqual({ kind: 'commands', commands: [command] });
    // Of a permission no number says anything.
    const decision = interpret('7K3F 2', {
      openCodes: [{ code: '7K3F', takes: 'decision', sessionId: 's' }],
      ...{ untold: [], waiting: [], sessions: [], projects: null },
    });
    expect(decision).toMatchObject({ kind: 'clarify' });
  });

  test('what is not offered cannot be chosen', () => {
    expect(withoutCheaper[0]?.options.map(({ label }) => label)).toEqual(['Continue with $1.00 more', 'Leave it here']);
    expect(choiceOfWords('cheaper', withoutCheaper)).toBeNull();
    expect(choiceOfWords('2', withoutCheaper)).toBe('leave');
  });

  test('answers of every kind', () => {
    expect(limitChoice({ decision: 'allow', applySuggestions: false }, questions)).toBe('continue');
    expect(limitChoice({ decision: 'deny', message: 'cheaper' }, questions)).toBe('leave');
    expect(limitChoice({ decision: 'reply', message: '2' }, questions)).toBe('cheaper');
    const answers = { 'How shall it go on?': 'Continue with $1.00 more' };
    expect(limitChoice({ decision: 'reply', answers }, questions)).toBe('continue');
    expect(limitChoice({ decision: 'reply' }, questions)).toBeNull();
  });

  test('a text that is none of them is told so and decides nothing', () => {
    const reply = (text: string) => answerFromCommand({ kind: 'reply', code: '7K3F', text }, ask);
    expect(reply('2')).toEqual({ answer: { decision: 'reply', message: 'cheaper' } });
    expect(reply('1')).toMatchObject({ answer: { decision: 'allow' } });
    expect(reply('3')).toEqual({ answer: { decision: 'deny' } });
    expect(reply('do what you like')).toEqual({ problem: 'not_an_option' });
    expect(misfitOf(ask, { decision: 'reply', message: 'maybe' })).toBe('not_an_option');
    expect(misfitOf(ask, { decision: 'reply', message: 'cheaper' })).toBeNull();
  });
});
