/** Texts that came in, and the simulated phone's own memory. */
import type { AskState } from '@claude-companion/protocol';
import type { Queryable } from './database.ts';

/**
 * What one part of a text did. `sentence` is final; a part with `askId` and no sentence waits for the agent to take the
 * answer and is worded from the ask's state when the reply is sent.
 */
export interface TextResult {
  askId?: string;
  sentence?: string;
}

export interface InboundText {
  id: number;
  personId: string;
  results: TextResult[];
}

/** The row's id, or null when this carrier id was already received: the text must not act twice. */
export async function insertInboundText(
  tx: Queryable,
  text: { provider: string; carrierId: string; personId: string; body: string; now: string },
): Promise<number | null> {
  const { rows } = await tx.query<{ id: number }>(
    `insert into inbound_texts (provider, carrier_id, person_id, body, results, received_at) values ($1, $2, $3, $4, '[]', $5)
     on conflict (provider, carrier_id) do nothing returning id`,
    [text.provider, text.carrierId, text.personId, text.body, text.now],
  );
  return rows[0]?.id ?? null;
}

export async function setTextResults(tx: Queryable, id: number, results: readonly TextResult[]): Promise<void> {
  await tx.query(`update inbound_texts set results = $2 where id = $1`, [id, JSON.stringify(results)]);
}

export async function findInboundText(db: Queryable, id: number): Promise<InboundText | undefined> {
  const { rows } = await db.query<InboundText>(
    `select id, person_id as "personId", results from inbound_texts where id = $1`,
    [id],
  );
  return rows[0];
}

/** Inbound texts whose reply waits for this ask, with the states of all asks each of them answered. */
export async function textsAwaitingAsk(db: Queryable, askId: string): Promise<{ id: number; states: AskState[] }[]> {
  const { rows } = await db.query<{ id: number; states: AskState[] }>(
    `select t.id, array(select a.state from asks a
         where a.id::text in (select r->>'askId' from jsonb_array_elements(t.results) r)) as states
       from inbound_texts t join deliveries d on d.inbound_id = t.id and d.state = 'queued'
      where t.results @> jsonb_build_array(jsonb_build_object('askId', $1::text))`,
    [askId],
  );
  return rows;
}

export const SIMULATED_PHONE_CHANNEL = 'simulated_phone';

export interface SimulatedText {
  id: number;
  direction: 'to_phone' | 'from_phone';
  body: string;
  at: string;
}

export interface NewSimulatedText {
  direction: 'to_phone' | 'from_phone';
  body: string;
  carrierId: string;
  /** Keyed hash of the number. */
  phoneIndex: string;
  now: string;
}

/** The same carrier id again changes nothing: a text whose sending was repeated after a crash arrives once. */
export async function addSimulatedText(db: Queryable, text: NewSimulatedText): Promise<void> {
  await db.query(
    `insert into simulated_texts (direction, body, carrier_id, at, phone_index) values ($1, $2, $3, $4, $5)
     on conflict (carrier_id) do nothing`,
    [text.direction, text.body, text.carrierId, text.now, text.phoneIndex],
  );
  await db.query(`select pg_notify('${SIMULATED_PHONE_CHANNEL}', '')`);
}

export async function simulatedTextExists(db: Queryable, carrierId: string): Promise<boolean> {
  return (await db.query(`select 1 from simulated_texts where carrier_id = $1`, [carrierId])).rows.length > 0;
}

/** The last of these words (in capitals) that was typed on a phone; null: none was. */
export async function lastSimulatedWord(
  db: Queryable,
  phoneIndex: string,
  words: readonly string[],
): Promise<string | null> {
  const { rows } = await db.query<{ word: string }>(
    `select upper(trim(body)) as word from simulated_texts
      where direction = 'from_phone' and phone_index = $1 and upper(trim(body)) = any($2::text[]) order by id desc limit 1`,
    [phoneIndex, words],
  );
  return rows[0]?.word ?? null;
}

export async function simulatedTexts(db: Queryable, after: number): Promise<SimulatedText[]> {
  const { rows } = await db.query<SimulatedText>(
    `select id, direction, body, at from simulated_texts where id > $1 order by id limit 200`,
    [after],
  );
  return rows;
}
