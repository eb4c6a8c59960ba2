/** What is going on, in the words of a text. */
import type { Ask, AskKind } from '@claude-companion/protocol';
import type { NamedSession, OpenCode, SmsContext } from '../asks/interpret.ts';
import { renderMore } from '../asks/render-folded.ts';
import { answerSentence, sentenceFor } from '../asks/sentences.ts';
import { labelOf } from '../asks/sms-names.ts';
import { openCodes } from '../store/ask-codes.ts';
import { findAsk, listAsks } from '../store/asks.ts';
import { namedSessions, type SessionName, toldAsks, untoldAsks } from '../store/conversation.ts';
import type { Queryable } from '../store/database.ts';
import type { InboundText } from '../store/texts.ts';
import { publicAsk } from './answer-ask.ts';
import { askLink, asksLink } from './ask-link.ts';
import type { Context } from './context.ts';

/** `STATUS` and `ASKS`: every open ask with its code, those that need a screen, then which sessions work. */
export async function statusReply(context: Context, db: Queryable, personId: string): Promise<string> {
  const codes = await openCodes(db, personId);
  const asks = await listAsks(db, { personId, states: ['open'], limit: 100 });
  const known = await namedSessions(db, personId);
  const sessions = known.map((session) => namedSession(session));
  return sentenceFor('status', {
    open: codes.map(({ code, askId }) => ({ code, title: asks.find((ask) => ask.id === askId)?.title ?? '' })),
    elsewhere: { count: (await untoldAsks(db, personId)).length, link: asksLink(context.policy.publicUrl) },
    running: known
      .filter(({ state }) => state === 'running' || state === 'parked')
      .map((session) => labelOf(namedSession(session), sessions)),
    idle: known.filter(({ state }) => state === 'idle').length,
  });
}

const TAKES: Record<AskKind, OpenCode['takes']> = {
  permission: 'decision',
  plan: 'decision',
  limit: 'choice',
  question: 'words',
  waiting: 'words',
  done: 'decision',
  error: 'decision',
};

/** What a text of this person may be about. */
export async function conversationOf(
  db: Queryable,
  person: { personId: string; projects: readonly string[] | null },
): Promise<SmsContext> {
  const told = await toldAsks(db, person.personId);
  const sessions = await namedSessions(db, person.personId);
  const takesWords = new Set(told.filter(({ kind }) => kind === 'waiting').map(({ sessionId }) => sessionId));
  return {
    openCodes: told.map(({ code, kind, sessionId }) => ({
      code,
      takes: TAKES[kind],
      sessionId,
    })),
    untold: await untoldAsks(db, person.personId),
    // Only an ask brings words into a terminal.
    waiting: sessions
      .filter(({ id, kind, waits }) => waits && (kind === 'hosted' || takesWords.has(id)))
      .map(({ id }) => id),
    sessions: sessions.map(namedSession),
    projects: person.projects,
  };
}

const namedSession = ({ id, name, number, kind, state, waits }: SessionName): NamedSession => ({
  id,
  name,
  number,
  kind,
  engaged: waits || state !== 'idle',
});

/** A session's name as its person says it. */
export async function labelOfSession(db: Queryable, personId: string, sessionId: string): Promise<string> {
  const sessions = (await namedSessions(db, personId)).map(namedSession);
  const session = sessions.find(({ id }) => id === sessionId);
  return session ? labelOf(session, sessions) : 'the session';
}

export function morePage(context: Context, ask: Ask, wanted: { code: string; page: number }): string {
  return renderMore(ask, { ...wanted, link: askLink(context.policy.publicUrl, ask.id) }).text;
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
