/**
 * Nothing leaves the machine: with every proxy variable pointing at a recorder, a whole turn (with a tool, an ask, and an
 * answer) makes no request that the recorder sees. The agent reaches the model over loopback only.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAsk, openWorld, type World } from '../world/server.ts';

const seen: string[] = [];
let recorder: Server;
let world: World;

beforeAll(async () => {
  recorder = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(502).end();
  });
  recorder.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    socket.end('HTTP/1.1 502 Refused\r\n\r\n');
  });
  await new Promise<void>((resolve) => recorder.listen(0, '127.0.0.1', resolve));
  const proxy = `http://127.0.0.1:${(recorder.address() as AddressInfo).port}`;
  world = await openWorld({
    environment: { HTTPS_PROXY: proxy, HTTP_PROXY: proxy, https_proxy: proxy, http_proxy: proxy },
  });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  recorder.close();
});

test('the recorder sees what is sent through it', async () => {
  const { port } = recorder.address() as AddressInfo;
  await fetch(`http://127.0.0.1:${port}/probe`);
  expect(seen.splice(0)).toEqual(['GET /probe']);
});

test('a whole turn sends nothing anywhere but to the own gateway', async () => {
  const { session_id: sessionId } = await world.client.startSession({
    project: 'my-app',
    message: scripted([
      { tool: 'Write', input: { file_path: join(world.project, 'a.md'), content: 'a' } },
      { text: 'ok' },
    ]),
  });
  const ask = await openAsk(world.client, sessionId);
  await world.client.answerAsk(ask.id, { decision: 'allow', applySuggestions: false });
  for await (const item of world.client.followSession(sessionId)) {
    if (item.kind === 'event' && item.event.kind === 'turn.ended') {
      expect(item.event.data.outcome).toBe('completed');
      break;
    }
  }
  expect(seen).toEqual([]);
});
