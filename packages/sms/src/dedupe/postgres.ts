import { randomUUID } from 'node:crypto';
import {
  type Claim,
  DEFAULT_LEASE_SECONDS,
  DEFAULT_TTL_SECONDS,
  type DedupeOptions,
  type DedupeStore,
} from './dedupe-store.ts';

/** The part of a PostgreSQL client this library uses: `pg`'s Pool and Client fit, and so does PGlite. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** Where and how long ids are remembered in PostgreSQL. */
export interface PostgresDedupeOptions extends DedupeOptions {
  client: PostgresClient;
}

/** The table of `PostgresDedupeStore`, for your own migrations. */
export const POSTGRES_DEDUPE_SCHEMA = `
create table if not exists sms_dedupe (
  id text primary key,
  done boolean not null,
  holder text,
  expires_at timestamptz not null
);
create index if not exists sms_dedupe_expires_at on sms_dedupe (expires_at);
`;

// Ids are inserted in order: two batches that share ids would otherwise wait for each other. They are made distinct before the
// clock is read: it moves on from row to row.
const MARK_MANY = `
insert into sms_dedupe (id, done, expires_at)
select id, true, clock_timestamp() + make_interval(secs => $2)
from (select distinct id from unnest($1::text[]) as given (id)) as each
order by id
on conflict (id) do update
  set done = true, holder = null, expires_at = excluded.expires_at
  where sms_dedupe.expires_at <= clock_timestamp()
returning id
`;

const CLAIM = `
insert into sms_dedupe (id, done, holder, expires_at)
values ($1, false, $2, clock_timestamp() + make_interval(secs => $3))
on conflict (id) do update
  set done = false, holder = excluded.holder, expires_at = excluded.expires_at
  where sms_dedupe.expires_at <= clock_timestamp()
returning id
`;

const COMPLETE = `
insert into sms_dedupe (id, done, expires_at)
values ($1, true, clock_timestamp() + make_interval(secs => $2))
on conflict (id) do update
  set done = true, holder = null, expires_at = excluded.expires_at
`;

const RELEASE = 'delete from sms_dedupe where id = $1 and holder = $2 and not done';
const UNMARK = 'delete from sms_dedupe where id = $1';
const IS_DONE = 'select id from sms_dedupe where id = $1 and done';
const PRUNE = 'delete from sms_dedupe where expires_at <= clock_timestamp()';

/** Marks in PostgreSQL, by the database's own clock. */
export class PostgresDedupeStore implements DedupeStore {
  readonly #client: PostgresClient;
  readonly #ttlSeconds: number;
  readonly #leaseSeconds: number;

  constructor(options: PostgresDedupeOptions) {
    this.#client = options.client;
    this.#ttlSeconds = options.ttlSeconds ?? DEFAULT_TTL_SECONDS;
    this.#leaseSeconds = options.leaseSeconds ?? DEFAULT_LEASE_SECONDS;
  }

  /** Creates the table where it is missing. */
  async createTable(): Promise<void> {
    for (const statement of POSTGRES_DEDUPE_SCHEMA.split(';').filter((each) => each.trim() !== '')) {
      await this.#client.query(statement);
    }
  }

  async markMany(ids: readonly string[]): Promise<boolean[]> {
    const { rows } = await this.#client.query(MARK_MANY, [[...ids], this.#ttlSeconds]);
    const marked = new Set(rows.map((row) => (row as { id: string }).id));
    return ids.map((id) => marked.delete(id));
  }

  async unmark(id: string): Promise<void> {
    await this.#client.query(UNMARK, [id]);
  }

  async claim(id: string): Promise<Claim | 'busy' | 'done'> {
    const holder = randomUUID();
    const { rows } = await this.#client.query(CLAIM, [id, holder, this.#leaseSeconds]);
    if (rows.length === 0) {
      const done = await this.#client.query(IS_DONE, [id]);
      return done.rows.length > 0 ? 'done' : 'busy';
    }
    return {
      complete: async () => {
        await this.#client.query(COMPLETE, [id, this.#ttlSeconds]);
      },
      release: async () => {
        await this.#client.query(RELEASE, [id, holder]);
      },
    };
  }

  /** Deletes marks that have ended. Call it now and then; correctness does not need it. */
  async prune(): Promise<void> {
    await this.#client.query(PRUNE);
  }
}
