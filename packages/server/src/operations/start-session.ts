import { CompanionError, type Door, type PermissionMode } from '@claude-companion/protocol';
import { addCommand } from '../store/commands.ts';
import type { Transaction } from '../store/database.ts';
import { lockLog } from '../store/log-lock.ts';
import { findSession, insertSession, type NewSession, type SessionRow, updateSession } from '../store/sessions.ts';
import { type Actor, refuseStandingGrants } from './actor.ts';
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
  /** Whose it will be. */
  by: Actor;
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

/** Looks up and checks everything that needs no transaction. @throws CompanionError when no such session may be made */
export async function prepareSession(context: Context, request: StartSession, id: string): Promise<NewSession> {
  const { policy } = context;
  refuseBypass(request.permissionMode);
  refuseStandingGrants(request.by, request);
  const place = await placeOf(context, request);
  const model = request.model ?? policy.defaultModel;
  const maxBudgetUsd = request.maxBudgetUsd ?? null;
  const enableProxy = request.enableProxy ?? false;
  context.models.check({ model, enableProxy, maxBudgetUsd });
  const now = nowOf(context);
  return {
    id,
    kind: 'hosted',
    personId: request.by.personId,
    ...place,
    state: 'idle',
    model,
    permissionMode: request.permissionMode ?? 'default',
    systemPrompt: request.systemPrompt ?? null,
    allowedTools: [...(request.allowedTools ?? [])],
    permissionTimeoutS: request.permissionTimeoutS ?? null,
    maxBudgetUsd,
    enableProxy,
    turnPromptId: null,
    turnRestarts: 0,
    messageCount: 0,
    totalCostUsd: null,
    createdAt: now,
    lastActivityAt: now,
    endedAt: null,
  };
}

/** Writes a prepared session and the event of its start, in a transaction that holds the log's lock. */
export async function insertPrepared(
  { store }: Pick<Context, 'store'>,
  tx: Transaction,
  session: NewSession,
): Promise<void> {
  await insertSession(tx, session);
  const { kind, project, cwd, model, permissionMode } = session;
  await store.log.appendIn(tx, [
    {
      sessionId: session.id,
      kind: 'session.started',
      data: { kind, project, cwd, model, permissionMode },
      at: session.createdAt,
    },
  ]);
}

/** The same under an id that is known already: that of a conversation on disk. */
export async function makeSession(context: Context, request: StartSession, id: string): Promise<SessionRow> {
  const { store, ids } = context;
  const session = await prepareSession(context, request, id);
  const now = session.createdAt;
  return store.db.transaction(async (tx) => {
    await lockLog(tx);
    const start = async (): Promise<SessionRow> => {
      if (await findSession(tx, id)) {
        throw new CompanionError('SESSION_INVALID_STATE', 'Somebody else is taking up this session. Try again.');
      }
      await insertPrepared(context, tx, session);
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
