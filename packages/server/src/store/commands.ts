/** The durable inbox of hosted sessions. Whoever adds a command also wakes the supervisors, in the same transaction. */
import type { PermissionMode } from '@claude-companion/protocol';
import type { Queryable } from './database.ts';

export const COMMANDS_CHANNEL = 'commands';

/** What each kind of command carries. */
export interface CommandPayloads {
  prompt: { promptId: string; text: string };
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

export async function sessionsWithCommands(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select distinct session_id as id from commands where state <> 'done'`,
  );
  return rows.map((row) => row.id);
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
    `update commands set state = 'done' where session_id = $1 and kind = 'prompt' and payload->>'promptId' = $2`,
    [sessionId, promptId],
  );
}
