-- What models were asked for and what it cost, one row per day, person, session and model. Sums, not single answers: the table
-- stays small however long the server runs.

create table usage (
  -- In the time zone of the server.
  day date not null,
  person_id uuid not null references people (id),
  -- Null: somebody's own client asked the gateway.
  session_id uuid references sessions (id),
  -- `gateway`: counted by our own gateway. `agent`: told by a process that speaks to its provider itself. A process is one of both.
  source text not null check (source in ('gateway', 'agent')),
  provider text not null,
  model text not null,
  answers bigint not null,
  -- The provider did not tell, or the caller left early.
  estimated_answers bigint not null,
  -- Nobody said what they cost: they are not part of cost_usd.
  unpriced_answers bigint not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  cache_read_tokens bigint not null,
  cache_write_tokens bigint not null,
  cost_usd double precision not null,
  unique nulls not distinct (day, person_id, session_id, source, provider, model)
);
create index usage_of_session on usage (session_id) where session_id is not null;

-- How far the owner raised a session's budget. It counts only while the session's own figure is still the one it was raised from:
-- who sets another one starts afresh.
create table session_budgets (
  session_id uuid primary key references sessions (id),
  base_usd double precision not null,
  raised_usd double precision not null
);
