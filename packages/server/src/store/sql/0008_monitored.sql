-- Sessions that run in somebody's terminal and report here, and the views that a dashboard of one's own reads.

-- A short name for people who write SQL.
alter table sessions add column number bigint generated always as identity;
create unique index sessions_number on sessions (number);

create table monitored_sessions (
  session_id uuid primary key references sessions (id),
  person_id uuid not null references people (id),
  -- The session as its own machine calls it.
  claude_session_id text not null,
  description text not null,
  hostname text,
  -- started_at, last_reported_at and ended_at are by the clock of its machine, last_heard_at by ours.
  started_at timestamptz not null,
  heartbeat_interval_ms int not null,
  last_heard_at timestamptz not null,
  last_reported_at timestamptz,
  ended_at timestamptz,
  stop_reason text check (stop_reason in ('completed', 'user_stop', 'error')),
  final_state text check (final_state in ('success', 'error', 'cancelled'))
);
create index monitored_sessions_by_name on monitored_sessions (person_id, claude_session_id);

-- What opens a monitored session: SHA-256 of the token.
create table session_tokens (
  hash text primary key,
  session_id uuid not null references sessions (id),
  created_at timestamptz not null
);
create index session_tokens_of on session_tokens (session_id);

-- What each event did to the phone. The event itself is in the log.
create table monitored_events (
  id bigint generated always as identity primary key,
  session_id uuid not null references sessions (id),
  event_type text not null check (event_type in ('error', 'done', 'waiting')),
  -- The sender's own name for the event: the same again is the same event.
  client_id text,
  at timestamptz not null,
  -- The text about it; null when there is none.
  delivery_id uuid unique,
  no_text text,
  next_allowed_at timestamptz,
  unique (session_id, client_id)
);
create index monitored_events_of on monitored_events (session_id, event_type);

-- For people who look into the database: "set search_path = dashboard". Names and columns are a promise; the tables are not.
create schema dashboard;

do $$
begin
  if exists (select from pg_available_extensions where name = 'pgcrypto') then
    create extension if not exists pgcrypto;
  end if;
exception when insufficient_privilege then
  raise notice 'pgcrypto could not be installed: dashboard.sessions shows masked numbers only';
end $$;

-- A number in the clear where this connection has set companion.phone_key (the cipher's key, in hex), else as people are shown it.
-- A wrong key, or a database without pgcrypto, shows the masked number too.
create function dashboard.phone(sealed text, masked text) returns text language plpgsql stable as $$
declare
  cipher_key text := current_setting('companion.phone_key', true);
  parts text[] := string_to_array(sealed, '.');
  home text;
  plain bytea;
begin
  if coalesce(cipher_key, '') = '' or coalesce(parts[1], '') <> 'v1' then
    return masked;
  end if;
  select n.nspname into home from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pgcrypto';
  if home is null then
    return masked;
  end if;
  execute format('select %I.decrypt_iv($1, $2, $3, ''aes-cbc/pad:pkcs'')', home)
     into plain using decode(parts[3], 'base64'), decode(cipher_key, 'hex'), decode(parts[2], 'base64');
  return case when convert_from(plain, 'UTF8') ~ '^\+[0-9]{5,15}$' then convert_from(plain, 'UTF8') else masked end;
exception when others then
  return masked;
end $$;

-- Every text about a session: what it reported, and what its agent asked.
create view dashboard.sms_events as
select d.id as sms_id,
       s.number as session_id,
       coalesce(m.event_type, a.kind) as event_type,
       d.state,
       d.reason,
       d.created_at,
       case when d.state in ('sent', 'delivered') then d.updated_at end as sent_at
  from deliveries d
  left join monitored_events m on m.delivery_id = d.id
  left join asks a on a.id = d.ask_id
  join sessions s on s.id = coalesce(m.session_id, a.session_id)
 where d.channel = 'sms';

create view dashboard.sessions as
select s.number as id,
       s.id as uuid,
       s.kind,
       dashboard.phone(p.phone_sealed, p.phone_masked) as user_phone,
       coalesce(m.description, s.project) as description,
       m.hostname,
       m.claude_session_id,
       s.state,
       m.stop_reason,
       m.final_state,
       coalesce(m.started_at, s.created_at) as started_at,
       -- Clocks differ: no session ends before it began.
       case when s.ended_at is not null
            then greatest(coalesce(m.ended_at, s.ended_at), coalesce(m.started_at, s.created_at)) end as ended_at,
       s.last_activity_at,
       t.sms_sent_count
  from sessions s
  join people p on p.id = s.person_id
  left join monitored_sessions m on m.session_id = s.id
  cross join lateral (
    select count(*) as sms_sent_count from dashboard.sms_events e where e.session_id = s.number and e.sent_at is not null
  ) t;
