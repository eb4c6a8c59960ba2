/** Reads the citations of the whole repository. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import vitestConfig from '../../vitest.config.ts';
import { type Citations, citationsIn } from './citations.ts';

export const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

const SOURCES = ['packages/**/*.{ts,tsx}', 'plugin/**/*.{ts,tsx}', 'test/**/*.{ts,tsx}'];
const EXCLUDED = ['**/node_modules/**', '**/dist/**'];
const RELATIVE_IMPORT = /from\s+['"](\.{1,2}\/[^'"]+)['"]/g;

/**
 * Citations of every file that vitest runs, and of files those import (a test body shared by several files). A citation
 * anywhere else would never run: it is a fault.
 */
export function scanRepository(
  isKnown: (id: string) => boolean,
  { root = REPOSITORY, include = includeOf() }: { root?: string; include?: readonly string[] } = {},
): Citations {
  const run = new Set(globSync([...include], { cwd: root, exclude: EXCLUDED }));
  const sources = new Map<string, string>();
  for (const file of globSync([...new Set([...SOURCES, ...include])], { cwd: root, exclude: EXCLUDED })) {
    sources.set(file, readFileSync(join(root, file), 'utf8'));
  }
  const reached = new Set(run);
  for (const file of run) for (const target of relativeImports(file, sources.get(file) ?? '')) reached.add(target);

  const found = [...sources]
    .filter(([, source]) => source.includes('verifies'))
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([file, source]) => ({ file, ...citationsIn(file, source) }));
  const citations = found.flatMap((one) => one.citations);
  return {
    citations: citations.filter(({ file }) => reached.has(file)),
    faults: [
      ...found.flatMap((one) => one.faults),
      ...citations
        .filter(({ id }) => !isKnown(id))
        .map(({ id, file, line }) => `${file}:${line}: no such requirement: ${id}`),
      ...citations
        .filter(({ file }) => !reached.has(file))
        .map(({ id, file, line }) => `${file}:${line}: cites ${id}, but no test run includes this file`),
    ],
  };
}

function relativeImports(file: string, source: string): string[] {
  return [...source.matchAll(RELATIVE_IMPORT)].map(([, target]) => join(dirname(file), target ?? ''));
}

function includeOf(): string[] {
  const include = vitestConfig.test?.include;
  if (include === undefined)
    throw new Error('vitest.config.ts has no include: citations cannot be told from dead text');
  return include;
}
