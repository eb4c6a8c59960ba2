-- Conversations of hosted sessions as their agents wrote them, so that any server can go on with them; and how the processes of a
-- session reach a model, which is settled when the session is made.

alter table sessions add column enable_proxy boolean not null default false;
alter table sessions add column initial_model text;
update sessions set initial_model = model;

-- A copy of the agent's own transcript files, entry by entry, in the order they were written.
create table transcript_entries (
  id bigint generated always as identity primary key,
  session_id uuid not null references sessions (id),
  -- The agent's own names: of the directory, and of the conversation, which is not always the session's id.
  project_key text not null,
  transcript_id uuid not null,
  -- Of a sub-agent's transcript; empty for the main one.
  subpath text not null default '',
  -- Entries that have one are kept once.
  uuid text,
  type text not null,
  -- json, not jsonb: an entry must come back as it was, also with what jsonb refuses (NUL, lone surrogates).
  entry json not null
);
create index transcript_entries_in_order on transcript_entries (session_id, transcript_id, subpath, id);
create unique index transcript_entries_once on transcript_entries (session_id, transcript_id, subpath, uuid)
  where uuid is not null;
