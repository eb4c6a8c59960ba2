import type { Queryable } from './database.ts';

/**
 * Takes the append lock of the log until the transaction ends. Everybody who locks anything else in a transaction that appends
 * takes this one first: the order is always log_head before any other row, so two transactions cannot wait for each other.
 * Taking it again in the same transaction does nothing.
 */
export async function lockLog(tx: Queryable): Promise<void> {
  await tx.query('select last_id from log_head for update');
}
