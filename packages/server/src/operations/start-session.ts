import { CompanionError, type Door, type PermissionMode } from '@claude-companion/protocol';
import { addCommand } from '../store/commands.ts';
import { lockLog } from '../store/log-lock.ts';
import { findSession, insertSession, type NewSession, type SessionRow, updateSession } from '../store/sessions.ts';
import type { Idempotency } from './change-session.ts';
import { type Context, nowOf } from './context.ts';
import { defaultProject } from './default-project.ts';
import { type ResolvedProject, resolveProject } from './resolve-project.ts';

export interface StartSession {
  project?: string | undefined;
  cwd?: string | undefined;
  model?: string | null | undefined;
  systemPrompt?: string | undefined;
  permissionMode?: PermissionMode | undefined;
  allowedTools?: readonly string[] | undefined;
  permissionTimeoutS?: number | undefined;
  maxBudgetUsd?: number | undefined;
  enableProxy?: boolean | undefined;
  /** The first thing to do. */
  prompt?: string | undefined;
  via: Door;
  idempotency?: Idempotency | undefined;
}

/** Makes a hosted session. No process is started for it before its first prompt. */
export const startSession = (context: Context, request: StartSession): Promise<SessionRow> =>
  makeSession(context, request, context.ids.uuid());

export function refuseBypass(mode: PermissionMode | undefined): void {
  if (mode !== 'bypassPermissions') return;
  throw new CompanionError(
    'AUTH_INSUFFICIENT',
    'bypassPermissions is off on this server: nobody would be asked about anything. Use default, acceptEdits or plan.',
  );
}

async function placeOf({ policy }: Context, { project, cwd }: StartSession): Promise<ResolvedProject> {
  if (project !== undefined && cwd !== undefined) {
    throw new CompanionError('INVALID_PARAMETERS', 'Send "project" or "cwd", not both.');
  }
  const wanted =
    project === undefined && cwd === undefined ? { project: await defaultProject(policy) } : { project, cwd };
  return resolveProject(policy.projectsDir, wanted);
}

/** The same under an id that is known already: that of a conversation on disk. */
export async function makeSession(context: Context, request: StartSession, id: string): Promise<SessionRow> {
  const { store, ids, policy, owner } = context;
  refuseBypass(request.permissionMode);
  const place = await placeOf(context, request);
  const now = nowOf(context);
  const session: NewSession = {
    id,
    kind: 'hosted',
    personId: owner.id,
    ...place,
    state: 'idle',
    model: request.model ?? policy.defaultModel,
    permissionMode: request.permissionMode ?? 'default',
    systemPrompt: request.systemPrompt ?? null,
    allowedTools: [...(request.allowedTools ?? [])],
    permissionTimeoutS: request.permissionTimeoutS ?? null,
    maxBudgetUsd: request.maxBudgetUsd ?? null,
    enableProxy: request.enableProxy ?? false,
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
      if (await findSession(tx, id)) {
        throw new CompanionError('SESSION_INVALID_STATE', 'Somebody else is taking up this session. Try again.');
      }
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
