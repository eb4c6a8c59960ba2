/** Every example of the document is sent to a running server, and every example of an answer is one. */

import { scripted } from '@claude-companion/gateway';
import { EXAMPLE_REQUEST_ID, EXAMPLE_SESSION_ID } from '@claude-companion/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AgentApi, agentApi } from '../world/agent-api.ts';
import { openWorld, type World } from '../world/server.ts';
import { bodyOf, CALLS, type Call, faultsOfAnswer, faultsOfRequest } from './document.ts';
import { READY_TO_SIGN_IN } from './ready-to-sign-in.ts';

let world: World;
/** One with a carrier, which nobody answers for. */
let withCarrier: World;
let api: AgentApi;
beforeAll(async () => {
  world = await openWorld();
  api = agentApi(world);
  withCarrier = await openWorld({
    settings: {
      TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
      TWILIO_AUTH_TOKEN: '0'.repeat(32),
      TWILIO_PHONE_NUMBER: '+14155550100',
      TWILIO_API_URL: 'http://127.0.0.1:9',
      PUBLIC_URL: 'https://companion.example',
    },
  });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await withCarrier[Symbol.asyncDispose]();
});

/** Routes that there is nothing behind on a server whose phone is simulated. */
const NEEDS_CARRIER = new Set(['POST /api/webhook/rotate']);

interface Ready {
  sessionId: string;
  requestId: string;
  /** What opens the session, where that is not the owner's. */
  token?: string;
  /** To be waited for before the next example. */
  after?(): Promise<unknown>;
}

const asking = scripted([{ tool: 'Bash', input: { command: 'node -e 0' } }, { text: 'Done.' }]);

/** A session whose agent waits for a person. */
async function waiting(): Promise<Ready> {
  const sessionId = await api.create();
  const message = api.call('POST', `/sessions/${sessionId}/messages`, { message: asking });
  const { request_id: requestId } = await api.pending(sessionId);
  return { sessionId, requestId, after: () => api.call('DELETE', `/sessions/${sessionId}`).then(() => message) };
}

/** A session whose permission requests are all allowed, as a person at the screen would. */
async function attended(): Promise<Ready> {
  const sessionId = await api.create();
  let over = false;
  const allowAll = async (): Promise<void> => {
    while (!over) {
      const { body } = await api.call('GET', `/sessions/${sessionId}/status`);
      const pending = body.pending_permission as { request_id: string } | null;
      // The words are for a question, should it be one.
      if (pending) await api.respond(sessionId, { request_id: pending.request_id, allowed: true, message: 'yes' });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const allowing = allowAll();
  return {
    sessionId,
    requestId: EXAMPLE_REQUEST_ID,
    async after() {
      over = true;
      await allowing;
    },
  };
}

/** A session of somebody's terminal. */
async function monitored(): Promise<Ready> {
  const start = { claude_session_id: crypto.randomUUID(), description: 'An example' };
  const { body } = await api.call('POST', '/sessions/start', start);
  return { sessionId: String(body.monitoring_id), requestId: EXAMPLE_REQUEST_ID, token: String(body.session_token) };
}

const idle = async (): Promise<Ready> => ({ sessionId: await api.create(), requestId: EXAMPLE_REQUEST_ID });

const READY: Readonly<Record<string, () => Promise<Ready>>> = {
  'POST /sessions/{session_id}/messages': attended,
  'POST /invocations': attended,
  'POST /sessions/{session_id}/interrupt': waiting,
  'POST /sessions/{session_id}/permissions/respond': waiting,
  'POST /sessions/{session_id}/events': monitored,
  'POST /sessions/{session_id}/heartbeat': monitored,
  'POST /sessions/{session_id}/stop': monitored,
  'GET /api/asks/{askId}': waiting,
  'POST /api/asks/{askId}/answer': waiting,
};

async function run(call: Call, body: unknown): Promise<void> {
  const name = `${call.method} ${call.path}`;
  const ready = await (READY[name] ?? idle)();
  const { put = [], token = ready.token, deviceId = '', after } = (await READY_TO_SIGN_IN[name]?.(world)) ?? {};
  const fill = (text: string): string =>
    put.reduce(
      (filled, [example, real]) => filled.replace(example, real),
      text.replaceAll(EXAMPLE_SESSION_ID, ready.sessionId).replaceAll(EXAMPLE_REQUEST_ID, ready.requestId),
    );
  const ids: Record<string, string> = { askId: ready.requestId, device_id: deviceId };
  const path = call.path.replace(/\{(\w+)\}/g, (_, param: string) => ids[param] ?? ready.sessionId);
  const response = await (NEEDS_CARRIER.has(name) ? withCarrier : world).request(path, {
    method: call.method,
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    ...(body === undefined ? {} : { body: fill(JSON.stringify(body)) }),
  });
  const answer: unknown = await response.json();
  await ready.after?.();
  await after?.();
  expect([response.status, answer]).toEqual([200, answer]);
  expect(faultsOfAnswer(call, 200, answer)).toEqual([]);
}

/** A stream does not end by itself; what it sends is proved where sessions are followed. */
const answered = CALLS.filter(({ operation }) => 'application/json' in (operation.responses[200]?.content ?? {}));

describe.each(answered)('$method $path', (call) => {
  const media = bodyOf(call);
  const requests = Object.entries(media?.examples ?? {});

  test.each(requests)('request: %s', async (_name, { value }) => {
    expect(faultsOfRequest(call, value)).toEqual([]);
    await run(call, value);
  });

  if (media === undefined) test('without a body', () => run(call, undefined));

  const answers = Object.entries(call.operation.responses[200]?.content?.['application/json']?.examples ?? {});
  test.each(answers)('answer: %s', (_name, { value }) => {
    expect(faultsOfAnswer(call, 200, value)).toEqual([]);
  });
});

test('every body is explained by an example', () => {
  const silent = CALLS.filter((call) => bodyOf(call) && !bodyOf(call)?.examples);
  expect(silent.map(({ path }) => path)).toEqual([]);
});
