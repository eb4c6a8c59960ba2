/** What is going on, in the words of a text. */
import type { Ask } from '@claude-companion/protocol';
import { renderMore } from '../asks/render-folded.ts';
import { answerSentence, sentenceFor } from '../asks/sentences.ts';
import { openCodes } from '../store/ask-codes.ts';
import { findAsk, listAsks } from '../store/asks.ts';
import type { Queryable } from '../store/database.ts';
import { listSessions } from '../store/sessions.ts';
import type { InboundText } from '../store/texts.ts';
import { publicAsk } from './answer-ask.ts';
import { askLink } from './ask-link.ts';
import type { Context } from './context.ts';

/** `STATUS` and `ASKS`: every open ask with its code, then how many sessions work. */
export async function statusReply(db: Queryable, personId: string): Promise<string> {
  const codes = await openCodes(db, personId);
  const asks = await listAsks(db, { personId, states: ['open'], limit: 100 });
  const sessions = await listSessions(db, { includeEnded: false });
  return sentenceFor('status', {
    open: codes.map(({ code, askId }) => ({ code, title: asks.find((ask) => ask.id === askId)?.title ?? '' })),
    running: sessions.filter(({ state }) => state === 'running' || state === 'parked').length,
    idle: sessions.filter(({ state }) => state === 'idle').length,
  });
}

export function morePage(context: Context, ask: Ask, wanted: { code: string; page: number }): string {
  return renderMore(ask, { ...wanted, link: askLink(context.policy.publicUrl, ask.id) }).text;
}

/** Sessions to which plain words go: they wait for words, or have told this person that they are done. */
export async function sessionsWaitingForWords(db: Queryable, personId: string): Promise<string[]> {
  const open = await listAsks(db, { personId, states: ['open'], limit: 500 });
  const waiting = open.filter(({ kind }) => kind === 'waiting' || kind === 'done' || kind === 'error');
  return [...new Set(waiting.map(({ sessionId }) => sessionId))];
}

/** The one reply to a text: what each of its parts did, as it is now. */
export async function replyText(context: Context, text: InboundText): Promise<string> {
  const sentences: string[] = [];
  for (const { sentence, askId } of text.results) {
    if (sentence !== undefined) {
      sentences.push(sentence);
      continue;
    }
    const ask = askId ? await findAsk(context.store.db, askId) : undefined;
    if (!ask) continue;
    const outcome = ask.state === 'open' ? 'answered' : ask.state;
    sentences.push(answerSentence(outcome, { ask: publicAsk(ask), reason: ask.closedReason }));
  }
  return sentences.join('\n');
}
