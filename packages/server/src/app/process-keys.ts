/** Keys of agent processes, and whose process each of them is. A spare has its key before its session is known. */
import { AgentKeys } from '../auth/tokens.ts';

export interface ProcessKey {
  key: string;
  belongTo(sessionId: string): void;
  revoke(): void;
}

export class ProcessKeys extends AgentKeys {
  readonly #sessions = new Map<string, string>();

  issueForProcess(): ProcessKey {
    const { key, revoke } = this.issue();
    return {
      key,
      belongTo: (sessionId) => this.#sessions.set(key, sessionId),
      revoke: () => {
        this.#sessions.delete(key);
        revoke();
      },
    };
  }

  /** Null for a spare, and for anything that is no key of a live process. */
  sessionOf(key: string): string | null {
    return this.has(key) ? (this.#sessions.get(key) ?? null) : null;
  }
}
