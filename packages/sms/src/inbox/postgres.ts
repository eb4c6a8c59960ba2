import type { PostgresClient } from '../dedupe/postgres.ts';
import type { InboundMessage } from '../message.ts';
import type { Inbox } from './inbox.ts';

/** The table of `PostgresInbox`, for your own migrations. It holds texts and phone numbers until they are processed. */
export const POSTGRES_INBOX_SCHEMA = `
create table if not exists sms_inbox (
  number bigint generated always as identity primary key,
  message_sid text not null unique,
  message jsonb,
  done_at timestamptz
)
`;

const SAVE = `
insert into sms_inbox (message_sid, message) values ($1, $2::jsonb)
on conflict (message_sid) do nothing
returning number
`;
const PENDING = 'select message from sms_inbox where done_at is null order by number';
// The row stays, so that a late copy is not processed again; the text itself is not needed any more.
const DONE = 'update sms_inbox set message = null, done_at = clock_timestamp() where message_sid = $1';

/** An inbox in PostgreSQL: texts that were confirmed survive the process and the machine. */
export class PostgresInbox implements Inbox {
  readonly #client: PostgresClient;

  constructor({ client }: { client: PostgresClient }) {
    this.#client = client;
  }

  /** Creates the table where it is missing. */
  async createTable(): Promise<void> {
    await this.#client.query(POSTGRES_INBOX_SCHEMA);
  }

  async save(message: InboundMessage): Promise<boolean> {
    const { rows } = await this.#client.query(SAVE, [message.messageSid, JSON.stringify(message)]);
    return rows.length > 0;
  }

  async pending(): Promise<InboundMessage[]> {
    const { rows } = await this.#client.query(PENDING);
    return rows.map((row) => (row as { message: InboundMessage }).message);
  }

  async done(messageSid: string): Promise<void> {
    await this.#client.query(DONE, [messageSid]);
  }
}
