/**
 * A text from a person's phone: understood by rules, acted on, committed, and only then acknowledged to the carrier. The
 * carrier's id makes a repeated delivery harmless. Every text gets exactly one reply, except the words that carriers own.
 */
import type { CarrierKeyword } from '@claude-companion/sms';
import { type Interpretation, interpret } from '../asks/interpret.ts';
import { clarifySentence } from '../asks/sentences-clarify.ts';
import type { Transaction } from '../store/database.ts';
import { addDelivery } from '../store/deliveries.ts';
import { lockLog } from '../store/log-lock.ts';
import { type Person, setOptedOut } from '../store/people.ts';
import { insertInboundText, setTextResults, type TextResult } from '../store/texts.ts';
import { actOnCommand, type TextFrame } from './act-on-text.ts';
import { type Context, nowOf } from './context.ts';
import { conversationOf } from './describe-work.ts';
import { prepareStart } from './start-by-text.ts';

/** An accepted answer is reported once the agent has it; after this long the reply says what is so then. */
const REPLY_PATIENCE_MS = 10_000;

export interface ReceiveText {
  provider: string;
  /** The carrier's own id of this message. */
  carrierId: string;
  person: Person;
  body: string;
  /** What the carrier itself made of the text; it has answered it. */
  keyword?: CarrierKeyword | undefined;
}

/** Commits what the text did. Resolves once that is durable; the carrier is answered after. */
export async function receiveText(context: Context, text: ReceiveText): Promise<{ duplicate: boolean }> {
  const { store, clock, ids } = context;
  const { provider, carrierId, person, keyword } = text;
  const body = storable(text.body);
  // Looks at the disk: not while the log is locked.
  const start = await prepareStart(context, person, body);
  return store.db.transaction(async (tx) => {
    await lockLog(tx);
    const now = nowOf(context);
    const id = await insertInboundText(tx, { provider, carrierId, personId: person.id, body, now });
    if (id === null) return { duplicate: true };
    if (keyword) {
      await OPTING[keyword](tx, person.id, now);
      return { duplicate: false };
    }
    const results = await act({ context, tx, person, now, textId: id, start }, body);
    await setTextResults(tx, id, results);
    if (results.length === 0) return { duplicate: false };
    const pending = results.some((result) => result.sentence === undefined);
    const dueAt = pending ? new Date(clock.now().getTime() + REPLY_PATIENCE_MS).toISOString() : now;
    await addDelivery(tx, store.seal, {
      id: ids.uuid(),
      key: `reply:${id}`,
      personId: person.id,
      channel: 'sms',
      purpose: 'reply',
      inboundId: id,
      dueAt,
      now,
    });
    return { duplicate: false };
  });
}

/** Without what no database takes: a text that cannot be stored would be delivered again for ever. */
const storable = (body: string): string => body.toWellFormed().replaceAll('\0', '');

/** The carrier acts on these words whatever we do; nothing of ours is sent in answer to them. */
const OPTING: Record<CarrierKeyword, (tx: Transaction, personId: string, now: string) => Promise<void>> = {
  opt_out: setOptedOut,
  opt_in: (tx, personId) => setOptedOut(tx, personId, null),
  help: async () => undefined,
};

async function act(frame: TextFrame, body: string): Promise<TextResult[]> {
  const { tx, person, start } = frame;
  const known = await conversationOf(tx, { personId: person.id, projects: start.projects });
  const understood = interpret(body, known);
  return REACTIONS[understood.kind](frame, understood as never);
}

type Reactions = {
  [K in Interpretation['kind']]: (
    frame: TextFrame,
    understood: Extract<Interpretation, { kind: K }>,
  ) => Promise<TextResult[]>;
};

const REACTIONS: Reactions = {
  // Carriers answer these words themselves, and after STOP nothing of ours may be sent.
  carrier: async () => [],
  clarify: async (_frame, { reason, codes, names }) => [{ sentence: clarifySentence(reason, { codes, names }) }],
  commands: async (frame, { commands }) => {
    const results: TextResult[] = [];
    for (const command of commands) results.push(await actOnCommand(frame, command));
    return results;
  },
};
