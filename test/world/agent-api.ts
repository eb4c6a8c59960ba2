/** The agent API as a caller with nothing but HTTP sees it. */
import { scripted } from '@claude-companion/gateway';
import { eventually, type World } from './server.ts';

type Script = Parameters<typeof scripted>[0];

export interface Answer {
  status: number;
  // What a caller reads out of JSON; the tests say what must be in it.
  body: Record<string, unknown>;
}

export interface Pending {
  request_id: string;
  tool_name: string;
  tool_input: Record<string, unknown>;
  suggestions: unknown[];
}

export interface AgentApi {
  call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer>;
  /** Makes a session and returns its id. */
  create(body?: Record<string, unknown>): Promise<string>;
  /** Sends a message whose script the demo model follows; waits for the turn. */
  send(sessionId: string, ...steps: Script): Promise<Answer>;
  /** Polls /status until a permission is asked for. */
  pending(sessionId: string): Promise<Pending>;
  respond(sessionId: string, answer: Record<string, unknown>): Promise<Answer>;
}

export function agentApi(world: World): AgentApi {
  const call: AgentApi['call'] = async (method, path, body) => {
    const response = await world.request(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  };
  return {
    call,
    async create(body = {}) {
      const answer = await call('POST', '/sessions', body);
      if (answer.status !== 200) throw new Error(`no session was made: ${JSON.stringify(answer)}`);
      return String(answer.body.session_id);
    },
    send: (sessionId, ...steps) => call('POST', `/sessions/${sessionId}/messages`, { message: scripted(steps) }),
    pending: (sessionId) =>
      eventually(async () => {
        const { body } = await call('GET', `/sessions/${sessionId}/status`);
        return body.pending_permission as Pending | null;
      }),
    respond: (sessionId, answer) => call('POST', `/sessions/${sessionId}/permissions/respond`, answer),
  };
}
