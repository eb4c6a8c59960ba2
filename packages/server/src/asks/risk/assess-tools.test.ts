import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assessRisk, type RiskQuestion } from './assess-risk.ts';

const ask: RiskQuestion = {
  kind: 'permission',
  tool: 'Bash',
  input: { command: 'npm test' },
  cwd: '/home/ada/app',
  blockedPath: null,
  alwaysRequested: false,
};
const tool = (name: string, input: Record<string, unknown>) => assessRisk({ ...ask, tool: name, input });

describe('assessRisk: other tools', () => {
  const write = (path: string) => tool('Write', { file_path: path, content: 'x' }).risk;

  test.each([
    '/home/ada/app/hello.md',
    'hello.md',
    'src/deep/a.ts',
    '/home/ada/app/./src/../a.ts',
    'src/café.md',
    '.gitignore',
  ])('writing %s is low', (path) => expect(write(path)).toBe('low'));

  test.each([
    '/home/ada/app2/a',
    '/home/ada/app/../app2/a',
    '../a',
    '../../../../../../etc/passwd',
    '/etc/hosts',
    '~/a',
    '~root/a',
    'C:\\Windows\\a',
    '.git/config',
    'sub/.git/hooks/pre-commit',
    '.GIT/config',
    '.g\u200cit/config',
    '．git/config',
    '.git./config',
    '.claude/settings.json',
    '.mcp.json',
    'CLAUDE.md',
    '.github/workflows/ci.yml',
    '.gitlab-ci.yml',
    'package.json',
    'packages/a/package.json',
    '.npmrc',
    'Makefile',
    'pyproject.toml',
    '.husky/pre-commit',
    '.bashrc',
    '.envrc',
    '.env',
    '.env.local',
    '.ssh/authorized_keys',
    'node_modules/x/index.js',
    '.vscode/tasks.json',
    'a\u202egnp.sh',
    'a\nb',
  ])('writing %j is high', (path) => expect(write(path)).toBe('high'));

  test.each<[string, Record<string, unknown>, string]>([
    ['Read', { file_path: 'src/a.ts' }, 'low'],
    ['Read', { file_path: '/etc/passwd' }, 'high'],
    ['Read', { file_path: '.env' }, 'high'],
    ['Read', { file_path: 'package.json' }, 'low'],
    ['Read', {}, 'elevated'],
    ['Glob', { pattern: '**/*.ts' }, 'low'],
    ['Glob', { pattern: '../**' }, 'high'],
    ['Grep', { pattern: '/etc/passwd' }, 'low'],
    ['Grep', { pattern: 'x', path: '/etc' }, 'high'],
    ['Edit', { file_path: 'a.ts', old_string: 'a', new_string: 'b' }, 'low'],
    ['MultiEdit', { file_path: '../a.ts', edits: [] }, 'high'],
    ['NotebookEdit', { notebook_path: 'a.ipynb' }, 'low'],
    ['NotebookEdit', { notebook_path: '/a.ipynb' }, 'high'],
    ['Write', { file_path: 7 }, 'elevated'],
    ['WebFetch', { url: 'https://example.com' }, 'high'],
    ['WebSearch', { query: 'x' }, 'high'],
    ['mcp__github__create_issue', {}, 'elevated'],
    ['Task', { prompt: 'x' }, 'elevated'],
    ['Agent', { prompt: 'x' }, 'elevated'],
    ['constructor', {}, 'elevated'],
    ['Write2', { file_path: 'a' }, 'elevated'],
  ])('%s %j is %s', (name, input, risk) => expect(tool(name, input).risk).toBe(risk));

  test('Windows paths are read as Windows reads them', () => {
    const at = (path: string) =>
      assessRisk({ ...ask, tool: 'Write', cwd: 'C:\\work\\app', input: { file_path: path, content: '' } }).risk;
    expect(at('c:\\Work\\App\\a.md')).toBe('low');
    expect(at('src\\a.md')).toBe('low');
    expect(at('..\\a.md')).toBe('high');
    expect(at('D:\\a.md')).toBe('high');
    expect(at('.git\\config')).toBe('high');
  });

  test('nothing is inside the root of the disk', () => {
    expect(assessRisk({ ...ask, cwd: '/', tool: 'Write', input: { file_path: '/a', content: '' } }).risk).toBe('high');
  });

  test('a path below the project stays inside however it is spelled; one above never does', () => {
    const component = fc.constantFrom('a', 'b.ts', '.', 'c d', 'é');
    fc.assert(
      fc.property(fc.array(component, { minLength: 1, maxLength: 5 }), fc.nat(5), (components, climbs) => {
        const depth = components.filter((name) => name !== '.').length;
        const path = [...components, ...Array<string>(climbs).fill('..'), 'end'].join('/');
        expect(write(path) === 'low').toBe(climbs <= depth);
      }),
    );
  });
});

describe('assessRisk: other kinds', () => {
  test.each(['question', 'plan', 'waiting', 'limit', 'done', 'error'] as const)('%s is low', (kind) => {
    expect(assessRisk({ ...ask, kind, tool: null, input: null }).risk).toBe('low');
  });

  test('a permission that does not say what runs is not low', () => {
    expect(assessRisk({ ...ask, tool: null, input: null }).risk).toBe('elevated');
  });

  test('"always" and a blocked path make anything high', () => {
    expect(assessRisk({ ...ask, kind: 'plan', alwaysRequested: true }).risk).toBe('high');
    expect(assessRisk({ ...ask, alwaysRequested: true }).risk).toBe('high');
    expect(assessRisk({ ...ask, blockedPath: '/etc' }).risk).toBe('high');
  });

  test('reasons never carry text of the agent', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), (text) => {
        fc.pre(/[^a-z ]/.test(text.trim()));
        const { reasons } = tool('Write', { file_path: `../${text}`, content: text });
        expect(reasons.join('\n')).not.toContain(text);
      }),
    );
  });
});

test('the path that made the agent ask counts for what it is: inside the project it adds nothing', () => {
  const redirect = { ...ask, tool: 'Bash', input: { command: 'echo once >> notes.txt' } };
  expect(assessRisk({ ...redirect, blockedPath: `${ask.cwd}/notes.txt` }).risk).toBe('low');
  expect(assessRisk({ ...redirect, blockedPath: `${ask.cwd}/.git/hooks/pre-push` }).risk).toBe('high');
  expect(assessRisk({ ...redirect, blockedPath: '/etc/passwd' }).risk).toBe('high');
});
