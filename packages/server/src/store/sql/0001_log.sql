-- The durable log and what must be decided in the same commit as an entry of it.

create table meta (
  key text primary key,
  value text not null
);
-- A cursor is only good for the log it came from. A restored or new database has another epoch.
insert into meta (key, value) values ('epoch', gen_random_uuid()::text);

-- One row. Whoever appends updates it first and holds its lock until commit: ids therefore become visible in their own order,
-- and a reader at `id > cursor` never skips one.
create table log_head (
  singleton boolean primary key default true check (singleton),
  last_id bigint not null
);
insert into log_head (last_id) values (0);

-- A session's last seq is the end of its index, so there is no counter to update with each event: 200 of them in a flush took
-- a quarter of its time.
create table events (
  id bigint primary key,
  session_id uuid not null,
  seq bigint not null,
  kind text not null,
  data jsonb not null,
  at timestamptz not null,
  constraint events_in_session unique (session_id, seq)
);

create table idempotency (
  key text primary key check (length(key) <= 255),
  fingerprint text not null,
  -- Null only inside the transaction that makes the row.
  result jsonb,
  created_at timestamptz not null
);
create index idempotency_created on idempotency (created_at);

-- A row stays after its release, so that tokens never repeat. holder is null while nobody has the lease.
create table leases (
  name text primary key,
  holder text,
  token bigint not null,
  expires_at timestamptz not null
);

-- Appends a batch: one statement, one round trip. The caller groups: `sessions` are the distinct sessions of the batch,
-- `event_session` and `event_nth` each event's place in `sessions` and within its session (from 1). `last_seqs` is each session's
-- last seq before this batch, where the caller remembers it; null makes it be looked up. A remembered one that somebody else's
-- append has overtaken violates `events_in_session`, and the caller repeats the batch with nulls.
-- `datas` are the JSON texts of the events, one a line: an array of jsonb took twice as long to write and to parse.
-- Event number i gets id first_id + i - 1 and seq last_seqs[event_session[i]] + event_nth[i]. last_seqs is returned, complete, only
-- when something was looked up.
-- `notice` is what the listeners of channel `log` hear after the commit.
-- A stale fence raises SQLSTATE CCF01 whose DETAIL is the JSON array of the positions (from 1) of all stale fences.
create function append_events(
  sessions uuid[], inout last_seqs bigint[],
  event_session int[], event_nth int[], kinds text[], datas text, ats timestamptz[],
  fence_names text[], fence_tokens bigint[], notice text,
  out first_id bigint
) language plpgsql as $$
declare
  stale json;
  total int := cardinality(kinds);
  complete boolean := array_position(last_seqs, null) is null;
begin
  -- First, always: see log_head.
  update log_head set last_id = last_id + total where singleton returning last_id - total + 1 into first_id;

  if cardinality(fence_names) > 0 then
    select json_agg(f.position) into stale
      from unnest(fence_names, fence_tokens) with ordinality as f (name, token, position)
      left join leases l on l.name = f.name and l.token = f.token and l.holder is not null
     where l.name is null;
    if stale is not null then
      raise exception 'stale fence' using errcode = 'CCF01', detail = stale::text;
    end if;
  end if;

  if not complete then
    select array_agg(
        coalesce(s.last_seq, (select max(e.seq) from events e where e.session_id = s.session_id), 0) order by s.position)
      into last_seqs
      from unnest(sessions, last_seqs) with ordinality as s (session_id, last_seq, position);
  end if;

  insert into events (id, session_id, seq, kind, data, at)
  select first_id + e.position - 1, sessions[e.session], last_seqs[e.session] + e.nth, e.kind, e.data::jsonb, e.at
    from unnest(event_session, event_nth, kinds, string_to_array(datas, E'\n'), ats)
      with ordinality as e (session, nth, kind, data, at, position);

  if complete then
    last_seqs := null;
  end if;
  perform pg_notify('log', notice);
end $$;
