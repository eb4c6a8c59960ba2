import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/world/longest-first.ts';

/**
 * Unit tests stand beside the source, scenarios in test/. Forks, not threads: the agent SDK, PGlite and PostgreSQL keep
 * process-wide state. Two at a time: more starve each other on a small machine and turn waits into failures.
 */
export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: ['./test/world/global-setup.ts'],
    setupFiles: ['./test/world/setup.ts'],
    sequence: { sequencer: LongestFirst },
  },
});
