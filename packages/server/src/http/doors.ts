/** What every route works with. */

import type { Context } from '../operations/context.ts';
import type { CarrierSettings } from '../operations/describe-carrier.ts';
import type { FollowItem, FollowSession } from '../operations/follow-session.ts';
import type { SimulatedText } from '../operations/look-up.ts';
import type { SavedConversations } from '../operations/saved-conversations.ts';
import type { SignInContext } from '../operations/sign-in/sign-in-context.ts';

/** What an agent says that it can do. */
export interface AgentInfo {
  commands: { name: string; description: string; argumentHint: string }[];
  outputStyle: string;
  capabilities: Record<string, unknown>;
}

export interface Doors {
  context: Context;
  follow(request: FollowSession): AsyncGenerator<FollowItem>;
  /** What agents in a directory can do. */
  agentInfo(place: { cwd: string }): Promise<AgentInfo>;
  savedConversations: SavedConversations;
  signIn: SignInContext;
  /** Proxies whose X-Forwarded-For names the client. */
  trustedProxies: readonly string[];
  /** Null when a real carrier is configured. */
  simulatedPhone: { texts(after: number): Promise<SimulatedText[]>; type(body: string): Promise<unknown> } | null;
  /** How texts go and come. */
  carrier: CarrierSettings;
  /** What the page and /health say about this server. */
  about: {
    version: string;
    startedAt: Date;
    model: string;
    phone: string;
    projectsDir: string;
    agentAvailable: boolean;
  };
}
