import { z } from 'zod';

/** What is no id of a session is an unknown session. */
export const SessionParams = z.object({ session_id: z.uuid({ error: 'Session not found' }) });
