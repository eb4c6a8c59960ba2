/** Sessions and turns in the agent API's spelling. */
import type {
  AvailableSessionsSchema,
  MessagesSchema,
  SessionCreatedSchema,
  SessionListSchema,
  SessionStatusSchema,
} from '@claude-companion/protocol';
import type { z } from 'zod';
import type { AvailableSession } from '../../operations/available-sessions.ts';
import type { TurnResult } from '../../operations/await-turn.ts';
import type { Context } from '../../operations/context.ts';
import { oldestOpenAsk, type SessionRow } from '../../operations/look-up.ts';
import type { ListedSession } from '../../operations/monitor/listed-sessions.ts';

type Listed = z.infer<typeof SessionListSchema>['sessions'][number];
type Available = z.infer<typeof AvailableSessionsSchema>['sessions'][number];
type Turn = z.infer<typeof MessagesSchema>;

/** The document knows one word for a session that can be used. */
const statusOf = (session: SessionRow): Listed['status'] => (session.state === 'ended' ? 'closed' : 'connected');

export const createdView = (session: SessionRow): z.infer<typeof SessionCreatedSchema> => ({
  session_id: session.id,
  created_at: session.createdAt,
  status: statusOf(session),
});

export const listedView = ({ session, monitored }: ListedSession): Listed => ({
  session_id: session.id,
  created_at: session.createdAt,
  last_activity: session.lastActivityAt,
  status: statusOf(session),
  message_count: session.messageCount,
  project: session.project,
  state: session.state,
  kind: session.kind,
  monitored: monitored && {
    description: monitored.description,
    hostname: monitored.hostname,
    stale: monitored.liveness === 'stale',
  },
});

export const availableView = ({ sessionId, modified, preview, project }: AvailableSession): Available => ({
  session_id: sessionId,
  modified,
  preview,
  project,
});

export async function statusView(context: Context, session: SessionRow): Promise<z.infer<typeof SessionStatusSchema>> {
  const ask = await oldestOpenAsk(context, session.id);
  return {
    session_id: session.id,
    status: statusOf(session),
    state: session.state,
    pending_permission: ask
      ? {
          request_id: ask.id,
          tool_name: ask.tool ?? ask.kind,
          tool_input: ask.input ?? {},
          suggestions: ask.suggestions,
          expires_at: ask.deadline,
        }
      : null,
  };
}

export function messagesView(sessionId: string, turn: TurnResult): Turn {
  const messages: Turn['messages'] = [];
  const errors: Turn['errors'] = [];
  for (const event of turn.events) {
    if (event.kind === 'message.assistant') messages.push({ type: 'text', content: event.data.text });
    if (event.kind === 'tool.started') {
      messages.push({ type: 'tool_use', tool_name: event.data.tool, tool_input: event.data.input });
    }
    if (event.kind === 'ask.closed' && event.data.state === 'expired') {
      errors.push({
        code: 'PERMISSION_TIMEOUT',
        message: 'Nobody answered a permission request in time: it was denied.',
      });
    }
  }
  const { outcome, error, totalCostUsd, numTurns } = turn.end;
  if (error) {
    errors.push(error);
    messages.push({ type: 'text', content: error.message });
  }
  return {
    messages,
    session_id: sessionId,
    cost_usd: totalCostUsd ?? null,
    num_turns: numTurns ?? 0,
    is_error: outcome === 'failed' || outcome === 'lost',
    errors,
  };
}
