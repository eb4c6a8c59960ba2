/** Sessions of the agent API: made, listed, looked at, closed, taken up again; what their options do. */
import { mkdirSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import { type AgentApi, agentApi } from '../world/agent-api.ts';
import { type RecordingModel, startRecordingModel } from '../world/recording-model.ts';
import { eventually, openWorld, type World } from '../world/server.ts';

let model: RecordingModel;
let world: World;
let api: AgentApi;
beforeAll(async () => {
  model = await startRecordingModel();
  world = await openWorld({
    environment: model.environment,
    settings: { ANTHROPIC_MODEL: 'claude-3-5-haiku-20241022' },
  });
  api = agentApi(world);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
});

type Listed = Record<'session_id' | 'created_at' | 'last_activity' | 'modified' | 'preview' | 'project', string> & {
  message_count: number;
};
const list = async (path: string): Promise<Listed[]> => (await api.call('GET', path)).body.sessions as Listed[];
const one = async (path: string, id: string): Promise<Listed | undefined> =>
  (await list(path)).find((session) => session.session_id === id);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const UNKNOWN = '11111111-2222-4333-8444-555555555555';

describe('POST /sessions', () => {
  verifies(
    [
      'agent-api/sessions-create',
      'agent-api/sessions-create-empty',
      'agent-api/sessions-create-response',
      'agent-api/features-unique-session-ids',
    ],
    'makes a session from nothing: an id of its own, the time, "connected"',
    async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => api.call('POST', '/sessions', {})));
      for (const { status, body } of answers) {
        expect(status).toBe(200);
        expect(body).toEqual({
          session_id: expect.stringMatching(UUID),
          created_at: expect.stringMatching(ISO),
          status: 'connected',
        });
      }
      expect(new Set(answers.map(({ body }) => body.session_id)).size).toBe(20);
      // Also without any body at all.
      expect((await world.request('/sessions', { method: 'POST' })).status).toBe(200);
      const empty = { method: 'POST', headers: { 'content-type': 'application/json' } };
      expect((await world.request('/sessions', empty)).status).toBe(200);
    },
  );

  verifies(
    ['agent-api/sessions-create-invalid'],
    'refuses wrong types and unknown fields, and names the field',
    async () => {
      const wrong: [field: string, body: unknown][] = [
        ['model', { model: 5 }],
        ['enable_proxy', { enable_proxy: 'x' }],
        ['system_prompt', { system_prompt: [] }],
        ['resume_session_id', { resume_session_id: {} }],
        ['allowed_tools.0', { allowed_tools: [7] }],
        ['max_budget_usd', { max_budget_usd: -1 }],
        ['permission_timeout_s', { permission_timeout_s: 0.5 }],
        ['colour', { colour: 'red' }],
        ['model', { model: '--dangerously-skip-permissions' }],
        ['system_prompt', { system_prompt: 'a\0b' }],
        ['message', { message: 'half \ud800 of it' }],
        ['body', []],
      ];
      for (const [field, body] of wrong) {
        const answer = await api.call('POST', '/sessions', body);
        expect(answer).toEqual({ status: 400, body: { detail: expect.stringContaining(field) } });
      }
    },
  );

  verifies(
    ['agent-api/sessions-create-model', 'agent-api/sessions-create-model-default', 'agent-api/model-from-environment'],
    'the model asked for is used, and ANTHROPIC_MODEL where none is',
    async () => {
      const before = model.requests.length;
      await api.send(await api.create(), { text: 'Here.' });
      expect(model.requests.at(-1)?.model).toBe('claude-3-5-haiku-20241022');
      await api.send(await api.create({ model: 'claude-3-5-sonnet-20241022' }), { text: 'Here.' });
      expect(model.requests.at(-1)?.model).toBe('claude-3-5-sonnet-20241022');
      expect(model.requests.length).toBe(before + 2);
    },
  );

  verifies(['agent-api/model-at-creation'], 'the model asked for wins over ANTHROPIC_MODEL', async () => {
    await api.send(await api.create({ model: 'claude-sonnet-4-5' }), { text: 'Here.' });
    expect(model.requests.at(-1)?.model).toBe('claude-sonnet-4-5');
  });

  verifies(
    ['agent-api/sessions-create-proxy-default'],
    'without enable_proxy the agent asks the operator’s own model provider, not this server',
    async () => {
      for (const body of [{}, { enable_proxy: false }]) {
        await api.send(await api.create(body), { text: 'Here.' });
        expect(model.requests.at(-1)?.headers).toMatchObject({ 'x-api-key': 'a-key-of-the-operator' });
        expect(model.requests.at(-1)?.headers).not.toHaveProperty('x-companion-hop');
      }
    },
  );

  verifies(['agent-api/sessions-create-system-prompt'], 'the system prompt reaches the model', async () => {
    const sessionId = await api.create({ system_prompt: 'Speak like a heron.' });
    await api.send(sessionId, { text: 'Here.' });
    expect(model.requests.at(-1)?.system).toContain('Speak like a heron.');
  });

  test('tools that are allowed run without asking', async () => {
    const sessionId = await api.create({ allowed_tools: ['Bash(touch:*)'] });
    const { body } = await api.send(
      sessionId,
      { tool: 'Bash', input: { command: 'touch allowed.txt' } },
      { text: 'Ok.' },
    );
    expect(body.is_error).toBe(false);
    expect(readdirSync(world.project)).toContain('allowed.txt');
  });

  test('a turn stops when the budget is spent, and says so', async () => {
    const sessionId = await api.create({ max_budget_usd: 0.000001 });
    const read = { tool: 'Read', input: { file_path: join(world.project, 'README.md') } };
    const { status, body } = await api.send(sessionId, read, read, { text: 'Ok.' });
    expect(status).toBe(200);
    expect(body.is_error).toBe(true);
    expect(JSON.stringify(body.errors)).toMatch(/budget/i);
  });

  test('works in the only project there is, and says what to send when there are several', async () => {
    const second = join(world.project, '..', 'second');
    mkdirSync(second);
    try {
      const answer = await api.call('POST', '/sessions', {});
      expect(answer).toEqual({ status: 400, body: { detail: expect.stringContaining('"project"') } });
      expect((await api.call('POST', '/sessions', { project: 'second' })).status).toBe(200);
      expect((await api.call('POST', '/sessions', { cwd: second })).status).toBe(200);
      expect((await api.call('POST', '/sessions', { cwd: second, project: 'second' })).status).toBe(400);
    } finally {
      rmSync(second, { recursive: true });
    }
  });
});

