/** Sessions and turns in the agent API's spelling. */
import type {
  MessagesSchema,
  SessionCreatedSchema,
  SessionListSchema,
  SessionStatusSchema,
} from '@claude-companion/protocol';
import type { z } from 'zod';
import type { TurnResult } from '../../operations/await-turn.ts';
import type { Context } from '../../operations/context.ts';
import { oldestOpenAsk, type SessionRow } from '../../operations/look-up.ts';

type Listed = z.infer<typeof SessionListSchema>['sessions'][number];

/** The document knows one word for a session that can be used. */
const statusOf = (session: SessionRow): string => (session.state === 'ended' ? 'closed' : 'connected');

export const createdView = (session: SessionRow): z.infer<typeof SessionCreatedSchema> => ({
  session_id: session.id,
  created_at: session.createdAt,
  status: statusOf(session),
});

export const listedView = (session: SessionRow): Listed => ({
  session_id: session.id,
  created_at: session.createdAt,
  last_activity: session.lastActivityAt,
  status: statusOf(session),
  message_count: session.messageCount,
  project: session.project,
  state: session.state,
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
        }
      : null,
  };
}

export function messagesView(sessionId: string, turn: TurnResult): z.infer<typeof MessagesSchema> {
  const messages: z.infer<typeof MessagesSchema>['messages'] = [];
  for (const event of turn.events) {
    if (event.kind === 'message.assistant') messages.push({ type: 'text', content: event.data.text });
    if (event.kind === 'tool.started') {
      messages.push({ type: 'tool_use', tool_name: event.data.tool, tool_input: event.data.input });
    }
  }
  const { outcome, error, totalCostUsd, numTurns } = turn.end;
  if (error) messages.push({ type: 'text', content: error.message });
  return {
    messages,
    session_id: sessionId,
    cost_usd: totalCostUsd ?? null,
    num_turns: numTurns ?? 0,
    is_error: outcome === 'failed' || outcome === 'lost',
  };
}
