/** The SDK: sessions, asks, the live stream of a session with resume, the simulated phone. */
import {
  type Answer,
  type AnswerResult,
  type Ask,
  CompanionError,
  type Cursor,
  type Delta,
  type SessionEvent,
} from '@claude-companion/protocol';
import { readEvents } from './event-source.ts';
import { Connection, type ConnectionOptions } from './http.ts';

export interface StartSessionOptions {
  /** A directory of PROJECTS_DIR, by name. */
  project?: string;
  cwd?: string;
  model?: string;
  system_prompt?: string;
  /** Something to do at once. */
  message?: string;
}

export interface SessionSummary {
  session_id: string;
  created_at: string;
  last_activity: string;
  status: string;
  state: string;
  project: string | null;
  message_count: number;
}

export interface PhoneText {
  id: number;
  direction: 'to_phone' | 'from_phone';
  body: string;
  at: string;
}

export interface UsageSum {
  answers: number;
  /** Without those read from or written to a cache. */
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  /** US dollars; null: nobody said what some of it costs. */
  costUsd: number | null;
  /** The part whose price is known. */
  knownCostUsd: number;
  /** Some of the tokens are guesses. */
  estimated: boolean;
}

export interface UsageReport {
  timeZone: string;
  total: UsageSum;
  /** `sessionId` null: people's own clients of the gateway. */
  sessions: (UsageSum & { sessionId: string | null; project: string | null; lastDay: string })[];
  people: (UsageSum & { personId: string; role: string; phone: string | null })[];
  days: (UsageSum & { day: string })[];
  models: (UsageSum & { provider: string; model: string })[];
}

export type FollowItem =
  | { kind: 'event'; event: SessionEvent }
  | { kind: 'delta'; delta: Delta }
  /** The log is another one than before: what follows starts from the beginning. */
  | { kind: 'gap' };

/** Waits between attempts to reconnect: 1 s doubling to 30 s, each with up to half again at random. */
export function reconnectDelay(attempt: number, random: number): number {
  return Math.min(1_000 * 2 ** attempt, 30_000) * (1 + random / 2);
}

export class ClaudeCompanionClient {
  readonly #connection: Connection;

  constructor(options: ConnectionOptions) {
    this.#connection = new Connection(options);
  }

  startSession(options: StartSessionOptions): Promise<{ session_id: string; created_at: string; status: string }> {
    return this.#connection.json('/sessions', { method: 'POST', body: options });
  }

  async listSessions(): Promise<SessionSummary[]> {
    return (await this.#connection.json<{ sessions: SessionSummary[] }>('/sessions')).sessions;
  }

  async closeSession(sessionId: string): Promise<void> {
    await this.#connection.send(`/sessions/${encodeURIComponent(sessionId)}`, { method: 'DELETE' });
  }

  async interrupt(sessionId: string): Promise<void> {
    await this.#connection.send(`/sessions/${encodeURIComponent(sessionId)}/interrupt`, { method: 'POST' });
  }

  /** Asks, oldest first; open ones unless told otherwise. */
  async listAsks(filter: { state?: Ask['state'] | 'all'; sessionId?: string } = {}): Promise<Ask[]> {
    const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== undefined));
    return (await this.#connection.json<{ asks: Ask[] }>(`/api/asks?${query}`)).asks;
  }

  /** The first answer wins. The result says what became of this one; a refusal is a result, not an error. */
  answerAsk(askId: string, answer: Answer): Promise<AnswerResult> {
    return this.#connection.json(`/api/asks/${encodeURIComponent(askId)}/answer`, { method: 'POST', body: answer });
  }

  /**
   * Every event of a session after `after` (all, when absent), then live. Reconnects by itself and goes on after the last
   * event it saw, also when the server was restarted. Ends when the signal aborts; throws what no retry can mend.
   */
  async *followSession(
    sessionId: string,
    options: { after?: Cursor; signal?: AbortSignal } = {},
  ): AsyncGenerator<FollowItem> {
    let cursor = options.after ? `${options.after.epoch}:${options.after.seq}` : null;
    const { signal } = options;
    for (let attempt = 0; !signal?.aborted; attempt++) {
      try {
        const response = await this.#connection.send(`/api/sessions/${encodeURIComponent(sessionId)}/events`, {
          headers: cursor === null ? {} : { 'last-event-id': cursor },
          ...(signal ? { signal } : {}),
        });
        if (!response.body) throw new CompanionError('SERVER_ERROR', 'The server sent no stream.');
        for await (const { event, id, data } of readEvents(response.body)) {
          attempt = 0;
          cursor = id ?? cursor;
          if (event === 'gap') yield { kind: 'gap' };
          else if (event === 'delta') yield { kind: 'delta', delta: JSON.parse(data) as Delta };
          else if (event === 'event') yield { kind: 'event', event: JSON.parse(data) as SessionEvent };
        }
      } catch (error) {
        if (signal?.aborted) return;
        if (error instanceof CompanionError && error.status < 500) throw error;
      }
      await pause(reconnectDelay(attempt, Math.random()), signal);
    }
  }

  /** A link that signs one browser in, once, for the owner or for the person of a paired phone. Needs the owner's token. */
  async makeSignInLink(options: { phone?: string } = {}): Promise<{ url: string; expires_at: string }> {
    return this.#connection.json('/screens/links', { method: 'POST', body: options });
  }

  /** Tokens and money, in all and by session, person, day and model. Days such as `2026-11-21`, both included. */
  usage(filter: { from?: string; to?: string; sessionId?: string } = {}): Promise<UsageReport> {
    const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== undefined));
    return this.#connection.json(`/api/usage?${query}`);
  }

  /** How texts go and come. `webhookUrl` holds a secret; it is for the carrier's console alone. Needs the owner's token. */
  carrier(): Promise<{ provider: 'twilio' | 'simulated'; publicUrl: string | null; webhookUrl: string | null }> {
    return this.#connection.json('/api/carrier');
  }

  /** Gives the carrier's webhook another secret address; the old one works for so many seconds more. */
  rotateWebhook(transitionSeconds: number): Promise<{ webhookUrl: string; oldValidUntil: string }> {
    return this.#connection.json('/api/webhook/rotate', { method: 'POST', body: { transitionSeconds } });
  }

  async phoneTexts(after = 0): Promise<PhoneText[]> {
    return (await this.#connection.json<{ texts: PhoneText[] }>(`/api/simulated-phone/texts?after=${after}`)).texts;
  }

  async typeOnPhone(body: string): Promise<void> {
    await this.#connection.send('/api/simulated-phone/texts', { method: 'POST', body: { body } });
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