describe('lists and status', () => {
  verifies(
    [
      'agent-api/sessions-list',
      'agent-api/sessions-list-fields',
      'agent-api/sessions-list-message-count',
      'agent-api/sessions-list-last-activity',
      'agent-api/sessions-status',
    ],
    'GET /sessions shows the active sessions as they are used; status tells one of them',
    async () => {
      await using quiet = await openWorld();
      expect((await agentApi(quiet).call('GET', '/sessions')).body).toEqual({ sessions: [] });
      const sessionId = await api.create();
      const before = await one('/sessions', sessionId);
      expect(before).toMatchObject({
        session_id: sessionId,
        created_at: expect.stringMatching(ISO),
        last_activity: expect.stringMatching(ISO),
        status: 'connected',
        message_count: 0,
      });
      await api.send(sessionId, { text: 'Here.' });
      const after = await one('/sessions', sessionId);
      expect(after?.message_count).toBeGreaterThan(0);
      expect(after?.created_at).toBe(before?.created_at);
      expect(Date.parse(after?.last_activity ?? '')).toBeGreaterThan(Date.parse(before?.last_activity ?? ''));
      expect(await api.call('GET', `/sessions/${sessionId}/status`)).toEqual({
        status: 200,
        body: { session_id: sessionId, status: 'connected', state: 'idle', pending_permission: null },
      });
    },
  );

  verifies(
    ['agent-api/sessions-available', 'agent-api/sessions-available-fields', 'agent-api/sessions-available-resumable'],
    'GET /sessions/available has closed sessions, those of before a restart and those on disk, newest first, once each',
    async () => {
      const closed = await api.create({ message: scripted([{ text: 'The first answer.' }]) });
      await eventually(async () => (await one('/sessions', closed))?.message_count === 2);
      await api.call('DELETE', `/sessions/${closed}`);
      const foreign = writeTranscript('Sort the herons by colour.');
      await world.restart();
      const available = await list('/sessions/available');
      expect(available.filter(({ session_id }) => session_id === closed)).toHaveLength(1);
      expect(available.find(({ session_id }) => session_id === foreign)).toEqual({
        session_id: foreign,
        modified: expect.stringMatching(ISO),
        preview: 'Sort the herons by colour.',
        project: 'my-app',
      });
      const times = available.map(({ modified }) => modified);
      expect(times).toEqual([...times].sort().reverse());
      // Every one of them can be resumed.
      for (const { session_id } of available) {
        const resumed = await api.call('POST', '/sessions', { resume_session_id: session_id });
        expect(resumed).toMatchObject({ status: 200, body: { session_id, status: 'connected' } });
      }
      await api.send(foreign, { text: 'Done.' });
      expect(model.requests.at(-1)?.messages).toContain('Sort the herons by colour.');
    },
  );
});

