/** Which hosted sessions a server should look after now. */
import type { Queryable } from './database.ts';

/**
 * Sessions with commands that wait, or with a turn that is not finished, except those that another server serves: their lease
 * is held and has not run out.
 */
export async function sessionsToServe(db: Queryable, holder: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select s.id from sessions s
       left join leases l on l.name = 'session:' || s.id
      where s.kind = 'hosted'
        and (s.state in ('running', 'waiting', 'parked')
             or exists (select 1 from commands c where c.session_id = s.id and c.state <> 'done'))
        and (l.name is null or l.holder is null or l.holder = $1 or l.expires_at <= clock_timestamp())
      order by s.last_activity_at`,
    [holder],
  );
  return rows.map(({ id }) => id);
}
