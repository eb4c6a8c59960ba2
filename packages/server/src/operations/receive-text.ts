/**
 * A text from a person's phone: understood by rules, acted on, committed, and only then acknowledged to the carrier. The
 * carrier's id makes a repeated delivery harmless. Every text gets exactly one reply, except the words that carriers own.
 */
import { type Interpretation, interpret } from '../asks/interpret.ts';
import { clarifySentence } from '../asks/sentences.ts';
import { openCodes } from '../store/ask-codes.ts';
import { addDelivery } from '../store/deliveries.ts';
import { lockLog } from '../store/log-lock.ts';
import type { Person } from '../store/people.ts';
import { insertInboundText, setTextResults, type TextResult } from '../store/texts.ts';
import { actOnCommand, type TextFrame } from './act-on-text.ts';
import { type Context, nowOf } from './context.ts';
import { sessionsWaitingForWords } from './describe-work.ts';

/** An accepted answer is reported once the agent has it; after this long the reply says what is so then. */
const REPLY_PATIENCE_MS = 10_000;

export interface ReceiveText {
  provider: string;
  /** The carrier's own id of this message. */
  carrierId: string;
  person: Person;
  body: string;
}

/** Commits what the text did. Resolves once that is durable; the carrier is answered after. */
export async function receiveText(context: Context, text: ReceiveText): Promise<{ duplicate: boolean }> {
  const { store, clock, ids } = context;
  return store.db.transaction(async (tx) => {
    await lockLog(tx);
    const now = nowOf(context);
    const { provider, carrierId, person, body } = text;
    const id = await insertInboundText(tx, { provider, carrierId, personId: person.id, body, now });
    if (id === null) return { duplicate: true };
    const results = await act({ context, tx, person, now, textId: id }, body);
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

async function act(frame: TextFrame, body: string): Promise<TextResult[]> {
  const { tx, person } = frame;
  const codes = await openCodes(tx, person.id);
  const understood = interpret(body, {
    openCodes: codes.map(({ code, kind }) => ({
      code,
      takes: kind === 'question' || kind === 'waiting' ? 'words' : 'decision',
    })),
    waiting: await sessionsWaitingForWords(tx, person.id),
  });
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
  clarify: async (_frame, { reason, codes }) => [{ sentence: clarifySentence(reason, codes) }],
  commands: async (frame, { commands }) => {
    const results: TextResult[] = [];
    for (const command of commands) results.push(await actOnCommand(frame, command));
    return results;
  },
};
