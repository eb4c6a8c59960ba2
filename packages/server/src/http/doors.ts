/** What every surface is built with. */

import type { Context } from '../operations/context.ts';
import type { FollowItem, FollowSession } from '../operations/follow-session.ts';
import type { SimulatedText } from '../operations/look-up.ts';

export interface Doors {
  context: Context;
  follow(request: FollowSession): AsyncGenerator<FollowItem>;
  /** Null when a real carrier is configured. */
  simulatedPhone: { texts(after: number): Promise<SimulatedText[]>; type(body: string): Promise<unknown> } | null;
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
