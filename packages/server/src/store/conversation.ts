/** What a text of one person may be about: open asks with their codes, sessions with their names. */
import type { AskKind, SessionKind, SessionState } from '@claude-companion/protocol';
import type { Queryable } from './database.ts';

export interface ToldAsk {
  code: string;
  kind: AskKind;
  sessionId: string;
}

/** Open asks of which this person was told the code, oldest first. */
export async function toldAsks(db: Queryable, personId: string): Promise<ToldAsk[]> {
  const { rows } = await db.query<ToldAsk>(
    `select c.code, a.kind, a.session_id as "sessionId" from ask_codes c join asks a on a.id = c.ask_id
      where c.person_id = $1 and c.use <> 'none' and a.state = 'open' order by a.opened_at, a.id`,
    [personId],
  );
  return rows;
}

/** Sessions of this person's open asks that no text has told a code of, one entry for each ask. */
export async function untoldAsks(db: Queryable, personId: string): Promise<string[]> {
  const { rows } = await db.query<{ sessionId: string }>(
    `select a.session_id as "sessionId" from asks a
      where a.person_id = $1 and a.state = 'open' and a.kind in ('permission', 'plan', 'limit', 'question')
        and not exists (select 1 from ask_codes c where c.ask_id = a.id and c.person_id = $1 and c.use <> 'none')`,
    [personId],
  );
  return rows.map(({ sessionId }) => sessionId);
}

export interface SessionName {
  id: string;
  kind: SessionKind;
  state: SessionState;
  /** The project, or the directory's own name. */
  name: string;
  /** Counts the person's sessions of that name by age, ended ones too: a number never changes. */
  number: number;
  /** It has told this person that it waits, is done or met an error, and nothing has followed. */
  waits: boolean;
}

/** More sessions than these are not found by their names. */
const MAX_NAMED = 500;

/** Sessions that have not ended, the last used first. */
export async function namedSessions(db: Queryable, personId: string): Promise<SessionName[]> {
  const { rows } = await db.query<SessionName>(
    `select s.id, s.kind, s.state, s.name, s.number,
       exists (select 1 from asks a where a.session_id = s.id and a.state = 'open' and a.kind in ('waiting', 'done', 'error')) as waits
       from (select id, kind, state, last_activity_at, coalesce(project, regexp_replace(cwd, '^.*[/\\\\](?=[^/\\\\])', '')) as name,
               row_number() over (partition by coalesce(project, cwd) order by created_at, id)::int as number
               from sessions where person_id = $1) s
      where s.state <> 'ended' order by s.last_activity_at desc, s.id limit $2`,
    [personId, MAX_NAMED],
  );
  return rows;
}

/** When this person allowed something by text since then, oldest first. */
export async function approvalsByText(db: Queryable, personId: string, since: string): Promise<string[]> {
  const { rows } = await db.query<{ at: string }>(
    `select answered_at as at from asks
      where person_id = $1 and answered_via = 'sms' and answered_at > $2 and answer->>'decision' = 'allow' order by answered_at`,
    [personId, since],
  );
  return rows.map(({ at }) => at);
}