/** A conversation as Claude Code leaves it when somebody held it in a terminal. */
function writeTranscript(text: string): string {
  const sessionId = crypto.randomUUID();
  const directory = join(world.dataDir, 'claude', 'projects', world.project.replace(/[^a-zA-Z0-9]/g, '-'));
  mkdirSync(directory, { recursive: true });
  const common = { sessionId, cwd: world.project, version: '2.1.329', isSidechain: false, userType: 'external' };
  const asked = {
    ...common,
    type: 'user',
    uuid: crypto.randomUUID(),
    parentUuid: null,
    timestamp: new Date().toISOString(),
  };
  const answered = { ...asked, type: 'assistant', uuid: crypto.randomUUID(), parentUuid: asked.uuid };
  const lines = [
    { ...asked, message: { role: 'user', content: text } },
    {
      ...answered,
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude-opus-5-5',
        content: [{ type: 'text', text: 'Sorted.' }],
        stop_reason: 'end_turn',
        usage: { input_tokens: 1, output_tokens: 1 },
      },
    },
  ];
  writeFileSync(join(directory, `${sessionId}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return sessionId;
}

describe('closing and resuming', () => {
  verifies(
    ['agent-api/sessions-close', 'agent-api/cleanup-on-delete', 'agent-api/sessions-close-unknown'],
    'DELETE takes the session off the list, withdraws what it asked and ends its process',
    async () => {
      const sessionId = await api.create();
      const message = api.send(sessionId, { tool: 'Bash', input: { command: 'touch gone.txt' } }, { text: 'Ok.' });
      const { request_id } = await api.pending(sessionId);
      expect(await api.call('DELETE', `/sessions/${sessionId}`)).toEqual({
        status: 200,
        body: { status: 'closed', session_id: sessionId },
      });
      expect(await message).toEqual({ status: 409, body: { detail: expect.any(String) } });
      expect(await one('/sessions', sessionId)).toBeUndefined();
      expect((await api.respond(sessionId, { request_id, allowed: true })).status).toBe(409);
      const stopped = await eventually(async () => {
        const { rows } = await eventsOf(sessionId);
        return rows.includes('agent.stopped') && rows;
      });
      expect(stopped.filter((kind) => kind === 'agent.started')).toHaveLength(1);
      expect(readdirSync(world.project)).not.toContain('gone.txt');
      expect((await api.call('DELETE', `/sessions/${sessionId}`)).status).toBe(200);
      expect((await api.call('DELETE', `/sessions/${UNKNOWN}`)).status).toBe(404);
    },
  );

  verifies(
    ['agent-api/features-session-restoration', 'agent-api/sessions-create-resume'],
    'a session is resumed by its id with its conversation, after a restart and after it was closed',
    async () => {
      const sessionId = await api.create();
      await api.send(sessionId, { text: 'The word is heron.' });
      await world.restart();
      expect((await api.call('POST', '/sessions', { resume_session_id: sessionId })).body.session_id).toBe(sessionId);
      await api.send(sessionId, { text: 'Again.' });
      expect(model.requests.at(-1)?.messages).toContain('The word is heron.');

      await api.call('DELETE', `/sessions/${sessionId}`);
      expect((await api.call('POST', `/sessions/${sessionId}/messages`, { message: 'x' })).status).toBe(409);
      const resumed = await api.call('POST', '/sessions', { resume_session_id: sessionId, model: 'claude-sonnet-4-5' });
      expect(resumed).toMatchObject({ status: 200, body: { session_id: sessionId, status: 'connected' } });
      expect((await api.send(sessionId, { text: 'Once more.' })).status).toBe(200);
      expect(model.requests.at(-1)).toMatchObject({
        model: 'claude-sonnet-4-5',
        messages: expect.stringContaining('The word is heron.'),
      });
    },
  );

  verifies(
    [
      'agent-api/sessions-create-resume-unknown',
      'agent-api/error-unknown-session',
      'agent-api/messages-unknown-session',
    ],
    'an unknown id, and what is none, is a 404 with a detail everywhere',
    async () => {
      for (const id of [UNKNOWN, 'abc123', '..', '../../etc/passwd', 'x'.repeat(150)]) {
        const path = `/sessions/${encodeURIComponent(id)}`;
        const answers = await Promise.all([
          api.call('POST', '/sessions', { resume_session_id: id }),
          api.call('GET', `${path}/status`),
          api.call('DELETE', path),
          api.call('POST', `${path}/messages`, { message: 'x' }),
          api.call('POST', `${path}/model`, { model: null }),
          api.call('POST', `${path}/interrupt`),
          api.call('POST', `${path}/permission_mode`, { mode: 'plan' }),
          api.call('GET', `${path}/server_info`),
          api.call('POST', `${path}/permissions/respond`, { request_id: UNKNOWN, allowed: true }),
        ]);
        // Clients take "/.." out of a path before they send it.
        const sent = id === '..' ? answers.slice(0, 1) : answers;
        for (const answer of sent) {
          expect(answer).toMatchObject({ status: 404, body: { detail: expect.any(String) } });
        }
      }
      expect((await world.request('/sessions/%00/status')).status).toBe(404);
    },
  );

  test('a session that began in a spare process is listed once, and found by the id of its transcript too', async () => {
    await using warm = await openWorld({ settings: { WARM_AGENTS: 'true' } });
    const caller = agentApi(warm);
    const transcripts = join(warm.dataDir, 'claude', 'projects');
    // The spare needs about half a second; sessions that come before it start without one.
    const { sessionId, spareId } = await eventually(async () => {
      const made = await caller.create();
      await caller.send(made, { text: 'Here.' });
      const files = readdirSync(transcripts, { recursive: true, withFileTypes: true });
      const link = files.find((entry) => entry.isSymbolicLink() && entry.name === `${made}.jsonl`);
      if (!link) return null;
      return { sessionId: made, spareId: basename(readlinkSync(join(link.parentPath, link.name)), '.jsonl') };
    });
    const { sessions } = (await caller.call('GET', '/sessions/available')).body as { sessions: Listed[] };
    const ids = sessions.map(({ session_id }) => session_id);
    expect(ids.filter((id) => id === sessionId)).toHaveLength(1);
    expect(ids).not.toContain(spareId);
    const resumed = await caller.call('POST', '/sessions', { resume_session_id: spareId });
    expect(resumed).toMatchObject({ status: 200, body: { session_id: sessionId } });
  });

  test('of ten resumes of one conversation on disk at once, each gets the session or is told to try again', async () => {
    const foreign = writeTranscript('One of ten.');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => api.call('POST', '/sessions', { resume_session_id: foreign })),
    );
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    expect((await list('/sessions')).filter(({ session_id }) => session_id === foreign)).toHaveLength(1);
  });
});

async function eventsOf(sessionId: string): Promise<{ rows: string[] }> {
  const rows: string[] = [];
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 300);
  try {
    for await (const item of world.client.followSession(sessionId, { signal: stop.signal })) {
      if (item.kind === 'event') rows.push(item.event.kind);
    }
  } finally {
    clearTimeout(timer);
  }
  return { rows };
}
