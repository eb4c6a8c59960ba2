/** Bodies of `/health` and `/invocations`. */
import { z } from 'zod';
import { EXAMPLE_SESSION_ID, EXAMPLE_TIME } from './examples.ts';

export const HealthSchema = z
  .object({
    status: z.literal('healthy'),
    active_sessions: z.int().min(0),
    timestamp: z.iso.datetime(),
    uptime: z.number().min(0).describe('Milliseconds since the server started.'),
    version: z.string(),
    aicliAvailable: z.boolean().describe('Claude Code can be run.'),
    phone: z
      .enum(['simulated', 'twilio'])
      .describe('What carries the texts; with "simulated" none leaves the machine.'),
    activeSessions: z
      .array(z.object({ sessionId: z.uuid(), deviceName: z.string().nullable() }))
      .describe('The active sessions; empty without a token, whose sessions these are is nobody else’s business.'),
  })
  .meta({
    title: 'Health',
    examples: [
      {
        status: 'healthy',
        active_sessions: 2,
        timestamp: EXAMPLE_TIME,
        uptime: 123_456,
        version: '1.0.0',
        aicliAvailable: true,
        phone: 'simulated',
        activeSessions: [],
      },
    ],
  });

export const InvocationSchema = z
  .strictObject({
    path: z.string().min(1).max(4_000).describe('A path of this API; {names} are filled in from path_params.'),
    method: z.enum(['GET', 'POST', 'DELETE']).optional().describe('Default: POST.'),
    payload: z.unknown().optional().describe('The body of the request.'),
    path_params: z.record(z.string(), z.string()).optional(),
    query: z.record(z.string(), z.string()).optional(),
  })
  .meta({
    title: 'Invocation',
    examples: [
      { path: '/health', method: 'GET' },
      { path: '/sessions', method: 'POST', payload: { resume_session_id: EXAMPLE_SESSION_ID } },
      {
        path: '/sessions/{session_id}/messages',
        method: 'POST',
        path_params: { session_id: EXAMPLE_SESSION_ID },
        payload: { message: 'What is 2+2?' },
      },
      {
        path: '/sessions/{session_id}/status',
        method: 'GET',
        path_params: { session_id: EXAMPLE_SESSION_ID },
      },
    ],
  });
