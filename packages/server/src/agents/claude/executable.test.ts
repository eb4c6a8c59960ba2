import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { findExecutable } from './executable.ts';

it('finds the Claude Code that comes with the SDK, in its version', async () => {
  const { stdout } = await promisify(execFile)(await findExecutable(), ['--version']);
  expect(stdout).toContain('(Claude Code)');
});

it.each([
  { platform: 'linux', arch: 'mips', musl: false },
  { platform: 'linux', arch: 'mips', musl: true },
  { platform: 'win32', arch: 'mips', musl: false },
])('says what to install where there is none: %j', async (platform) => {
  await expect(findExecutable(undefined, platform)).rejects.toMatchObject({
    code: 'AICLI_UNAVAILABLE',
    message: expect.stringMatching(/claude-agent-sdk-\w+-mips.*--include=optional/),
  });
});

it('refuses a file that cannot be run', async () => {
  await expect(findExecutable(import.meta.filename)).rejects.toMatchObject({ code: 'AICLI_UNAVAILABLE' });
});
