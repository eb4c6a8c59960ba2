-- Generated from the migrations in sql/ by "node test/world/dump-schema.ts --write"; a test compares. Not run by anything.

CREATE FUNCTION public.append_events(sessions uuid[], INOUT last_seqs bigint[], event_session integer[], event_nth integer[], kinds text[], datas text, ats timestamp with time zone[], fence_names text[], fence_tokens bigint[], notice text, OUT first_id bigint) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

CREATE TABLE public.ask_codes (
    person_id uuid NOT NULL,
    code text NOT NULL,
    ask_id uuid NOT NULL,
    use text DEFAULT 'none'::text NOT NULL,
    pages_shown integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ask_codes_use_check CHECK ((use = ANY (ARRAY['none'::text, 'deny'::text, 'decide'::text, 'reply'::text])))
);

CREATE TABLE public.asks (
    id uuid NOT NULL,
    session_id uuid NOT NULL,
    person_id uuid NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    title text NOT NULL,
    tool text,
    input json,
    tool_use_id text,
    sub_agent_id text,
    questions jsonb DEFAULT '[]'::jsonb NOT NULL,
    plan text,
    message text,
    suggestions jsonb DEFAULT '[]'::jsonb NOT NULL,
    risk text NOT NULL,
    risk_reasons jsonb DEFAULT '[]'::jsonb NOT NULL,
    hash text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    deadline timestamp with time zone NOT NULL,
    answer jsonb,
    answered_via text,
    answered_at timestamp with time zone,
    claimed_at timestamp with time zone,
    closed_at timestamp with time zone,
    closed_reason text,
    CONSTRAINT asks_state_check CHECK ((state = ANY (ARRAY['open'::text, 'answered'::text, 'applied'::text, 'superseded'::text, 'expired'::text, 'withdrawn'::text, 'refused'::text])))
);

CREATE TABLE public.commands (
    id bigint NOT NULL,
    session_id uuid NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    state text DEFAULT 'queued'::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT commands_kind_check CHECK ((kind = ANY (ARRAY['prompt'::text, 'answer'::text, 'interrupt'::text, 'configure'::text, 'close'::text]))),
    CONSTRAINT commands_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'taken'::text, 'done'::text])))
);

ALTER TABLE public.commands ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.commands_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.deliveries (
    id uuid NOT NULL,
    key text NOT NULL,
    person_id uuid,
    channel text NOT NULL,
    purpose text NOT NULL,
    ask_id uuid,
    inbound_id bigint,
    state text DEFAULT 'queued'::text NOT NULL,
    reason text,
    due_at timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    lease_until timestamp with time zone,
    provider_id text,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    body_sealed text,
    to_sealed text,
    expires_at timestamp with time zone,
    CONSTRAINT deliveries_channel_check CHECK ((channel = ANY (ARRAY['sms'::text, 'apns'::text, 'webpush'::text, 'socket'::text]))),
    CONSTRAINT deliveries_purpose_check CHECK ((purpose = ANY (ARRAY['ask'::text, 'reply'::text, 'notice'::text, 'code'::text]))),
    CONSTRAINT deliveries_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sending'::text, 'sent'::text, 'delivered'::text, 'failed'::text, 'skipped'::text])))
);

CREATE TABLE public.events (
    id bigint NOT NULL,
    session_id uuid NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    data jsonb NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.idempotency (
    key text NOT NULL,
    fingerprint text NOT NULL,
    result jsonb,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT idempotency_key_check CHECK ((length(key) <= 255))
);

CREATE TABLE public.inbound_texts (
    id bigint NOT NULL,
    provider text NOT NULL,
    carrier_id text NOT NULL,
    person_id uuid NOT NULL,
    body text NOT NULL,
    results jsonb NOT NULL,
    received_at timestamp with time zone NOT NULL
);

ALTER TABLE public.inbound_texts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.inbound_texts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.leases (
    name text NOT NULL,
    holder text,
    token bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.log_head (
    singleton boolean DEFAULT true NOT NULL,
    last_id bigint NOT NULL,
    CONSTRAINT log_head_singleton_check CHECK (singleton)
);

CREATE TABLE public.meta (
    key text NOT NULL,
    value text NOT NULL
);

CREATE TABLE public.migrations (
    version integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.people (
    id uuid NOT NULL,
    role text NOT NULL,
    name text,
    paused_until timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    phone_sealed text,
    phone_index text,
    phone_masked text,
    opted_out_at timestamp with time zone,
    CONSTRAINT people_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'user'::text])))
);

