/**
 * A session whose process is gone. Open asks stay open. A turn without asks goes on by itself, a few times; an answer to a
 * lost ask resumes the session and tells the agent to make exactly the same call again, which the answer then meets.
 */

import { isResumeNote, resumeNote } from '../sessions/resume-note.ts';
import type { AskRow } from '../store/asks.ts';
import { listAsks, lockAsk } from '../store/asks.ts';
import { finishPrompt, waitingCommands } from '../store/commands.ts';
import { updateSession } from '../store/sessions.ts';
import { acceptPrompt } from './accept-prompt.ts';
import { changeSession, moveSession, type ServedSession, type SessionChangeFrame } from './change-session.ts';
import type { Context } from './context.ts';
import { openAsk } from './open-ask.ts';
import { settleAsk } from './settle-ask.ts';

/** A turn that loses its process more often than this is given up: something in it kills the agent. Orderly stops do not count. */
const MAX_RESTARTS_OF_A_TURN = 3;

/** Brings an unfinished session without a process to where it goes on: by itself, or when its asks are answered. */
export async function recoverSession(context: Context, served: ServedSession): Promise<void> {
  const { sessionId } = served;
  await changeSession(context, served, async (frame) => {
    const { tx, session } = frame;
    if (session.state === 'idle' || session.state === 'ended' || session.turnPromptId === null) return;
    const commands = await waitingCommands(tx, session.id);
    if (commands.some((command) => command.kind === 'prompt' && isResumeNote(command.payload.text))) return;
    const asks = (await listAsks(tx, { sessionId, states: ['open', 'answered'], limit: 1000 })).filter(
      (ask) => ask.kind !== 'done' && ask.kind !== 'error',
    );
    const claimed = asks.filter((ask) => ask.state === 'answered' && ask.claimedAt !== null);
    const answered = asks.filter((ask) => ask.state === 'answered' && ask.claimedAt === null);
    // An answer whose command still waits is carried by that command: two notes would make the agent repeat the call twice.
    const onTheirWay = new Set(
      commands.flatMap((command) => (command.kind === 'answer' ? [command.payload.askId] : [])),
    );
    const unheard = answered.filter((ask) => !onTheirWay.has(ask.id));
    for (const ask of claimed) await settleAsk(frame, { ask, input: 'apply', reason: null, outcome: 'unknown' });

    const waits = asks.some((ask) => ask.state === 'open') || answered.length > unheard.length;
    if (waits && claimed.length === 0 && unheard.length === 0) return;
    if (!(await stoppedInOrder(frame))) {
      if (session.turnRestarts >= MAX_RESTARTS_OF_A_TURN) return giveUp(context, frame);
      session.turnRestarts += 1;
      await updateSession(tx, session.id, { turnRestarts: session.turnRestarts, lastActivityAt: frame.now });
    }
    if (claimed.length > 0) for (const ask of claimed) await sendNote(context, frame, { ask, decision: 'unknown' });
    else if (unheard.length > 0) for (const ask of unheard) await noteForAnswer(context, frame, ask);
    else await sendNote(context, frame, { ask: null, decision: 'none' });
  });
}

/** True when the session's last process was ended by a server that stopped as it should. */
async function stoppedInOrder({ tx, session }: SessionChangeFrame): Promise<boolean> {
  const { rows } = await tx.query<{ orderly: boolean }>(
    `select kind = 'agent.stopped' and data->>'reason' = 'server_stopped' as orderly from events
      where session_id = $1 and kind in ('agent.started', 'agent.stopped') order by seq desc limit 1`,
    [session.id],
  );
  return rows[0]?.orderly ?? false;
}

/** An answer (or a deadline) for an ask whose process was lost: the session is resumed with it. */
export async function resumeForAnswer(context: Context, served: ServedSession, askId: string): Promise<void> {
  await changeSession(context, served, async (frame) => {
    const { session, tx } = frame;
    const row = await lockAsk(tx, askId);
    if (!row || session.state === 'ended' || session.state === 'idle') return;
    // A crash between the note and the end of this command leaves both: one note is enough.
    const noted = (await waitingCommands(tx, session.id)).some(
      ({ kind, payload }) =>
        kind === 'prompt' && isResumeNote(payload.text) && payload.text.includes(`tool_use_id="${row.toolUseId}"`),
    );
    if (noted) return;
    if (row.state === 'expired' || (row.state === 'answered' && row.claimedAt === null)) {
      await noteForAnswer(context, frame, row);
    }
  });
}

