/** The `companion` command as somebody types it. */
import { expect, test } from 'vitest';
import { eventually, TOKEN } from '../world/server.ts';
import { companion, makeHome, startProcess } from '../world/server-process.ts';

test('demo shows the whole loop by itself and ends with 0', { timeout: 120_000 }, async () => {
  using home = makeHome();
  const { code, stdout, stderr } = await companion(['demo'], {
    home,
    env: { ANTHROPIC_API_KEY: 'sk-ant-not-to-be-used' },
  });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toContain('the phone is simulated');
  expect(stdout).toMatch(/Reply OK ([0-9A-Z]{4}) or NO \1/);
  expect(stdout.match(/applied once/g)).toHaveLength(2);
  expect(stdout).toContain('companion-hello.md');
});

test('--help lists the commands, a wrong one is told so', async () => {
  using home = makeHome();
  const help = await companion(['--help'], { home });
  expect(help.code).toBe(0);
  for (const command of ['serve', 'demo', 'phone', 'run', 'asks', 'answer']) expect(help.stdout).toContain(command);
  const wrong = await companion(['sreve'], { home });
  expect(wrong.code).not.toBe(0);
  expect(wrong.stderr).toContain('--help');
});

test('without a server, one line says how to start it', async () => {
  using home = makeHome();
  const { code, stderr } = await companion(['asks', '--url', 'http://127.0.0.1:9'], { home });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^No server answers at http:\/\/127.0.0.1:9. Is it running\? Start it with "npm start".\n$/);
});

test('without a token, one line says where it was looked for', async () => {
  using home = makeHome();
  const { code, stderr } = await companion(['asks'], { home, env: { AUTH_TOKEN: '' } });
  expect(code).toBe(1);
  expect(stderr).toContain('auth-token');
});

test('run, asks and answer: a task from the terminal, answered from the terminal', async () => {
  using home = makeHome();
  const server = await startProcess(home);
  const remote = ['--url', server.url, '--token', TOKEN];
  try {
    const running = companion(['run', 'my-app', 'say hello', ...remote], { home });
    const openAsk = async (): Promise<string> => {
      await eventually(async () => (await server.client.listAsks()).length > 0);
      const { stdout } = await companion(['asks', ...remote], { home });
      return /^([0-9a-f]{8}) /m.exec(stdout)?.[1] ?? 'nothing listed';
    };
    const question = await openAsk();
    const misfit = await companion(['answer', question, 'allow', ...remote], { home });
    expect(misfit.code).toBe(1);
    expect((await companion(['answer', question, 'reply', 'Formal', ...remote], { home })).code).toBe(0);
    const permission = await openAsk();
    expect((await companion(['answer', permission, 'deny', 'not today', ...remote], { home })).code).toBe(0);
    const { code, stdout } = await running;
    expect(code).toBe(0);
    expect(stdout).toContain('not today');
    expect((await companion(['asks', ...remote], { home })).stdout).toContain('Nothing needs you.');
    const late = await companion(['answer', permission, 'allow', ...remote], { home });
    expect(late.code).toBe(1);
    expect(late.stdout).toContain('Already answered');
  } finally {
    await server.kill();
  }
}, 180_000);
