/** Whose token it is. Each kind of token has one place that knows it; the first that does, answers. */
import type { Caller } from '../auth/callers.ts';
import { type AgentKeys, sameSecret } from '../auth/tokens.ts';

export type Identify = (token: string) => Promise<Caller | null>;

export interface KnownTokens {
  authToken: string;
  ownerId: string;
  agentKeys: AgentKeys;
  /** Tokens that the database knows: those of people and of their sessions. */
  stored: readonly Identify[];
}

export function createIdentify({ authToken, ownerId, agentKeys, stored }: KnownTokens): Identify {
  return async (token) => {
    if (sameSecret(token, authToken)) return { kind: 'owner', personId: ownerId };
    if (agentKeys.has(token)) return { kind: 'agent-process' };
    for (const identify of stored) {
      const caller = await identify(token);
      if (caller) return caller;
    }
    return null;
  };
}
