import { type Answer, AnswerResultSchema, AskKindSchema } from '@claude-companion/protocol';
import { describe, expect, test } from 'vitest';
import { isGsm7, segmentsOf } from './gsm7.ts';
import type { ClarifyReason } from './interpret.ts';
import { answerSentence, problemSentence, type SentencedAsk, sentenceFor } from './sentences.ts';
import { clarifySentence } from './sentences-clarify.ts';

const ask: SentencedAsk = {
  kind: 'permission',
  tool: 'Bash',
  input: { command: 'npm test' },
  cwd: '/home/ada/app',
  answer: { decision: 'allow', applySuggestions: false },
  answeredVia: 'sms',
};
const ANSWERS: Answer[] = [
  { decision: 'allow', applySuggestions: false },
  { decision: 'deny' },
  { decision: 'reply', message: 'x' },
];
const REASONS = [
  'needs_screen',
  'suggestions_need_screen',
  'not_a_person',
  'needs_yes_or_no',
  'needs_words',
  'unknown_question',
  'nothing_to_decide',
  'toString',
  null,
];

const CLARIFY_REASONS: Record<ClarifyReason, true> = {
  empty: true,
  unclear: true,
  asked_about: true,
  needs_code: true,
  needs_verb: true,
  needs_words: true,
  needs_screen: true,
  needs_prompt: true,
  pause_length: true,
  nothing_waits: true,
  several_wait: true,
  several_named: true,
  unknown_name: true,
  unknown_project: true,
  may_not_start: true,
  runs_elsewhere: true,
};
const idle = { open: [], elsewhere: { count: 0, link: '' }, running: [], idle: 2 };

function everySentence(): string[] {
  const code = (each: string, takes: 'decision' | 'words' = 'decision') => ({ code: each, takes });
  const long = 'a-project-with-a-very-long-name-é-ł';
  const choices = [
    [],
    [code('7K3F')],
    [code('7K3F'), code('M2WX'), code('Q4RT', 'words')],
    [code('Q4RT', 'words')],
  ].flatMap((codes) =>
    [[], ['my-app'], ['my-app', 'web 2'], Array.from({ length: 40 }, () => long)].map((names) => ({ codes, names })),
  );
  const problems = [
    'needs_words',
    'no_such_option',
    'one_option_only',
    'one_answer_each',
    'nothing_to_decide',
  ] as const;
  return [
    ...AnswerResultSchema.shape.outcome.options.flatMap((outcome) => [
      answerSentence(outcome, { ask: null, reason: null }),
      ...AskKindSchema.options.flatMap((kind) =>
        ANSWERS.flatMap((answer) =>
          REASONS.map((reason) => answerSentence(outcome, { ask: { ...ask, kind, answer }, reason })),
        ),
      ),
    ]),
    ...Object.keys(CLARIFY_REASONS).flatMap((reason) =>
      choices.map((each) => clarifySentence(reason as ClarifyReason, each)),
    ),
    ...problems.map(problemSentence),
    sentenceFor('paused', { until: '2026-01-10T12:00:00.000Z' }),
    sentenceFor('resumed', {}),
    ...[true, false].map((held) => sentenceFor('promptSent', { name: long, held })),
    sentenceFor('started', { name: long }),
    sentenceFor('ended', { name: long }),
    sentenceFor('notStarted', { name: long }),
    sentenceFor('approvalsRest', { limit: 20, until: '2026-01-10T12:00:00.000Z', timeZone: 'America/New_York' }),
    sentenceFor('wrongCode', { code: 'BBB9' }),
    sentenceFor('locked', {}),
    sentenceFor('howTo', {}),
    sentenceFor('status', { ...idle, running: ['my-app'] }),
    sentenceFor('status', { ...idle, open: [{ code: '7K3F', title: '[app] Bash: npm test' }] }),
    sentenceFor('status', { ...idle, elsewhere: { count: 2, link: 'https://companion.example/asks.' } }),
  ];
}

describe('every sentence', () => {
  test('is short, in GSM-7, whole, and never asks for a word that carriers own', () => {
    for (const sentence of everySentence()) {
      expect(isGsm7(sentence), sentence).toBe(true);
      expect(segmentsOf(sentence), sentence).toBe(1);
      expect(sentence).toMatch(/[.!?]$|npm test$/);
      expect(sentence).not.toMatch(/undefined|null|\[object/);
      expect(sentence).not.toMatch(
        /\b(STOP|STOPALL|UNSUBSCRIBE|END|QUIT|REVOKE|OPTOUT|CANCEL|START|YES|UNSTOP|HELP|INFO)\b/,
      );
    }
  });
});

describe('what became of an answer', () => {
  const of = (
    outcome: Parameters<typeof answerSentence>[0],
    change: Partial<SentencedAsk> = {},
    reason: string | null = null,
  ) => answerSentence(outcome, { ask: { ...ask, ...change }, reason });

  test('names what happens now', () => {
    expect(of('applied')).toBe('Applied: npm test runs now.');
    expect(of('applied', { answer: { decision: 'deny' } })).toBe('Applied: npm test does not run.');
    expect(of('applied', { kind: 'question' })).toBe('Applied: the agent has your answer.');
    expect(of('expired')).toBe('Too late: nobody answered in time, so npm test was denied. The agent can ask again.');
    expect(of('superseded')).toBe('Already answered by you at the desk. Nothing changed.');
    expect(of('already_answered', { answeredVia: 'api' })).toBe(
      'Already answered on a screen with OK. Nothing changed.',
    );
    expect(of('refused', {}, 'needs_screen')).toBe('Not taken: this needs your screen. NO works by text.');
  });

  test('repeats text of the agent short, in one line, without links or anything that looks like ours', () => {
    const after = (command: string) => of('applied', { input: { command } });
    expect(after('x'.repeat(500)).length).toBeLessThan(100);
    expect(after('a\nb')).toBe('Applied: a\\nb runs now.');
    expect(after('curl https://evil.com')).toContain('https[:]//evil[.]com');
    expect(after('echo Reply OK M2WX')).toBe('Applied: it runs now.');
  });
});

test('a status that is too long for a text is cut by lines', () => {
  const open = Array.from({ length: 40 }, (_, index) => ({
    code: '7K3F',
    title: `[app] Bash: command number ${index}`,
  }));
  const text = sentenceFor('status', { ...idle, open, running: ['my-app', 'web'] });
  expect(segmentsOf(text)).toBeLessThanOrEqual(3);
  expect(text).toMatch(/^40 waiting, 2 running, 2 idle:\n7K3F /);
  expect(text).toMatch(/\nand \d+ more\nRunning: my-app, web\.$/);
});
