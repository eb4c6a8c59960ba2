/** Starts that cannot work: one clear line that says what to do, an exit code that is not 0, nothing damaged. */
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { oldPostgres } from '../world/old-postgres.ts';
import { companion, type Exit, makeHome, startProcess } from '../world/server-process.ts';

function expectOneLine({ code, stderr }: Exit, ...words: RegExp[]): void {
  expect(code).toBe(1);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  for (const word of words) expect(stderr).toMatch(word);
  expect(stderr).not.toMatch(/\bat .*\.ts:\d+/);
}

describe('a start that cannot work says what to do', () => {
  test('an empty AUTH_TOKEN', async () => {
    using home = makeHome();
    expectOneLine(await companion(['serve'], { home, env: { AUTH_TOKEN: '' } }), /AUTH_TOKEN is set but empty/);
    expect(existsSync(home.dataDir)).toBe(false);
  });

  test('a short AUTH_TOKEN, without repeating it', async () => {
    using home = makeHome();
    const exit = await companion(['serve'], { home, env: { AUTH_TOKEN: 'hunter2' } });
    expectOneLine(exit, /AUTH_TOKEN: must have at least 16 characters/);
    expect(exit.stderr).not.toContain('hunter2');
  });

  test('a PROJECTS_DIR that does not exist', async () => {
    using home = makeHome();
    expectOneLine(
      await companion(['serve'], { home, env: { PROJECTS_DIR: join(home.directory, 'nowhere') } }),
      /PROJECTS_DIR .*nowhere does not exist. Create it/,
    );
  });

  test('a DATA_DIR that cannot be written', async () => {
    using home = makeHome();
    // A file where the directory should be: also for root, whom no permission bit stops.
    writeFileSync(home.dataDir, '');
    expectOneLine(await companion(['serve'], { home }), /cannot be written/, /DATA_DIR/);
  });

  test('a DATA_DIR below a directory without write permission', async (context) => {
    if (process.getuid?.() === 0) context.skip('root may write everywhere');
    using home = makeHome();
    const parent = join(home.directory, 'locked');
    mkdirSync(parent);
    chmodSync(parent, 0o500);
    expectOneLine(await companion(['serve'], { home, env: { DATA_DIR: join(parent, 'data') } }), /cannot be written/);
  });

  test('a second server on the same DATA_DIR, and the first one goes on', async () => {
    using home = makeHome();
    const first = await startProcess(home);
    try {
      const second = await companion(['serve'], { home });
      expectOneLine(second, new RegExp(home.dataDir), /another|already/i);
      expect((await fetch(`${first.url}/health`)).status).toBe(200);
    } finally {
      await first.kill();
    }
  });

  test('a taken port', async () => {
    using home = makeHome();
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    try {
      const exit = await companion(['serve'], { home, env: { PORT: String(port) } });
      expectOneLine(exit, new RegExp(`Port ${port} is taken`), /PORT=/);
    } finally {
      other.close();
    }
    // What was begun can be used by the next start.
    await (await startProcess(home)).kill();
  });

  test('a PORT that is none', async () => {
    using home = makeHome();
    expectOneLine(await companion(['serve'], { home, env: { PORT: '70000' } }), /^PORT: /);
  });

  test('a DATABASE_URL where nobody answers, without its password', async () => {
    using home = makeHome();
    const env = { DATABASE_URL: 'postgres://me:secret-password@127.0.0.1:9/nothing' };
    const exit = await companion(['serve'], { home, env });
    expectOneLine(exit, /DATABASE_URL|PostgreSQL/);
    expect(exit.stderr).not.toContain('secret-password');
  });

  test('a DATABASE_URL to a PostgreSQL that is too old', async () => {
    using home = makeHome();
    const old = await oldPostgres('140012');
    try {
      const exit = await companion(['serve'], { home, env: { DATABASE_URL: old.url } });
      expectOneLine(exit, /version 14/, /15 or later/, /DATABASE_URL/);
    } finally {
      old.close();
    }
  });

  test('a Claude Code program that is not there', async () => {
    using home = makeHome();
    expectOneLine(
      await companion(['serve'], { home, env: { CLAUDE_EXECUTABLE: '/nonexistent/claude' } }),
      /\/nonexistent\/claude/,
    );
    expect(existsSync(join(home.dataDir, 'pg'))).toBe(false);
  });

  test('several mistakes at once: one line each', async () => {
    using home = makeHome();
    const { code, stderr } = await companion(['serve'], {
      home,
      env: { PORT: 'x', AUTH_TOKEN: '', QUIET_HOURS: 'late' },
    });
    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n')).toHaveLength(3);
  });
});
