/** `companion gateway` and `companion usage`, as somebody types them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runCurl } from '../world/curl.ts';
import { gatewayConfigFile } from '../world/gateway-config.ts';
import { FINAL, startChatProvider } from '../world/model-providers.ts';
import { eventually, openWorld, TOKEN } from '../world/server.ts';
import { companion, type Home, makeHome, runtime } from '../world/server-process.ts';

const MAIN = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));

interface RunningGateway {
  child: ChildProcess;
  output(): string;
  /** Ctrl-C; resolves with the exit code. */
  interrupt(): Promise<number | null>;
}

async function startGateway(home: Home, args: string[], env: Record<string, string> = {}): Promise<RunningGateway> {
  const child = spawn(process.execPath, [MAIN, 'gateway', '--port', '0', ...args], {
    cwd: home.directory,
    env: { ...runtime(), HOME: home.directory, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  let gone = false;
  void exited.then(() => (gone = true));
  await eventually(async () => gone || output.includes('Ctrl-C ends it'));
  return {
    child,
    output: () => output,
    async interrupt() {
      child.kill('SIGINT');
      return (await exited)[0];
    },
  };
}

/** The curl command of its screen, as a person would copy it. */
function exampleOf(output: string): string {
  const token = /export GATEWAY_TOKEN=(\S+)/.exec(output)?.[1] ?? '';
  const command = /^ {4}(curl [^\n]+\\\n[^\n]+)$/m.exec(output)?.[1] ?? '';
  return command.replace('$GATEWAY_TOKEN', token);
}

test('the gateway alone: loopback, a token made and told once, an example that runs, Ctrl-C', {
  timeout: 60_000,
}, async () => {
  using home = makeHome();
  const running = await startGateway(home, []);
  try {
    const said = running.output();
    expect(said).toContain('running at http://127.0.0.1:');
    expect(said).toContain('a scripted demo model answers');
    expect(said.match(/ccgw_[\w-]+/g)).toHaveLength(1);
    expect(JSON.parse(await runCurl(exampleOf(said)))).toMatchObject({ type: 'message', model: 'demo' });
    await eventually(async () => /demo \(demo\): \d+ tokens in, \d+ out, \$0\.0000/.test(running.output()));
    const stranger = await fetch(`${/http:\S+\/v1/.exec(said)?.[0]}/models`);
    expect(stranger.status).toBe(401);
  } finally {
    expect(await running.interrupt()).toBe(0);
  }
  expect(running.output()).not.toContain('Error');
});

test('with providers, a file and a token of one’s own', { timeout: 60_000 }, async () => {
  await using openai = await startChatProvider();
  using home = makeHome();
  using file = gatewayConfigFile({ aliases: { fast: 'openai/gpt-4o-mini' } });
  const env = {
    GATEWAY_TOKEN: 'my-own-token-0123456789',
    OPENAI_API_KEY: 'sk-canary-0123456789abcdef',
    OPENAI_BASE_URL: `${openai.url}/v1`,
  };
  const running = await startGateway(home, ['--config', file.path], env);
  try {
    const said = running.output();
    expect(said).toContain('openai');
    expect(said).not.toContain(env.GATEWAY_TOKEN);
    expect(said).not.toContain(env.OPENAI_API_KEY);
    const url = /http:\S+\/v1\/messages/.exec(said)?.[0];
    const answer = await runCurl(
      `curl ${url} -H "x-api-key: ${env.GATEWAY_TOKEN}" -d '{"model": "fast", "messages": [{"role": "user", "content": "Hi"}]}'`,
    );
    expect(answer).toContain(FINAL);
    const wrong = await runCurl(`curl ${url} -H "x-api-key: my-own-token-0123456780" -d '{"model": "fast"}'`);
    expect(wrong).toContain('authentication_error');
  } finally {
    expect(await running.interrupt()).toBe(0);
  }
});

test('what is wrong is told in one line', { timeout: 60_000 }, async () => {
  using home = makeHome();
  using file = gatewayConfigFile({ aliases: { fast: 'nothing' } });
  const cases: [args: string[], told: RegExp][] = [
    [['--port', 'many'], /^--port must be a number from 0 to 65535\.\n$/],
    [['--port', '0', '--token', 'short'], /^The token must have at least 16 characters\./],
    [['--port', '0', '--config', file.path], /^GATEWAY_CONFIG: aliases\.fast: model: nothing\./],
    [['--port', '0', '--host', '192.0.2.1'], /^This machine has no address 192\.0\.2\.1\./],
  ];
  for (const [args, told] of cases) {
    const { code, stderr } = await companion(['gateway', ...args], { home });
    expect([code, stderr]).toEqual([1, expect.stringMatching(told)]);
  }
  const help = await companion(['gateway', '--help'], { home });
  for (const option of ['--host', '--port', '--token', '--config', 'OPENAI_API_KEY'])
    expect(help.stdout).toContain(option);
});

test('usage prints what a server has counted', { timeout: 60_000 }, async () => {
  using home = makeHome();
  await using world = await openWorld();
  const remote = ['--url', world.server.url, '--token', TOKEN];
  expect((await companion(['usage', ...remote], { home })).stdout).toBe('No model was asked for anything yet.\n');
  const ask = (model: string) =>
    world.request('/v1/messages', {
      method: 'POST',
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
    });
  await (await ask('demo')).text();
  const { stdout } = await companion(['usage', ...remote], { home });
  expect(stdout).toMatch(/^Sessions\n {2}own clients of the gateway .* in .* out {2}\$0\.0000\n/);
  expect(stdout).toMatch(/^ {2}owner \+\d+\*\*\*\d{4} /m);
  expect(stdout).toMatch(/^ {2}demo\/demo /m);
  expect(stdout).toMatch(/^In all /m);
  const json = JSON.parse((await companion(['usage', '--json', ...remote], { home })).stdout) as { currency: string };
  expect(json.currency).toBe('USD');
  const missing = await companion(['usage', '--session', 'ffff', ...remote], { home });
  expect(missing).toMatchObject({ code: 1, stderr: 'No session with usage begins with ffff.\n' });
});
