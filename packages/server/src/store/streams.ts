/** Small questions about the log that belong inside somebody's transaction. */
import type { Queryable, Transaction } from './database.ts';
import { type Fence, FencedError } from './event-batch.ts';

/** The seq of a session's last event; 0 while it has none. */
export async function lastSeq(db: Queryable, sessionId: string): Promise<number> {
  const { rows } = await db.query<{ last: number | null }>(
    'select max(seq) as last from events where session_id = $1',
    [sessionId],
  );
  return rows[0]?.last ?? 0;
}

/**
 * Throws FencedError when the lease is not held any more. The transaction must have the log's lock: acquiring a lease takes
 * it too, so what was true here is still true at commit.
 */
export async function refuseFenced(tx: Transaction, fence: Fence): Promise<void> {
  const { rowCount } = await tx.query('select 1 from leases where name = $1 and token = $2 and holder is not null', [
    fence.name,
    fence.token,
  ]);
  if (rowCount === 0) throw new FencedError(fence);
}
