/** A command with a key has its effect once; sent again, it gets the first result. */
import { CompanionError } from '@claude-companion/protocol';
import type { Clock } from '../clock.ts';
import type { Queryable, Transaction } from './database.ts';
import { toJson } from './json-text.ts';
import { lockLog } from './log-lock.ts';

const MAX_KEY_LENGTH = 255;

export interface IdempotentCommand {
  /** Chosen by the sender, at most 255 characters; the caller prefixes it with whose it is. */
  key: string;
  /** What the command asks for, or a hash of it: the same key with another fingerprint is refused. */
  fingerprint: string;
}

export interface OnceResult<T> {
  /** What `work` returned the first time, as JSON keeps it. */
  result: T;
  /** True when `work` was not run now. */
  replayed: boolean;
}

export class Idempotency {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Runs `work` unless the key is known. Of concurrent calls with one key, one runs and the others wait for its transaction and
   * get its result. When the transaction rolls back, the key is free again. Takes the append lock first (see `lockLog`).
   * @throws CompanionError IDEMPOTENCY_MISMATCH, or INVALID_REQUEST for a key that is empty or too long
   */
  async once<T>(tx: Transaction, command: IdempotentCommand, work: () => Promise<T>): Promise<OnceResult<T>> {
    const { key, fingerprint } = command;
    if (key.length === 0 || key.length > MAX_KEY_LENGTH) {
      throw new CompanionError('INVALID_REQUEST', `An idempotency key has 1 to ${MAX_KEY_LENGTH} characters.`);
    }
    await lockLog(tx);
    const { rowCount: isNew } = await tx.query(
      'insert into idempotency (key, fingerprint, created_at) values ($1, $2, $3) on conflict (key) do nothing',
      [key, fingerprint, this.#clock.now().toISOString()],
    );
    if (isNew === 0) return { result: await firstResult<T>(tx, command), replayed: true };
    const { text } = toJson(await work());
    await tx.query('update idempotency set result = $2 where key = $1', [key, text]);
    return { result: JSON.parse(text) as T, replayed: false };
  }

  /** Forgets keys older than `ageMs`. @returns how many */
  async deleteOlderThan(db: Queryable, ageMs: number): Promise<number> {
    const before = new Date(this.#clock.now().getTime() - ageMs).toISOString();
    const { rowCount } = await db.query('delete from idempotency where created_at < $1', [before]);
    return rowCount;
  }
}

async function firstResult<T>(tx: Queryable, { key, fingerprint }: IdempotentCommand): Promise<T> {
  const { rows } = await tx.query<{ fingerprint: string; result: T }>(
    'select fingerprint, result from idempotency where key = $1',
    [key],
  );
  const [row] = rows;
  if (!row) throw new Error('the idempotency row is gone although it was just found');
  if (row.fingerprint !== fingerprint) {
    throw new CompanionError('IDEMPOTENCY_MISMATCH', 'This idempotency key was already used for a different request.');
  }
  return row.result;
}