CREATE TABLE public.sessions (
    id uuid NOT NULL,
    kind text NOT NULL,
    person_id uuid NOT NULL,
    project text,
    cwd text NOT NULL,
    state text NOT NULL,
    model text,
    permission_mode text NOT NULL,
    system_prompt text,
    allowed_tools jsonb DEFAULT '[]'::jsonb NOT NULL,
    permission_timeout_s integer,
    turn_prompt_id uuid,
    turn_restarts integer DEFAULT 0 NOT NULL,
    message_count integer DEFAULT 0 NOT NULL,
    total_cost_usd double precision,
    created_at timestamp with time zone NOT NULL,
    last_activity_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    max_budget_usd double precision,
    enable_proxy boolean DEFAULT false NOT NULL,
    initial_model text,
    CONSTRAINT sessions_kind_check CHECK ((kind = ANY (ARRAY['hosted'::text, 'monitored'::text]))),
    CONSTRAINT sessions_state_check CHECK ((state = ANY (ARRAY['idle'::text, 'running'::text, 'waiting'::text, 'parked'::text, 'ended'::text])))
);

CREATE TABLE public.simulated_texts (
    id bigint NOT NULL,
    direction text NOT NULL,
    body text NOT NULL,
    carrier_id text NOT NULL,
    at timestamp with time zone NOT NULL,
    phone_index text,
    CONSTRAINT simulated_texts_direction_check CHECK ((direction = ANY (ARRAY['to_phone'::text, 'from_phone'::text])))
);

ALTER TABLE public.simulated_texts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.simulated_texts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.transcript_entries (
    id bigint NOT NULL,
    session_id uuid NOT NULL,
    project_key text NOT NULL,
    transcript_id uuid NOT NULL,
    subpath text DEFAULT ''::text NOT NULL,
    uuid text,
    type text NOT NULL,
    entry json NOT NULL
);

ALTER TABLE public.transcript_entries ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.transcript_entries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.wrong_codes (
    person_id uuid NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.ask_codes
    ADD CONSTRAINT ask_codes_pkey PRIMARY KEY (person_id, code);

ALTER TABLE ONLY public.asks
    ADD CONSTRAINT asks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.commands
    ADD CONSTRAINT commands_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_key_key UNIQUE (key);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_in_session UNIQUE (session_id, seq);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.inbound_texts
    ADD CONSTRAINT inbound_texts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.inbound_texts
    ADD CONSTRAINT inbound_texts_provider_carrier_id_key UNIQUE (provider, carrier_id);

ALTER TABLE ONLY public.leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.log_head
    ADD CONSTRAINT log_head_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.simulated_texts
    ADD CONSTRAINT simulated_texts_carrier_id_key UNIQUE (carrier_id);

ALTER TABLE ONLY public.simulated_texts
    ADD CONSTRAINT simulated_texts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.transcript_entries
    ADD CONSTRAINT transcript_entries_pkey PRIMARY KEY (id);

CREATE UNIQUE INDEX ask_codes_of_ask ON public.ask_codes USING btree (ask_id, person_id);

CREATE INDEX asks_of_session ON public.asks USING btree (session_id, opened_at);

CREATE INDEX asks_open ON public.asks USING btree (deadline) WHERE (state = 'open'::text);

CREATE INDEX asks_unapplied ON public.asks USING btree (session_id) WHERE (state = ANY (ARRAY['open'::text, 'answered'::text]));

CREATE INDEX commands_waiting ON public.commands USING btree (session_id, id) WHERE (state <> 'done'::text);

CREATE INDEX deliveries_due ON public.deliveries USING btree (due_at) WHERE (state = ANY (ARRAY['queued'::text, 'sending'::text]));

CREATE INDEX deliveries_of_ask ON public.deliveries USING btree (ask_id);

CREATE INDEX idempotency_created ON public.idempotency USING btree (created_at);

CREATE UNIQUE INDEX people_one_owner ON public.people USING btree (role) WHERE (role = 'owner'::text);

CREATE UNIQUE INDEX people_phone ON public.people USING btree (phone_index) WHERE (phone_index IS NOT NULL);

CREATE INDEX sessions_recent ON public.sessions USING btree (last_activity_at DESC);

CREATE INDEX sessions_unfinished ON public.sessions USING btree (state) WHERE (state = ANY (ARRAY['running'::text, 'waiting'::text, 'parked'::text]));

CREATE INDEX transcript_entries_in_order ON public.transcript_entries USING btree (session_id, transcript_id, subpath, id);

CREATE UNIQUE INDEX transcript_entries_once ON public.transcript_entries USING btree (session_id, transcript_id, subpath, uuid) WHERE (uuid IS NOT NULL);

CREATE INDEX wrong_codes_recent ON public.wrong_codes USING btree (person_id, at);

ALTER TABLE ONLY public.ask_codes
    ADD CONSTRAINT ask_codes_ask_id_fkey FOREIGN KEY (ask_id) REFERENCES public.asks(id);

ALTER TABLE ONLY public.ask_codes
    ADD CONSTRAINT ask_codes_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.asks
    ADD CONSTRAINT asks_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.asks
    ADD CONSTRAINT asks_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id);

ALTER TABLE ONLY public.commands
    ADD CONSTRAINT commands_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_ask_id_fkey FOREIGN KEY (ask_id) REFERENCES public.asks(id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.inbound_texts
    ADD CONSTRAINT inbound_texts_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.transcript_entries
    ADD CONSTRAINT transcript_entries_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id);

ALTER TABLE ONLY public.wrong_codes
    ADD CONSTRAINT wrong_codes_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);
