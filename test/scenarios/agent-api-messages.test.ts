/** Messages of the agent API: what a turn answers, live streams, turns that are joined, stopped, left or never begun. */
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import { type AgentApi, agentApi } from '../world/agent-api.ts';
import { type RecordingModel, startRecordingModel } from '../world/recording-model.ts';
import { eventually, openWorld, TOKEN, type World } from '../world/server.ts';

let model: RecordingModel;
let world: World;
let api: AgentApi;
beforeAll(async () => {
  model = await startRecordingModel();
  world = await openWorld({ environment: model.environment });
  api = agentApi(world);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
});

const read = () => ({ tool: 'Read', input: { file_path: join(world.project, 'README.md') } });
const touch = (name: string) => ({ tool: 'Bash', input: { command: `touch ${name}` } });

/** The state of a session, as its status tells it. */
const stateOf = async (sessionId: string): Promise<unknown> =>
  (await api.call('GET', `/sessions/${sessionId}/status`)).body.state;

describe('POST /sessions/{session_id}/messages', () => {
  verifies(
    [
      'agent-api/messages-send',
      'agent-api/messages-text',
      'agent-api/messages-tool-use',
      'agent-api/messages-order',
      'agent-api/messages-cost',
      'agent-api/messages-num-turns',
    ],
    'answers when the turn is over, with what the agent said and did in its order, the price and the model turns',
    async () => {
      const sessionId = await api.create({ model: 'claude-sonnet-4-5' });
      const answer = await api.send(sessionId, { text: 'I look.', ...read() }, { text: 'It is small.' });
      expect(answer).toEqual({
        status: 200,
        body: {
          messages: [
            { type: 'text', content: 'I look.' },
            { type: 'tool_use', tool_name: 'Read', tool_input: read().input },
            { type: 'text', content: 'It is small.' },
          ],
          session_id: sessionId,
          cost_usd: expect.any(Number),
          num_turns: 2,
          is_error: false,
          errors: [],
        },
      });
      expect((await api.send(sessionId, { text: 'Yes.' })).body.num_turns).toBe(1);
    },
  );

  verifies(['agent-api/messages-invalid'], 'refuses a body without a message that is a text', async () => {
    const sessionId = await api.create();
    for (const body of [
      {},
      { message: 5 },
      { message: '' },
      { message: null },
      [],
      'text',
      { message: 'x', to: 'you' },
    ]) {
      const answer = await api.call('POST', `/sessions/${sessionId}/messages`, body);
      expect(answer).toEqual({ status: 400, body: { detail: expect.any(String) } });
    }
  });

  verifies(['agent-api/features-stateful-conversation'], 'a later message has the earlier ones in view', async () => {
    const sessionId = await api.create();
    const message = `My bird is a heron. ${scripted([{ text: 'Noted.' }])}`;
    await api.call('POST', `/sessions/${sessionId}/messages`, { message });
    await api.send(sessionId, { text: 'Here.' });
    expect(model.requests.at(-1)?.messages).toContain('My bird is a heron.');
  });

  verifies(
    ['agent-api/components-concurrent-sessions', 'agent-api/features-not-blocked'],
    'a turn that stands still holds up nobody: other sessions work, /health answers',
    async () => {
      const [first, second] = await Promise.all([api.create(), api.create()]);
      const waiting = api.send(first, touch('held.txt'), { text: 'Held.' });
      const { request_id } = await api.pending(first);
      expect((await api.send(second, { text: 'Not held.' })).status).toBe(200);
      expect((await api.call('GET', '/health')).status).toBe(200);
      await api.respond(first, { request_id, allowed: false });
      expect((await waiting).status).toBe(200);
    },
  );

  test('a message to a running turn joins it, and both callers get its end', async () => {
    const sessionId = await api.create();
    const first = api.send(sessionId, touch('joined.txt'), { text: 'Both read.' });
    const { request_id } = await api.pending(sessionId);
    const second = api.call('POST', `/sessions/${sessionId}/messages`, { message: 'And hurry.' });
    await eventually(async () =>
      ((await api.call('GET', '/sessions')).body.sessions as { session_id: string; message_count: number }[]).some(
        (session) => session.session_id === sessionId && session.message_count === 2,
      ),
    );
    await api.respond(sessionId, { request_id, allowed: true });
    for (const { status, body } of await Promise.all([first, second])) {
      expect(status).toBe(200);
      expect(JSON.stringify(body.messages)).toContain('Both read.');
    }
  });

  test('a caller who hangs up stops nothing, and the same Idempotency-Key gets the answer', async () => {
    const sessionId = await api.create();
    const body = JSON.stringify({ message: scripted([touch('left.txt'), { text: 'Done without you.' }]) });
    const send = (signal?: AbortSignal) =>
      world.request(`/sessions/${sessionId}/messages`, {
        method: 'POST',
        body,
        headers: { 'idempotency-key': `left-${sessionId}` },
        ...(signal && { signal }),
      });
    const leaving = new AbortController();
    const left = send(leaving.signal).catch(() => 'left');
    const { request_id } = await api.pending(sessionId);
    leaving.abort();
    expect(await left).toBe('left');
    await api.respond(sessionId, { request_id, allowed: true });
    const again = await send();
    expect(await again.json()).toMatchObject({ is_error: false, messages: [{ type: 'tool_use' }, { type: 'text' }] });
    expect(JSON.stringify(model.requests.at(-1)?.messages).split('left.txt').length).toBeGreaterThan(1);
    expect(await stateOf(sessionId)).toBe('idle');
  });

  test('a picture reaches the model; what is no picture is refused before it is in the conversation', async () => {
    const sessionId = await api.create();
    const data = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=';
    const picture = (media_type: string, bytes = data) => ({ type: 'image', media_type, data: bytes });
    const message = scripted([{ text: 'I see.' }]);
    const path = `/sessions/${sessionId}/messages`;
    const answer = await api.call('POST', path, { message, attachments: [picture('image/png')] });
    expect(answer).toMatchObject({ status: 200, body: { is_error: false } });
    expect(model.requests.at(-1)?.messages).toContain('"media_type":"image/png"');
    for (const wrong of [
      picture('image/jpeg'),
      picture('image/svg+xml'),
      picture('image/png', '%%%'),
      picture('image/png', ''),
      { type: 'file', media_type: 'image/png', data },
    ]) {
      const refused = await api.call('POST', path, { message, attachments: [wrong] });
      expect(refused).toEqual({ status: 400, body: { detail: expect.stringContaining('attachments.0') } });
    }
  });

  test('a failure of the model is a turn that failed, and the session goes on', async () => {
    const sessionId = await api.create({ model: 'no-such-model' });
    const failed = await api.send(sessionId, { status: 400, message: 'model: no-such-model' });
    expect(failed).toMatchObject({ status: 200, body: { is_error: true } });
    expect(JSON.stringify(failed.body.errors)).toContain('no-such-model');
    expect(await api.send(sessionId, { text: 'Back.' })).toMatchObject({ status: 200, body: { is_error: false } });
  });

  verifies(
    ['agent-api/error-connect-failure'],
    'an agent that cannot be started is a 500 with a detail; a directory that is gone is a 400',
    async () => {
      await using broken = await openWorld({ settings: { CLAUDE_EXECUTABLE: '/bin/false' } });
      const caller = agentApi(broken);
      const answer = await caller.send(await caller.create(), { text: 'Never.' });
      expect(answer).toEqual({ status: 500, body: { detail: expect.stringContaining('Claude Code') } });

      const sessionId = await api.create();
      const away = `${world.project}-away`;
      renameSync(world.project, away);
      try {
        const gone = await api.send(sessionId, { text: 'Never.' });
        expect(gone.status).toBeGreaterThanOrEqual(400);
        expect(gone.body).toEqual({ detail: expect.stringContaining('does not exist') });
      } finally {
        renameSync(away, world.project);
      }
      expect((await api.send(sessionId, { text: 'Back.' })).status).toBe(200);
    },
  );
});

