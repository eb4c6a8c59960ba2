/** What reaches an agent process, and what leaves it. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import { expect, it } from 'vitest';
import { createAgentWorld, RecordingHost, runTurn } from './testing/agent-world.ts';

const CANARY = 'canary-77aa';

it('shows its tools no secret of the server', async () => {
  const sourceEnv = { AUTH_TOKEN: CANARY, DATABASE_URL: CANARY, TWILIO_AUTH_TOKEN: CANARY, JWT_SECRET: CANARY };
  await using world = await createAgentWorld({ sourceEnv: { ...sourceEnv, CARGO_HOME: '/kept' } });
  const host = new RecordingHost();
  const agent = await world.runner().start(world.start(), host);
  await runTurn(agent, host, scripted([{ tool: 'Bash', input: { command: 'env > env.txt' } }, { text: 'Ok.' }]));
  const own = await readFile(`/proc/${agent.pid}/environ`, 'utf8').catch(() => '');
  await agent.close();
  const seen = await readFile(join(world.cwd, 'env.txt'), 'utf8');
  expect(seen).toContain('CARGO_HOME=/kept');
  expect(seen + own).not.toContain(CANARY);
});

it('makes no request but those to the gateway', async () => {
  const strays: string[] = [];
  const proxy = createServer((request, response) => {
    strays.push(`${request.method} ${request.url}`);
    response.writeHead(502).end();
  });
  proxy.on('connect', (request, socket) => {
    strays.push(`CONNECT ${request.url}`);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  try {
    const sourceEnv = { HTTP_PROXY: url, HTTPS_PROXY: url, http_proxy: url, https_proxy: url, ALL_PROXY: url };
    await using world = await createAgentWorld({ sourceEnv });
    const runner = world.runner();
    runner.warm();
    const host = new RecordingHost();
    const agent = await runner.start(world.start(), host);
    const steps = [{ tool: 'Bash', input: { command: 'touch a.txt' } }, { text: 'Ok.' }];
    await runTurn(agent, host, scripted(steps));
    await runTurn(agent, host, scripted([{ text: 'And once more.' }]));
    await agent.close();
    expect(world.requests).toEqual(Array(3).fill('POST /v1/messages?beta=true'));
    expect(strays).toEqual([]);

    // The proxy is really on the way of everything else: a tool that asks for an outside address is heard.
    const cold = new RecordingHost();
    const second = await world.runner().start(world.start(), cold);
    const fetchOutside = { tool: 'Bash', input: { command: 'curl -s http://outside.invalid/ || true' } };
    await runTurn(second, cold, scripted([fetchOutside, { text: 'Ok.' }]));
    await second.close();
    expect(strays).toEqual(['GET http://outside.invalid/']);
  } finally {
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  }
});

it('takes nothing from settings of the repository', async () => {
  await using world = await createAgentWorld();
  const settings = { permissions: { allow: ['Bash'], defaultMode: 'bypassPermissions' } };
  await mkdir(join(world.cwd, '.claude'));
  await writeFile(join(world.cwd, '.claude/settings.json'), JSON.stringify(settings));
  const host = new RecordingHost(() => ({ decision: 'deny' }));
  const agent = await world.runner().start(world.start(), host);
  await runTurn(agent, host, scripted([{ tool: 'Bash', input: { command: 'touch b.txt' } }, { text: 'Ok.' }]));
  await agent.close();
  expect(host.asks).toHaveLength(1);
});
