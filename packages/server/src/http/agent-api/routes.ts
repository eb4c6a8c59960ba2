/** agent-api-server.md, all of it but /v1/messages, the client and /invocations, which is made from these rows. */
import { z } from 'zod';
import type { Surface } from '../surface.ts';
import { CONTROL } from './control.ts';
import { HEALTH } from './health.ts';
import { MESSAGES } from './messages.ts';
import { PERMISSIONS } from './permissions.ts';
import { SESSIONS } from './sessions.ts';

export const agentApi: Surface = {
  name: 'agent-api',
  routes: [HEALTH, ...SESSIONS, MESSAGES, ...CONTROL, PERMISSIONS],
  errorSchema: z.object({ detail: z.string().describe('What is wrong, for a person.') }),
  errorBody: ({ message }) => ({ detail: message }),
  // "SDK connection failures: Returns 500 error"
  statusOf: { AICLI_UNAVAILABLE: 500 },
};