interface StreamedItem {
  event: string;
  data: Record<string, unknown>;
}

async function streamed(path: string, body: unknown): Promise<StreamedItem[]> {
  const response = await world.request(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { accept: 'text/event-stream' },
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  return (await response.text()).split('\n\n').flatMap((block) => {
    const event = /^event: (.+)$/m.exec(block)?.[1];
    const data = /^data: (.+)$/m.exec(block)?.[1];
    return event && data ? [{ event, data: JSON.parse(data) as StreamedItem['data'] }] : [];
  });
}

describe('with Accept: text/event-stream', () => {
  test('fragments and facts come as they happen, and at the end the same body', async () => {
    const sessionId = await api.create();
    const text = 'The answer comes in a number of pieces, one after the other.';
    const items = await streamed(`/sessions/${sessionId}/messages`, { message: scripted([{ text }]) });
    const fragments = items.filter(({ event }) => event === 'delta').map(({ data }) => data.text);
    expect(fragments.join('')).toBe(text);
    expect(fragments.length).toBeGreaterThan(1);
    expect(items.filter(({ event }) => event === 'event').map(({ data }) => data.kind)).toContain('turn.ended');
    expect(items.at(-1)).toMatchObject({
      event: 'result',
      data: { session_id: sessionId, is_error: false, messages: [{ type: 'text', content: text }] },
    });
  });

  test('a session that is closed meanwhile ends the stream with an error; a wrong request is answered as ever', async () => {
    const sessionId = await api.create();
    const stream = streamed(`/sessions/${sessionId}/messages`, { message: scripted([touch('no.txt'), { text: 'x' }]) });
    await api.pending(sessionId);
    await api.call('DELETE', `/sessions/${sessionId}`);
    expect((await stream).at(-1)).toEqual({ event: 'error', data: { detail: expect.any(String) } });
    const headers = { accept: 'text/event-stream' };
    const wrong = await world.request(`/sessions/${sessionId}/messages`, { method: 'POST', body: '{}', headers });
    expect(wrong.status).toBe(400);
  });
});

verifies(['agent-api/lifecycle'], 'one session goes the whole way', async () => {
  const started = { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` } };
  const created = (await (await fetch(`${world.server.url}/sessions`, started)).json()) as { session_id: string };
  const sessionId = created.session_id;
  const file = join(world.project, 'whole-way', 'note.md');
  mkdirSync(join(world.project, 'whole-way'));
  const message = api.send(
    sessionId,
    { tool: 'Write', input: { file_path: file, content: 'x' } },
    { text: 'Written.' },
  );
  const { request_id } = await api.pending(sessionId);
  await api.respond(sessionId, { request_id, allowed: true });
  expect((await message).body).toMatchObject({ is_error: false });
  const written = readFileSync(file, 'utf8');
  expect(written).toBe('x');
  rmSync(join(world.project, 'whole-way'), { recursive: true });
  await api.call('DELETE', `/sessions/${sessionId}`);
  const { sessions } = (await api.call('GET', '/sessions')).body as { sessions: { session_id: string }[] };
  expect(sessions.map(({ session_id }) => session_id)).not.toContain(sessionId);
  const events: string[] = [];
  for await (const item of world.client.followSession(sessionId)) {
    if (item.kind !== 'event') continue;
    events.push(item.event.kind);
    if (item.event.kind === 'agent.stopped') break;
  }
  expect(events).toContain('session.ended');
});
