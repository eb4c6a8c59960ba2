/**
 * What a hosted agent did, into the log. Most events have no effect beyond themselves and share a group commit; those
 * that move the session are a transaction of their own. Order within a session is kept.
 */

import type { NewEvent } from '@claude-companion/protocol';
import { listAsks, openNotices } from '../store/asks.ts';
import { finishPrompt } from '../store/commands.ts';
import { updateSession } from '../store/sessions.ts';
import { changeSession, moveSession, type ServedSession, type SessionChangeFrame } from './change-session.ts';
import type { Context } from './context.ts';
import { openAsk } from './open-ask.ts';
import { settleAsk } from './settle-ask.ts';
import { BUDGET_REACHED } from './usage/budget-meter.ts';
import { openLimitAsk } from './usage/limit-ask.ts';

export interface RecordAgentEvents extends ServedSession {
  events: readonly NewEvent[];
}

type Effect = (context: Context, frame: SessionChangeFrame, event: NewEvent) => Promise<void>;

const EFFECTS: { [kind in NewEvent['kind']]?: Effect } = {
  'turn.started': turnStarted,
  'turn.ended': turnEnded,
};

export async function recordAgentEvents(context: Context, record: RecordAgentEvents): Promise<void> {
  let plain: NewEvent[] = [];
  const flush = async (): Promise<void> => {
    if (plain.length === 0) return;
    const events = plain;
    plain = [];
    await context.store.log.append(events, { fence: record.fence });
  };
  for (const event of record.events) {
    const effect = EFFECTS[event.kind];
    if (!effect) {
      plain.push(event);
      continue;
    }
    await flush();
    await changeSession(context, record, async (frame) => {
      await frame.append(event);
      await effect(context, frame, event);
    });
  }
  await flush();
}

async function turnStarted(_context: Context, frame: SessionChangeFrame, event: NewEvent): Promise<void> {
  if (event.kind !== 'turn.started') return;
  const { tx, session, now } = frame;
  const { promptId } = event.data;
  await finishPrompt(tx, session.id, promptId);
  const state = moveSession(session, 'turnStarted');
  await updateSession(tx, session.id, { state, turnPromptId: promptId, lastActivityAt: now });
  // What was told about the turn before is old news now.
  const notices = await listAsks(tx, { sessionId: session.id, states: ['open'], limit: 1000 });
  const stale = new Set(await openNotices(tx, session.id));
  for (const ask of notices.filter((each) => stale.has(each.id))) {
    await settleAsk(frame, { ask, input: 'withdraw', reason: 'the session went on' });
  }
}

async function turnEnded(context: Context, frame: SessionChangeFrame, event: NewEvent): Promise<void> {
  if (event.kind !== 'turn.ended') return;
  const { tx, session, now } = frame;
  const left = await listAsks(tx, { sessionId: session.id, states: ['open', 'answered'], limit: 1000 });
  for (const ask of left) {
    if (ask.kind === 'done' || ask.kind === 'error') continue;
    const reason = ask.state === 'open' ? 'the agent no longer needs it' : 'the agent went on without it';
    await settleAsk(frame, { ask, input: 'withdraw', reason });
  }
  const { outcome, totalCostUsd, text, error } = event.data;
  session.state = moveSession(session, 'turnEnded');
  await updateSession(tx, session.id, {
    state: session.state,
    turnPromptId: null,
    turnRestarts: 0,
    addMessages: 1,
    ...(totalCostUsd === undefined ? {} : { totalCostUsd }),
    lastActivityAt: now,
  });
  if (error?.code === BUDGET_REACHED) return openLimitAsk(context, frame, { turnCut: true });
  if (outcome === 'interrupted' || !(await answeredFromAfar(frame))) return;
  const failed = outcome === 'failed' || outcome === 'lost';
  await openAsk(context, frame, {
    kind: failed ? 'error' : 'done',
    message: (failed ? error?.message : text) ?? null,
  });
}

/** The end of a turn is told by text to somebody who was away during it: they answered an ask or prompted by text. */
async function answeredFromAfar({ tx, session }: SessionChangeFrame): Promise<boolean> {
  const { rows } = await tx.query<{ away: boolean }>(
    `select coalesce(
       (select coalesce(data->>'via', '') in ('sms', 'push') from events
         where session_id = $1 and (kind = 'ask.answered' or (kind = 'prompt.accepted' and data->>'source' = 'person'))
         order by seq desc limit 1), false) as away`,
    [session.id],
  );
  return rows[0]?.away ?? false;
}
