/** Takes a session up again: one that is open, one that has ended, or a conversation on disk the store does not know yet. */
import { CompanionError } from '@claude-companion/protocol';
import { addCommand } from '../store/commands.ts';
import { modelSetupOf, reopenSession, type SessionRow } from '../store/sessions.ts';
import { acceptPrompt } from './accept-prompt.ts';
import { refuseStandingGrants } from './actor.ts';
import { changeSession, moveSession, type SessionChangeFrame } from './change-session.ts';
import type { Context } from './context.ts';
import { getSession } from './look-up.ts';
import { resolveProject } from './resolve-project.ts';
import type { SavedConversations } from './saved-conversations.ts';
import { makeSession, refuseBypass, type StartSession } from './start-session.ts';

export interface ResumeSession extends StartSession {
  /** Anything a caller wrote: what is no id of a session is not found. */
  sessionId: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export async function resumeSession(
  context: Context,
  saved: SavedConversations,
  request: ResumeSession,
): Promise<SessionRow> {
  const { by } = request;
  refuseBypass(request.permissionMode);
  refuseStandingGrants(by, request);
  const sessionId = request.sessionId.toLowerCase();
  if (!UUID.test(sessionId)) throw notFound();
  const stored = await getSession(context, sessionId).catch((error: unknown) => {
    if (error instanceof CompanionError && error.code === 'SESSION_NOT_FOUND') return null;
    throw error;
  });
  if (stored && !by.isOwner && stored.personId !== by.personId) throw notFound();
  if (stored) return takeUp(context, stored, request);
  // Conversations on disk are the owner's.
  const conversation = by.isOwner ? await saved.find(sessionId) : null;
  if (!conversation) throw notFound();
  // A conversation may be known on disk by another id than that of its session.
  if (conversation.sessionId !== sessionId) {
    return resumeSession(context, saved, { ...request, sessionId: conversation.sessionId });
  }
  const { project, cwd } = request;
  const place = project === undefined && cwd === undefined ? { cwd: conversation.cwd } : { project, cwd };
  return makeSession(context, { ...request, ...place }, sessionId);
}

const notFound = (): CompanionError => new CompanionError('SESSION_NOT_FOUND', 'Session not found');

async function takeUp(context: Context, stored: SessionRow, request: ResumeSession): Promise<SessionRow> {
  if (stored.kind !== 'hosted') {
    throw new CompanionError('SESSION_INVALID_STATE', 'This session runs in a terminal; it can be resumed only there.');
  }
  await refuseOtherPlace(context, stored, request);
  await changeSession(context, { sessionId: stored.id, idempotency: request.idempotency }, async (frame) => {
    await reopen(context, frame, request);
    if (request.prompt === undefined) return;
    await acceptPrompt(context, frame, { text: request.prompt, source: 'person', via: request.via });
  });
  return getSession(context, stored.id);
}

async function refuseOtherPlace({ policy }: Context, stored: SessionRow, request: ResumeSession): Promise<void> {
  if (request.project === undefined && request.cwd === undefined) return;
  const { cwd } = await resolveProject(policy.projectsDir, request);
  if (cwd !== stored.cwd) {
    throw new CompanionError(
      'INVALID_PARAMETERS',
      'A session stays in its directory: leave out "project" and "cwd", or start a new session there.',
    );
  }
}

/** Only what is changed is looked at: a session whose model has gone may still be read and closed. */
async function checkModel(context: Context, frame: SessionChangeFrame, request: ResumeSession): Promise<void> {
  const { tx, session } = frame;
  const { model, maxBudgetUsd, enableProxy } = request;
  if (model === undefined && maxBudgetUsd === undefined && enableProxy === undefined) return;
  const setup = await modelSetupOf(tx, session.id);
  context.models.checkChange(
    { ...setup, enableProxy: enableProxy ?? setup.enableProxy },
    { model: model ?? session.model, maxBudgetUsd: maxBudgetUsd ?? session.maxBudgetUsd },
  );
}

async function reopen(context: Context, frame: SessionChangeFrame, request: ResumeSession): Promise<void> {
  const { tx, session, now, append } = frame;
  const { id, kind, project, cwd, state } = session;
  const model = request.model === null ? context.policy.defaultModel : request.model;
  await checkModel(context, frame, { ...request, model });
  session.state = moveSession(session, 'reopen');
  session.model = model ?? session.model;
  session.permissionMode = request.permissionMode ?? session.permissionMode;
  await reopenSession(tx, id, { ...request, model, state: session.state, now });
  if (state === 'ended') {
    const data = { kind, project, cwd, model: session.model, permissionMode: session.permissionMode, reopened: true };
    await append({ sessionId: id, kind: 'session.started', data, at: now });
  }
  const { permissionMode, via } = request;
  const change = {
    ...(model === undefined ? {} : { model }),
    ...(permissionMode === undefined ? {} : { permissionMode }),
  };
  if (state === 'ended' || Object.keys(change).length === 0) return;
  await append({ sessionId: id, kind: 'session.configured', data: { ...change, via }, at: now });
  await addCommand(tx, { sessionId: id, kind: 'configure', payload: change, now });
}