/** The agent knows the prompt, but its process was lost before the turn was recorded. */
export async function resumeCutTurn(context: Context, served: ServedSession): Promise<void> {
  await changeSession(context, served, (frame) => sendNote(context, frame, { ask: null, decision: 'none' }));
}

async function noteForAnswer(context: Context, frame: SessionChangeFrame, ask: AskRow): Promise<void> {
  if (ask.state === 'expired') {
    return sendNote(context, frame, { ask, decision: 'deny', reason: 'Nobody answered in time.' });
  }
  if (ask.answer?.decision !== 'deny') return sendNote(context, frame, { ask, decision: 'allow' });
  // A denial needs no call to meet: with the note the agent has it.
  await settleAsk(frame, { ask, input: 'apply', reason: null });
  await sendNote(context, frame, { ask, decision: 'deny', reason: ask.answer.message ?? null });
}

interface Note {
  ask: AskRow | null;
  decision: 'allow' | 'deny' | 'none' | 'unknown';
  reason?: string | null;
}

async function sendNote(context: Context, frame: SessionChangeFrame, note: Note): Promise<void> {
  const text = resumeNote({
    decision: note.decision,
    tool: note.ask?.tool ?? null,
    toolUseId: note.ask?.toolUseId ?? null,
    reason: note.reason ?? null,
  });
  await acceptPrompt(context, frame, { text, source: 'server', via: 'server' });
}

async function giveUp(context: Context, frame: SessionChangeFrame): Promise<void> {
  const { session, tx, now, append } = frame;
  const message = 'The agent process was lost several times in this turn. Send a message to try again.';
  for (const ask of await listAsks(tx, { sessionId: session.id, states: ['open', 'answered'], limit: 1000 })) {
    await settleAsk(frame, { ask, input: 'withdraw', reason: 'the turn was given up' });
  }
  await append({
    sessionId: session.id,
    kind: 'turn.ended',
    data: { outcome: 'lost', error: { code: 'AICLI_CRASH', message } },
    at: now,
  });
  session.state = moveSession(session, 'turnEnded');
  await updateSession(tx, session.id, {
    state: session.state,
    turnPromptId: null,
    turnRestarts: 0,
    lastActivityAt: now,
  });
  await openAsk(context, frame, { kind: 'error', message });
}

/** The process is gone in the middle of a turn: the session is parked until another one goes on with it. */
export async function loseProcess(context: Context, served: ServedSession): Promise<void> {
  await changeSession(context, served, async ({ tx, session, now }) => {
    if (session.state === 'idle' || session.state === 'ended') return;
    session.state = moveSession(session, 'processLost');
    await updateSession(tx, session.id, { state: session.state, lastActivityAt: now });
  });
}

/**
 * An interrupt where no process can report the end of the turn: this is its end. Prompts that no process was given are part
 * of what is stopped.
 */
export async function interruptWithoutProcess(
  context: Context,
  served: ServedSession,
  interrupt: { commandId: number },
): Promise<void> {
  await changeSession(context, served, async (frame) => {
    const { tx, session, now, append } = frame;
    const { sessionId } = served;
    if (session.state === 'idle' || session.state === 'ended') return;
    for (const ask of await listAsks(tx, { sessionId, states: ['open', 'answered'], limit: 1000 })) {
      await settleAsk(frame, { ask, input: 'withdraw', reason: 'the turn was interrupted' });
    }
    for (const command of await waitingCommands(tx, sessionId)) {
      if (command.kind !== 'prompt' || command.id > interrupt.commandId) continue;
      // Who waits for the end of this prompt's turn must see its beginning.
      await append({ sessionId, kind: 'turn.started', data: { promptId: command.payload.promptId }, at: now });
      await finishPrompt(tx, sessionId, command.payload.promptId);
    }
    await append({ sessionId, kind: 'turn.ended', data: { outcome: 'interrupted' }, at: now });
    await updateSession(tx, session.id, {
      state: moveSession(session, 'turnEnded'),
      turnPromptId: null,
      turnRestarts: 0,
      lastActivityAt: now,
    });
  });
}
