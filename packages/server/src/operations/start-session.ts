import { CompanionError, type Door, type PermissionMode } from '@claude-companion/protocol';
import { addCommand } from '../store/commands.ts';
import { lockLog } from '../store/log-lock.ts';
import { insertSession, type SessionRow, updateSession } from '../store/sessions.ts';
import type { Idempotency } from './change-session.ts';
import { type Context, nowOf } from './context.ts';
import { resolveProject } from './resolve-project.ts';

export interface StartSession {
  project?: string | undefined;
  cwd?: string | undefined;
  model?: string | null | undefined;
  systemPrompt?: string | undefined;
  permissionMode?: PermissionMode | undefined;
  allowedTools?: readonly string[] | undefined;
  permissionTimeoutS?: number | undefined;
  /** The first thing to do. */
  prompt?: string | undefined;
  via: Door;
  idempotency?: Idempotency | undefined;
}

/** Makes a hosted session. No process is started for it before its first prompt. */
export async function startSession(context: Context, request: StartSession): Promise<SessionRow> {
  const { store, ids, policy, owner } = context;
  if (request.permissionMode === 'bypassPermissions') {
    throw new CompanionError('AUTH_INSUFFICIENT', 'bypassPermissions cannot be chosen from here.');
  }
  const place = await resolveProject(policy.projectsDir, request);
  const now = nowOf(context);
  const session: SessionRow = {
    id: ids.uuid(),
    kind: 'hosted',
    personId: owner.id,
    ...place,
    state: 'idle',
    model: request.model ?? policy.defaultModel,
    permissionMode: request.permissionMode ?? 'default',
    systemPrompt: request.systemPrompt ?? null,
    allowedTools: [...(request.allowedTools ?? [])],
    permissionTimeoutS: request.permissionTimeoutS ?? null,
    turnPromptId: null,
    turnRestarts: 0,
    messageCount: 0,
    totalCostUsd: null,
    createdAt: now,
    lastActivityAt: now,
    endedAt: null,
  };
  return store.db.transaction(async (tx) => {
    await lockLog(tx);
    const start = async (): Promise<SessionRow> => {
      await insertSession(tx, session);
      const { kind, project, cwd, model, permissionMode } = session;
      await store.log.appendIn(tx, [
        {
          sessionId: session.id,
          kind: 'session.started',
          data: { kind, project, cwd, model, permissionMode },
          at: now,
        },
      ]);
      if (request.prompt === undefined) return session;
      const promptId = ids.uuid();
      await store.log.appendIn(tx, [
        {
          sessionId: session.id,
          kind: 'prompt.accepted',
          data: { promptId, text: request.prompt, source: 'person', via: request.via },
          at: now,
        },
      ]);
      await addCommand(tx, {
        sessionId: session.id,
        kind: 'prompt',
        payload: { promptId, text: request.prompt },
        now,
      });
      await updateSession(tx, session.id, { state: 'running', addMessages: 1, lastActivityAt: now });
      return { ...session, state: 'running' };
    };
    if (!request.idempotency) return start();
    return (await store.idempotency.once(tx, request.idempotency, start)).result;
  });
}
