/**
 * Copies of the agents' transcripts, so that a session goes on where its files are not: on another node, or after the disk of
 * this one was lost. An append is fenced with the lease by which its process was started: what a process of a server that
 * lost the session writes is not kept, and whoever takes the lease reads everything that was.
 */
import type { Database } from './database.ts';
import { type Fence, FencedError } from './event-batch.ts';

/** One line of a transcript file. */
export interface TranscriptEntry {
  type: string;
  uuid?: string;
  [key: string]: unknown;
}

/** One conversation of a session. */
export interface Conversation {
  sessionId: string;
  /** The agent's name for the directory it works in. */
  projectKey: string;
  /** The agent's id of the conversation. */
  transcriptId: string;
}

/** One file of it: the main one (`subpath` is empty) or a sub-agent's. */
export interface TranscriptPart extends Conversation {
  subpath: string;
}

export class StoredTranscripts {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Adds entries in order; one whose uuid is known is left out. @throws FencedError when the lease was lost */
  async append(part: TranscriptPart, entries: readonly TranscriptEntry[], fence: Fence): Promise<void> {
    if (entries.length === 0) return;
    // The row of the lease stays locked until the commit, so that nobody can take it and read in between.
    const { rows } = await this.#db.query<{ held: number }>(
      `with held as (
         select name from leases where name = $1 and token = $2 and holder is not null for share
       ), added as (
         insert into transcript_entries (session_id, project_key, transcript_id, subpath, uuid, type, entry)
         select $3, $4, $5, $6, e.uuid, e.type, e.entry::json
           from held cross join unnest($7::text[], $8::text[], $9::text[]) with ordinality as e (uuid, type, entry, n)
          order by e.n
         on conflict (session_id, transcript_id, subpath, uuid) where uuid is not null do nothing
       )
       select count(*)::int as held from held`,
      [
        fence.name,
        fence.token,
        part.sessionId,
        part.projectKey,
        part.transcriptId,
        part.subpath,
        entries.map(({ uuid }) => uuid ?? null),
        entries.map(({ type }) => type),
        entries.map((entry) => JSON.stringify(entry)),
      ],
    );
    if (rows[0]?.held !== 1) throw new FencedError(fence);
  }

  /** The conversation the session can go on with; null when nobody has said anything in it yet. */
  async conversation(sessionId: string): Promise<Conversation | null> {
    const { rows } = await this.#db.query<Conversation>(
      `select session_id as "sessionId", project_key as "projectKey", transcript_id as "transcriptId"
         from transcript_entries where session_id = $1 and subpath = '' and type = 'user' order by id desc limit 1`,
      [sessionId],
    );
    return rows[0] ?? null;
  }

  /** The subpaths of a conversation's parts; the empty one is the main part. */
  async parts({ sessionId, transcriptId }: Conversation): Promise<string[]> {
    const { rows } = await this.#db.query<{ subpath: string }>(
      `select distinct subpath from transcript_entries where session_id = $1 and transcript_id = $2 order by subpath`,
      [sessionId, transcriptId],
    );
    return rows.map(({ subpath }) => subpath);
  }

  async load({ sessionId, transcriptId, subpath }: TranscriptPart): Promise<TranscriptEntry[]> {
    const { rows } = await this.#db.query<{ entry: TranscriptEntry }>(
      `select entry from transcript_entries where session_id = $1 and transcript_id = $2 and subpath = $3 order by id`,
      [sessionId, transcriptId, subpath],
    );
    return rows.map(({ entry }) => entry);
  }

  /** The uuids of a part's entries, in order. */
  async uuids({ sessionId, transcriptId, subpath }: TranscriptPart): Promise<string[]> {
    const { rows } = await this.#db.query<{ uuid: string }>(
      `select uuid from transcript_entries
        where session_id = $1 and transcript_id = $2 and subpath = $3 and uuid is not null order by id`,
      [sessionId, transcriptId, subpath],
    );
    return rows.map(({ uuid }) => uuid);
  }

  /** True when one of these texts is in an entry of the session's main transcripts, as JSON writes it. */
  async holds(sessionId: string, needles: readonly string[]): Promise<boolean> {
    const { rows } = await this.#db.query<{ found: boolean }>(
      `select exists (
         select 1 from transcript_entries t, unnest($2::text[]) needle
          where t.session_id = $1 and t.subpath = '' and position(needle in t.entry::text) > 0) as found`,
      [sessionId, needles],
    );
    return rows[0]?.found ?? false;
  }
}
