import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { scanRepository } from './scan.ts';

const include = ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'];

function cites(id: string, verifies: string): string {
  return `import { verifies } from '${verifies}';\nverifies(['${id}'], 'x', () => { probe(); });\n`;
}

function scanOf(files: Record<string, string>): ReturnType<typeof scanRepository> {
  const root = mkdtempSync(join(tmpdir(), 'citations-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [file, source] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), source);
  }
  return scanRepository((id) => id.startsWith('agent-api/known'), { root, include });
}

test('citations of test files and of the bodies they share count', () => {
  const { citations, faults } = scanOf({
    'packages/a/src/a.test.ts': cites('agent-api/known-1', '../../../test/verifies.ts'),
    'test/scenarios/b.test.ts': "import { contract } from '../world/contract.ts';\ncontract('b');\n",
    'test/world/contract.ts': cites('agent-api/known-2', '../verifies.ts'),
  });
  expect(faults).toEqual([]);
  expect(citations.map(({ id, file, line }) => `${id} ${file}:${line}`)).toEqual([
    'agent-api/known-1 packages/a/src/a.test.ts:2',
    'agent-api/known-2 test/world/contract.ts:2',
  ]);
});

test('an unknown id, and a citation that no test run includes, are faults', () => {
  const { citations, faults } = scanOf({
    'test/a.test.ts': cites('agent-api/no-such', './verifies.ts'),
    'packages/a/tests/b.test.ts': cites('agent-api/known-1', '../../../test/verifies.ts'),
    'test/world/unused.ts': cites('agent-api/known-2', '../verifies.ts'),
    'packages/a/node_modules/c/src/c.test.ts': cites('agent-api/no-such', './verifies.ts'),
  });
  expect(citations.map(({ id }) => id)).toEqual(['agent-api/no-such']);
  expect(faults).toEqual([
    'test/a.test.ts:2: no such requirement: agent-api/no-such',
    'packages/a/tests/b.test.ts:2: cites agent-api/known-1, but no test run includes this file',
    'test/world/unused.ts:2: cites agent-api/known-2, but no test run includes this file',
  ]);
});
