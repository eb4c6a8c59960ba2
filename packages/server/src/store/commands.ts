/** The durable inbox of hosted sessions. Whoever adds a command also wakes the supervisors, in the same transaction. */
import type { PermissionMode, PromptImage } from '@claude-companion/protocol';
import type { Queryable } from './database.ts';

export const COMMANDS_CHANNEL = 'commands';

/** What each kind of command carries. */
export interface CommandPayloads {
  prompt: { promptId: string; text: string; images?: readonly PromptImage[] };
  answer: { askId: string };
  interrupt: Record<string, never>;
  configure: { model?: string | null; permissionMode?: PermissionMode };
  close: Record<string, never>;
}
export type CommandKind = keyof CommandPayloads;
export type Command = {
  [K in CommandKind]: {
    id: number;
    sessionId: string;
    kind: K;
    payload: CommandPayloads[K];
    state: 'queued' | 'taken' | 'done';
  };
}[CommandKind];

export interface NewCommand<K extends CommandKind> {
  sessionId: string;
  kind: K;
  payload: CommandPayloads[K];
  now: string;
}

export async function addCommand<K extends CommandKind>(tx: Queryable, command: NewCommand<K>): Promise<void> {
  await tx.query(`insert into commands (session_id, kind, payload, created_at) values ($1, $2, $3, $4)`, [
    command.sessionId,
    command.kind,
    JSON.stringify(command.payload),
    command.now,
  ]);
  await tx.query(`select pg_notify('${COMMANDS_CHANNEL}', $1)`, [command.sessionId]);
}

/** Commands of a session that are not done, oldest first. */
export async function waitingCommands(db: Queryable, sessionId: string): Promise<Command[]> {
  const { rows } = await db.query<Command>(
    `select id, session_id as "sessionId", kind, payload, state from commands
      where session_id = $1 and state <> 'done' order by id`,
    [sessionId],
  );
  return rows;
}

export async function setCommandState(
  db: Queryable,
  command: { id: number },
  state: 'queued' | 'taken' | 'done',
): Promise<void> {
  await db.query(`update commands set state = $2 where id = $1`, [command.id, state]);
}

/** A prompt is done once its turn began; until then a lost process must not lose it. */
export async function finishPrompt(db: Queryable, sessionId: string, promptId: string): Promise<void> {
  await db.query(
    `update commands set state = 'done', payload = payload - 'images'
      where session_id = $1 and kind = 'prompt' and payload->>'promptId' = $2 and state <> 'done'`,
    [sessionId, promptId],
  );
}

/** True when a prompt needs nothing more: its turn began, or it was given up. */
export async function promptIsDone(db: Queryable, sessionId: string, promptId: string): Promise<boolean> {
  const { rows } = await db.query(
    `select 1 from commands
      where session_id = $1 and kind = 'prompt' and payload->>'promptId' = $2 and state <> 'done' limit 1`,
    [sessionId, promptId],
  );
  return rows.length === 0;
}
