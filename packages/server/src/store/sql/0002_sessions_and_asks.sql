-- People, their sessions, what the sessions need from them, and how they are told.
-- Every state column is driven by a complete table in sessions/ or asks/; the checks here only keep typing errors out.

create table people (
  id uuid primary key,
  role text not null check (role in ('owner', 'user')),
  name text,
  -- No text is sent to this person before this moment; asks are still shown everywhere else.
  paused_until timestamptz,
  created_at timestamptz not null
);
create unique index people_one_owner on people (role) where role = 'owner';

create table sessions (
  id uuid primary key,
  kind text not null check (kind in ('hosted', 'monitored')),
  person_id uuid not null references people (id),
  project text,
  cwd text not null,
  state text not null check (state in ('idle', 'running', 'waiting', 'parked', 'ended')),
  model text,
  permission_mode text not null,
  system_prompt text,
  allowed_tools jsonb not null default '[]',
  permission_timeout_s int,
  -- The prompt whose turn is in progress; null between turns.
  turn_prompt_id uuid,
  -- How often this turn lost its process and went on by itself.
  turn_restarts int not null default 0,
  message_count int not null default 0,
  total_cost_usd double precision,
  created_at timestamptz not null,
  last_activity_at timestamptz not null,
  ended_at timestamptz
);
create index sessions_unfinished on sessions (state) where state in ('running', 'waiting', 'parked');
create index sessions_recent on sessions (last_activity_at desc);

-- What somebody told a hosted session to do; consumed in order of id by the one supervisor that holds its lease.
-- queued → taken (handed to a process) → done.
create table commands (
  id bigint generated always as identity primary key,
  session_id uuid not null references sessions (id),
  kind text not null check (kind in ('prompt', 'answer', 'interrupt', 'configure', 'close')),
  payload jsonb not null,
  state text not null default 'queued' check (state in ('queued', 'taken', 'done')),
  created_at timestamptz not null
);
create index commands_waiting on commands (session_id, id) where state <> 'done';

create table asks (
  id uuid primary key,
  session_id uuid not null references sessions (id),
  person_id uuid not null references people (id),
  kind text not null,
  state text not null check (state in ('open', 'answered', 'applied', 'superseded', 'expired', 'withdrawn', 'refused')),
  title text not null,
  tool text,
  -- json, not jsonb: an input must come back exactly as it was, also with what jsonb refuses (NUL, lone surrogates).
  input json,
  tool_use_id text,
  sub_agent_id text,
  questions jsonb not null default '[]',
  plan text,
  message text,
  suggestions jsonb not null default '[]',
  risk text not null,
  risk_reasons jsonb not null default '[]',
  -- SHA-256 of the canonical (tool, input, cwd, session): an approval approves this and nothing else.
  hash text not null,
  opened_at timestamptz not null,
  deadline timestamptz not null,
  answer jsonb,
  answered_via text,
  answered_at timestamptz,
  -- Set in its own commit before the decision is handed to the agent. Claimed and not applied after a crash means "may have run":
  -- it is never handed over a second time.
  claimed_at timestamptz,
  closed_at timestamptz,
  closed_reason text
);
create index asks_of_session on asks (session_id, opened_at);
create index asks_open on asks (deadline) where state = 'open';
create index asks_unapplied on asks (session_id) where state in ('open', 'answered');

-- The four characters by which one person names one ask in a text. Kept after the ask is settled, so that a late answer
-- is told what became of it.
create table ask_codes (
  person_id uuid not null references people (id),
  code text not null,
  ask_id uuid not null references asks (id),
  -- What a text told this person the code is good for. A code that was not told is good for nothing.
  use text not null default 'none' check (use in ('none', 'deny', 'decide', 'reply')),
  -- How many pages of the whole ask MORE has shown.
  pages_shown int not null default 0,
  created_at timestamptz not null,
  primary key (person_id, code)
);
create unique index ask_codes_of_ask on ask_codes (ask_id, person_id);

-- The outbox. A row is written in the transaction of what it tells about; one worker claims it, sends it, records the end.
create table deliveries (
  id uuid primary key,
  -- One per (what it tells about, person, channel): writing it again changes nothing.
  key text not null unique,
  person_id uuid not null references people (id),
  channel text not null check (channel in ('sms', 'apns', 'webpush', 'socket')),
  purpose text not null check (purpose in ('ask', 'reply')),
  ask_id uuid references asks (id),
  inbound_id bigint,
  state text not null default 'queued' check (state in ('queued', 'sending', 'sent', 'delivered', 'failed', 'skipped')),
  reason text,
  due_at timestamptz not null,
  attempts int not null default 0,
  lease_until timestamptz,
  provider_id text,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index deliveries_due on deliveries (due_at) where state in ('queued', 'sending');
create index deliveries_of_ask on deliveries (ask_id);

-- Every text that came in, once per carrier id, with what was understood; its one reply is the delivery that names it.
create table inbound_texts (
  id bigint generated always as identity primary key,
  provider text not null,
  carrier_id text not null,
  person_id uuid not null references people (id),
  body text not null,
  -- What each part of the text did, in order; the reply is written from this and from what became of it.
  results jsonb not null,
  received_at timestamptz not null,
  unique (provider, carrier_id)
);

create table wrong_codes (
  person_id uuid not null references people (id),
  at timestamptz not null
);
create index wrong_codes_recent on wrong_codes (person_id, at);

-- The phone that stands in when no carrier is configured: what it received and what was typed on it.
create table simulated_texts (
  id bigint generated always as identity primary key,
  direction text not null check (direction in ('to_phone', 'from_phone')),
  body text not null,
  -- Delivery id or the id the simulated carrier gave: the same text is never stored twice.
  carrier_id text not null unique,
  at timestamptz not null
);
