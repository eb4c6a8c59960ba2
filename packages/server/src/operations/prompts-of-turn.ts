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
