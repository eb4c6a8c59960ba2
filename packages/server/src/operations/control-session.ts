/** Interrupt, configure, close: what a person does to a session other than talk to it. */
import { CompanionError, type Door, type PermissionMode } from '@claude-companion/protocol';
import { listAsks } from '../store/asks.ts';
import { addCommand } from '../store/commands.ts';
import { modelSetupOf, updateSession } from '../store/sessions.ts';
import { type Actor, refuseStandingGrants } from './actor.ts';
import { changeSession, type Idempotency, moveSession } from './change-session.ts';
import type { Context } from './context.ts';
import { endMonitored } from './monitor/end-monitored.ts';
import { refuseMonitored } from './monitor/refuse-monitored.ts';
import { settleAsk } from './settle-ask.ts';
import { refuseBypass } from './start-session.ts';

export interface SessionRequest {
  sessionId: string;
  via: Door;
  idempotency?: Idempotency | undefined;
}

/** Stops the turn in progress. Its open asks are withdrawn. An idle session has nothing to stop. */
export async function interruptSession(context: Context, request: SessionRequest): Promise<void> {
  await changeSession(context, request, async ({ tx, session, now }) => {
    refuseMonitored(session);
    moveSession(session, 'interrupt');
    await addCommand(tx, { sessionId: session.id, kind: 'interrupt', payload: {}, now });
  });
}

export interface ConfigureSession extends SessionRequest {
  by: Actor;
  /** null: the default of the server. */
  model?: string | null | undefined;
  permissionMode?: PermissionMode | undefined;
}

/** Takes effect on the next request to the model, and stays for processes started later. */
export async function configureSession(context: Context, request: ConfigureSession): Promise<void> {
  const { permissionMode, via } = request;
  const model = request.model === null ? context.policy.defaultModel : request.model;
  refuseBypass(permissionMode);
  refuseStandingGrants(request.by, request);
  await changeSession(context, request, async ({ tx, session, now, append }) => {
    refuseMonitored(session);
    if (session.state === 'ended') throw new CompanionError('SESSION_ENDED', 'This session has ended.');
    if (model !== undefined) {
      const { maxBudgetUsd } = session;
      context.models.checkChange(await modelSetupOf(tx, session.id), { model, maxBudgetUsd });
    }
    const change = {
      ...(model === undefined ? {} : { model }),
      ...(permissionMode === undefined ? {} : { permissionMode }),
    };
    await append({ sessionId: session.id, kind: 'session.configured', data: { ...change, via }, at: now });
    await updateSession(tx, session.id, { ...change, lastActivityAt: now });
    await addCommand(tx, { sessionId: session.id, kind: 'configure', payload: change, now });
  });
}

/** Ends a session for good: open asks are withdrawn, the process is closed by the supervisor. Ending it again is no error. */
export async function closeSession(context: Context, request: SessionRequest): Promise<void> {
  await changeSession(context, request, async (frame) => {
    const { tx, session, now, append } = frame;
    if (session.state === 'ended') return;
    // No process of ours serves it: there is nobody to command.
    if (session.kind === 'monitored') return endMonitored(frame, { reason: 'closed', endedAt: now });
    const asks = await listAsks(tx, { sessionId: session.id, states: ['open', 'answered'], limit: 1000 });
    for (const ask of asks) {
      await settleAsk(frame, { ask, input: 'withdraw', reason: 'the session was closed' });
    }
    await append({ sessionId: session.id, kind: 'session.ended', data: { reason: 'closed' }, at: now });
    await updateSession(tx, session.id, { state: moveSession(session, 'close'), endedAt: now, lastActivityAt: now });
    await addCommand(tx, { sessionId: session.id, kind: 'close', payload: {}, now });
  });
}
