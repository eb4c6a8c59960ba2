import { HealthSchema } from '@claude-companion/protocol';
import { activeSessions, countActiveSessions } from '../../operations/look-up.ts';
import { personOf } from '../middleware/actor.ts';
import { route } from '../surface.ts';

/** One answer for the three documents that describe it: each finds its own fields. */
export const HEALTH = route({
  method: 'GET',
  path: '/health',
  auth: 'open',
  summary: 'Is the server up',
  schema: { response: HealthSchema },
  handle: async ({ doors: { context, about, carrier }, request }) => {
    const now = context.clock.now();
    const person = personOf(request);
    return {
      status: 'healthy',
      active_sessions: await countActiveSessions(context),
      timestamp: now.toISOString(),
      uptime: Math.max(0, now.getTime() - about.startedAt.getTime()),
      version: about.version,
      aicliAvailable: about.agentAvailable,
      phone: carrier.provider,
      // Sessions that this server hosts belong to no device.
      activeSessions: person
        ? (await activeSessions(context, person)).map(({ id }) => ({ sessionId: id, deviceName: null }))
        : [],
    };
  },
});
