import { expect, test } from 'vitest';
import { citationsIn } from './citations.ts';

const IMPORT = "import { verifies } from '../verifies.ts';\n";

function faultsIn(source: string): string[] {
  return citationsIn('a.test.ts', IMPORT + source).faults.map((fault) => fault.replace(/^a\.test\.ts:\d+: /, ''));
}

test('cited ids are found with their lines, also in describe, loops and typed code', () => {
  const { citations, faults } = citationsIn(
    'a.test.ts',
    `${IMPORT}
type Engine = 'pglite' | 'postgres';
describe('store', () => {
  for (const engine of ['pglite', 'postgres'] as Engine[]) {
    verifies(['agent-api/health', 'sms-server/health'], \`on \${engine}\`, { timeout: 5 }, async ({ signal }) => {
      await probe(engine satisfies Engine, signal);
    });
  }
});
verifies(["sms-plugin/purpose"], 'named body', body);
`,
  );
  expect(faults).toEqual([]);
  expect(citations).toEqual([
    { id: 'agent-api/health', file: 'a.test.ts', line: 6 },
    { id: 'sms-server/health', file: 'a.test.ts', line: 6 },
    { id: 'sms-plugin/purpose', file: 'a.test.ts', line: 11 },
  ]);
});

test('comments and strings cite nothing', () => {
  const source = `${IMPORT}// verifies(['agent-api/health'], 'x', () => { probe(); });\nconst text = "verifies(['agent-api/health'])";\n`;
  expect(citationsIn('a.test.ts', source)).toEqual({ citations: [], faults: [] });
});

/** What is wrong → sources in which it is wrong. `…` stands for the name and body of a good test. */
const FAULTS: Record<string, string[]> = {
  'verifies has no skip; cite in a test that runs': ["verifies.skip(['agent-api/health'], …)"],
  'verifies has no todo; cite in a test that runs': ["verifies.todo(['agent-api/health'], 'x')"],
  'a test that may be skipped cites a requirement': [
    "verifies(['agent-api/health'], 'x', { skip: true }, () => { probe(); })",
    "describe.skip('d', () => { verifies(['agent-api/health'], …); })",
    "describe.todo('d', () => { verifies(['agent-api/health'], …); })",
    "describe.skipIf(c)('d', () => { verifies(['agent-api/health'], …); })",
    "describe('d', { todo: true }, () => { verifies(['agent-api/health'], …); })",
    "describe.skip('d', () => { describe('e', () => { verifies(['agent-api/health'], …); }); })",
  ],
  'a test that can skip itself cites a requirement': [
    "verifies(['agent-api/health'], 'x', (context) => { context.skip(); })",
    "verifies(['agent-api/health'], 'x', ({ skip }) => { if (c) skip(); })",
  ],
  'a test that is not always registered cites a requirement': [
    "if (process.env.FULL) verifies(['agent-api/health'], …)",
    "full && verifies(['agent-api/health'], …)",
  ],
  'verifies has no test body': ["verifies(['agent-api/health'], 'x', () => {})", "verifies(['agent-api/health'], 'x')"],
  'verifies cites no id': ['verifies([], …)'],
  'verifies cites an id twice': ["verifies(['agent-api/health', 'agent-api/health'], …)"],
  "the first argument of verifies is a list of literal ids: ['agent-api/health']": [
    'verifies(IDS, …)',
    'verifies([ID], …)',
    "verifies([...IDS, 'agent-api/health'], …)",
  ],
};

test.each(Object.entries(FAULTS))('%s', (fault, sources) => {
  for (const source of sources)
    expect(faultsIn(source.replace('…', "'x', () => { probe(); }")), source).toEqual([fault]);
});

test('verifies under another name, or of another module, is a fault', () => {
  const renamed = "import { verifies as proves } from '../verifies.ts';\n";
  expect(citationsIn('a.test.ts', renamed).faults).toEqual([
    'a.test.ts:1: import verifies under its own name, so that citations are found',
  ]);
  const own = "const verifies = () => {};\nverifies(['agent-api/health'], 'x', () => { probe(); });\n";
  expect(citationsIn('a.test.ts', own).faults).toEqual(['a.test.ts:2: verifies is not the one of test/verifies.ts']);
});
