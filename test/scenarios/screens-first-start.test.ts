/** The sign-in link as somebody gets it who starts the server, and later on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import { eventually, TOKEN } from '../world/server.ts';
import { companion, makeHome, startProcess } from '../world/server-process.ts';

const LINK = /http:\/\/localhost:\d+\/sign-in#([\w-]{43})/;

async function follow(link: string): Promise<number> {
  const url = new URL(link);
  const body = new URLSearchParams({ ticket: url.hash.slice(1) });
  const headers = { origin: url.origin };
  return (await fetch(`${url.origin}/sign-in`, { method: 'POST', body, headers, redirect: 'manual' })).status;
}

verifies(
  ['companion-api/token-at-startup'],
  'without AUTH_TOKEN a token is made, the console shows how to sign in, and the log shows neither',
  { timeout: 60_000 },
  async () => {
    using home = makeHome();
    const server = await startProcess(home, { AUTH_TOKEN: undefined, LOG_LEVEL: 'trace' });
    try {
      const printed = await eventually(async () => LINK.exec(server.output.stdout));
      const file = join(home.dataDir, 'auth-token');
      const token = readFileSync(file, 'utf8').trim();
      expect(server.output.stdout.match(new RegExp(LINK, 'g'))).toHaveLength(1);
      expect(server.output.stdout).toContain(file);
      expect(server.output.stdout).not.toContain(token);
      expect([await follow(printed[0]), await follow(printed[0])]).toEqual([303, 401]);
      expect(server.output.stderr).not.toBe('');
      expect(server.output.stderr).not.toContain(printed[1]);
      expect(server.output.stderr).not.toContain(token);
      const headers = { authorization: `Bearer ${token}` };
      expect((await fetch(`${server.url}/api/asks`, { headers })).status).toBe(200);
    } finally {
      await server.kill();
    }
  },
);

test('companion link prints another one, for the owner or for a paired phone', { timeout: 60_000 }, async () => {
  using home = makeHome();
  const server = await startProcess(home);
  const remote = ['--url', server.url, '--token', TOKEN];
  try {
    const { code, stdout } = await companion(['link', ...remote], { home });
    expect(code).toBe(0);
    expect(await follow(stdout.trim())).toBe(303);
    const nobody = await companion(['link', '--phone', '+14155550142', ...remote], { home });
    expect([nobody.code, nobody.stderr]).toEqual([
      1,
      'Nobody paired this phone. Let the person sign in with it once, then try again.\n',
    ]);
    const stranger = await companion(['link', '--url', server.url, '--token', `${TOKEN}x`], { home });
    expect([stranger.code, stranger.stdout]).toEqual([1, '']);
  } finally {
    await server.kill();
  }
});
