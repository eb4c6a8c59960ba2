/** The SDK against a small server of its own: what it sends, and how it resumes. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CompanionError } from '@claude-companion/protocol';
import { afterEach, expect, test } from 'vitest';
import { ClaudeCompanionClient, reconnectDelay } from './client.ts';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const created = createServer(handle);
  server = created;
  await new Promise<void>((resolve) => created.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(created.address() as AddressInfo).port}`;
}

test('a lost connection is taken up after the last event that was seen', async () => {
  const asked: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    asked.push(request.headers['last-event-id'] as string | undefined);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const seq = asked.length;
    response.write(`: hello\n\nid: log:${seq}\nevent: event\ndata: {"seq":${seq},"text":"ü"}\n\n`);
    setTimeout(() => response.destroy(), 50);
  });
  const client = new ClaudeCompanionClient({ url, token: 't' });
  const seen: number[] = [];
  for await (const item of client.followSession('s')) {
    if (item.kind === 'event') seen.push(item.event.seq);
    if (seen.length === 2) break;
  }
  expect(seen).toEqual([1, 2]);
  expect(asked).toEqual([undefined, 'log:1']);
});

test('a refusal is an error with the server’s code and words, and is not tried again', async () => {
  let requests = 0;
  const url = await serve((_request, response) => {
    requests++;
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: 'Session not found', code: 'SESSION_NOT_FOUND', suggestion: '' }));
  });
  const client = new ClaudeCompanionClient({ url, token: 't' });
  const follow = async (): Promise<void> => {
    for await (const _item of client.followSession('s')) throw new Error('nothing should come');
  };
  await expect(follow()).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND', message: 'Session not found' });
  expect(requests).toBe(1);
});

test('when nobody answers, the error says how to start the server', async () => {
  const client = new ClaudeCompanionClient({ url: 'http://127.0.0.1:9', token: 't' });
  await expect(client.listAsks()).rejects.toThrow(CompanionError);
  await expect(client.listAsks()).rejects.toThrow(/npm start/);
});

test('reconnects wait longer each time, at most 30 s and half again', () => {
  expect([0, 1, 2, 3, 9].map((attempt) => reconnectDelay(attempt, 0))).toEqual([1000, 2000, 4000, 8000, 30000]);
  expect(reconnectDelay(9, 1)).toBe(45000);
});
