import type { Context } from './context.ts';

/**
 * What people asked for since the last turn ended, in order. An agent that was killed before it wrote its transcript knows
 * nothing of the turn: it is started afresh with this.
 */
export async function promptsOfTurn({ store }: Context, sessionId: string): Promise<string[]> {
  const { rows } = await store.db.query<{ text: string }>(
    `select data->>'text' as text from events
      where session_id = $1 and kind = 'prompt.accepted' and data->>'source' = 'person'
        and seq > (select coalesce(max(seq), 0) from events where session_id = $1 and kind = 'turn.ended')
      order by seq`,
    [sessionId],
  );
  return rows.map(({ text }) => text);
}

/** `turn.ended` with this code: the session's conversation is nowhere any more. The next prompt begins a new one. */
export const TRANSCRIPT_MISSING = 'TRANSCRIPT_MISSING';

/**
 * True when a turn of the session was finished: its transcript was complete then, and must be somewhere. A loss that was told
 * once is not told again.
 */
export async function hadConversation({ store }: Context, sessionId: string): Promise<boolean> {
  const { rows } = await store.db.query<{ had: boolean }>(
    `select exists (
       select 1 from events
        where session_id = $1 and kind = 'turn.ended' and data->>'outcome' = 'completed'
          and seq > (select coalesce(max(seq), 0) from events
                      where session_id = $1 and kind = 'turn.ended' and data->'error'->>'code' = $2)) as had`,
    [sessionId, TRANSCRIPT_MISSING],
  );
  return rows[0]?.had ?? false;
}
