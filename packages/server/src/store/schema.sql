-- Generated from the migrations in sql/ by "node test/world/dump-schema.ts --write"; a test compares. Not run by anything.

CREATE SCHEMA dashboard;

CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;

COMMENT ON EXTENSION pgcrypto IS 'cryptographic functions';

CREATE FUNCTION dashboard.phone(sealed text, masked text) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $_$
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
end $_$;

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
    wanted_at timestamp with time zone,
    release_at timestamp with time zone,
    text_id uuid,
    handed_at timestamp with time zone,
    handed_body_sealed text,
    handed_to_sealed text,
    check_at timestamp with time zone,
    checks integer DEFAULT 0 NOT NULL,
    retries integer DEFAULT 0 NOT NULL,
    CONSTRAINT deliveries_channel_check CHECK ((channel = ANY (ARRAY['sms'::text, 'apns'::text, 'webpush'::text, 'socket'::text]))),
    CONSTRAINT deliveries_purpose_check CHECK ((purpose = ANY (ARRAY['ask'::text, 'reply'::text, 'notice'::text, 'code'::text]))),
    CONSTRAINT deliveries_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sending'::text, 'sent'::text, 'delivered'::text, 'failed'::text, 'skipped'::text])))
);

CREATE TABLE public.monitored_events (
    id bigint NOT NULL,
    session_id uuid NOT NULL,
    event_type text NOT NULL,
    client_id text,
    at timestamp with time zone NOT NULL,
    delivery_id uuid,
    no_text text,
    next_allowed_at timestamp with time zone,
    CONSTRAINT monitored_events_event_type_check CHECK ((event_type = ANY (ARRAY['error'::text, 'done'::text, 'waiting'::text])))
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
    number bigint NOT NULL,
    CONSTRAINT sessions_kind_check CHECK ((kind = ANY (ARRAY['hosted'::text, 'monitored'::text]))),
    CONSTRAINT sessions_state_check CHECK ((state = ANY (ARRAY['idle'::text, 'running'::text, 'waiting'::text, 'parked'::text, 'ended'::text])))
);

CREATE VIEW dashboard.sms_events AS
 SELECT d.id AS sms_id,
    s.number AS session_id,
    COALESCE(m.event_type, a.kind) AS event_type,
    d.state,
    d.reason,
    d.created_at,
        CASE
            WHEN (d.state = ANY (ARRAY['sent'::text, 'delivered'::text])) THEN d.updated_at
            ELSE NULL::timestamp with time zone
        END AS sent_at
   FROM (((public.deliveries d
     LEFT JOIN public.monitored_events m ON ((m.delivery_id = d.id)))
     LEFT JOIN public.asks a ON ((a.id = d.ask_id)))
     JOIN public.sessions s ON ((s.id = COALESCE(m.session_id, a.session_id))))
  WHERE (d.channel = 'sms'::text);

CREATE TABLE public.monitored_sessions (
    session_id uuid NOT NULL,
    person_id uuid NOT NULL,
    claude_session_id text NOT NULL,
    description text NOT NULL,
    hostname text,
    started_at timestamp with time zone NOT NULL,
    heartbeat_interval_ms integer NOT NULL,
    last_heard_at timestamp with time zone NOT NULL,
    last_reported_at timestamp with time zone,
    ended_at timestamp with time zone,
    stop_reason text,
    final_state text,
    CONSTRAINT monitored_sessions_final_state_check CHECK ((final_state = ANY (ARRAY['success'::text, 'error'::text, 'cancelled'::text]))),
    CONSTRAINT monitored_sessions_stop_reason_check CHECK ((stop_reason = ANY (ARRAY['completed'::text, 'user_stop'::text, 'error'::text])))
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

CREATE VIEW dashboard.sessions AS
 SELECT s.number AS id,
    s.id AS uuid,
    s.kind,
    dashboard.phone(p.phone_sealed, p.phone_masked) AS user_phone,
    COALESCE(m.description, s.project) AS description,
    m.hostname,
    m.claude_session_id,
    s.state,
    m.stop_reason,
    m.final_state,
    COALESCE(m.started_at, s.created_at) AS started_at,
        CASE
            WHEN (s.ended_at IS NOT NULL) THEN GREATEST(COALESCE(m.ended_at, s.ended_at), COALESCE(m.started_at, s.created_at))
            ELSE NULL::timestamp with time zone
        END AS ended_at,
    s.last_activity_at,
    t.sms_sent_count
   FROM (((public.sessions s
     JOIN public.people p ON ((p.id = s.person_id)))
     LEFT JOIN public.monitored_sessions m ON ((m.session_id = s.id)))
     CROSS JOIN LATERAL ( SELECT count(*) AS sms_sent_count
           FROM dashboard.sms_events e
          WHERE ((e.session_id = s.number) AND (e.sent_at IS NOT NULL))) t);

CREATE TABLE public.access_tokens (
    id uuid NOT NULL,
    device_id uuid NOT NULL,
    scopes text[] NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    replaced_by uuid,
    replaced_at timestamp with time zone,
    used_at timestamp with time zone
);

CREATE TABLE public.ask_codes (
    person_id uuid NOT NULL,
    code text NOT NULL,
    ask_id uuid NOT NULL,
    use text DEFAULT 'none'::text NOT NULL,
    pages_shown integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ask_codes_use_check CHECK ((use = ANY (ARRAY['none'::text, 'deny'::text, 'decide'::text, 'reply'::text])))
);

CREATE TABLE public.browser_sessions (
    id uuid NOT NULL,
    secret_hash text NOT NULL,
    person_id uuid NOT NULL,
    strength text NOT NULL,
    device_id uuid,
    label text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT browser_sessions_strength_check CHECK ((strength = ANY (ARRAY['proven'::text, 'claimed'::text])))
);

CREATE TABLE public.channels (
    id text NOT NULL,
    config_sealed text NOT NULL,
    updated_at timestamp with time zone NOT NULL
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

CREATE TABLE public.device_logins (
    id uuid NOT NULL,
    device_code_hash text NOT NULL,
    user_code_hash text NOT NULL,
    device_name text NOT NULL,
    state text NOT NULL,
    person_id uuid,
    interval_s integer NOT NULL,
    polled_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT device_logins_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'approved'::text, 'refused'::text, 'done'::text])))
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

CREATE TABLE public.inbox (
    "position" bigint NOT NULL,
    carrier_id text NOT NULL,
    sealed text NOT NULL
);

ALTER TABLE public.inbox ALTER COLUMN "position" ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.inbox_position_seq
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

ALTER TABLE public.monitored_events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.monitored_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.paired_devices (
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_reason text,
    CONSTRAINT paired_devices_ended_reason_check CHECK ((ended_reason = ANY (ARRAY['signed_out'::text, 'revoked'::text, 'reused'::text, 'expired'::text])))
);

CREATE TABLE public.passkey_challenges (
    challenge text NOT NULL,
    browser_session_id uuid NOT NULL,
    ask_id uuid,
    ask_hash text,
    apply_suggestions boolean DEFAULT false NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.passkeys (
    id text NOT NULL,
    person_id uuid NOT NULL,
    public_key text NOT NULL,
    counter bigint NOT NULL,
    transports jsonb DEFAULT '[]'::jsonb NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone
);

CREATE TABLE public.session_budgets (
    session_id uuid NOT NULL,
    base_usd double precision NOT NULL,
    raised_usd double precision NOT NULL
);

CREATE TABLE public.session_tokens (
    hash text NOT NULL,
    session_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE public.sessions ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.sessions_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sign_in_tickets (
    hash text NOT NULL,
    person_id uuid NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.sign_in_windows (
    key text NOT NULL,
    hits jsonb DEFAULT '[]'::jsonb NOT NULL,
    forget_at timestamp with time zone NOT NULL
);

CREATE TABLE public.sign_ins (
    id uuid NOT NULL,
    handle_hash text NOT NULL,
    phone_index text NOT NULL,
    phone_sealed text NOT NULL,
    texted boolean NOT NULL,
    code_hash text NOT NULL,
    code_challenge text,
    device_login_id uuid,
    tries integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
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

CREATE TABLE public.unknown_senders (
    phone_masked text NOT NULL,
    texts bigint NOT NULL,
    last_at timestamp with time zone NOT NULL
);

CREATE TABLE public.usage (
    day date NOT NULL,
    person_id uuid NOT NULL,
    session_id uuid,
    source text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    answers bigint NOT NULL,
    estimated_answers bigint NOT NULL,
    unpriced_answers bigint NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cache_read_tokens bigint NOT NULL,
    cache_write_tokens bigint NOT NULL,
    cost_usd double precision NOT NULL,
    CONSTRAINT usage_source_check CHECK ((source = ANY (ARRAY['gateway'::text, 'agent'::text])))
);

CREATE TABLE public.wrong_codes (
    person_id uuid NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.access_tokens
    ADD CONSTRAINT access_tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ask_codes
    ADD CONSTRAINT ask_codes_pkey PRIMARY KEY (person_id, code);

ALTER TABLE ONLY public.asks
    ADD CONSTRAINT asks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.browser_sessions
    ADD CONSTRAINT browser_sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.browser_sessions
    ADD CONSTRAINT browser_sessions_secret_hash_key UNIQUE (secret_hash);

ALTER TABLE ONLY public.channels
    ADD CONSTRAINT channels_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.commands
    ADD CONSTRAINT commands_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_key_key UNIQUE (key);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.device_logins
    ADD CONSTRAINT device_logins_device_code_hash_key UNIQUE (device_code_hash);

ALTER TABLE ONLY public.device_logins
    ADD CONSTRAINT device_logins_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.device_logins
    ADD CONSTRAINT device_logins_user_code_hash_key UNIQUE (user_code_hash);

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

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_carrier_id_key UNIQUE (carrier_id);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY ("position");

ALTER TABLE ONLY public.leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.log_head
    ADD CONSTRAINT log_head_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.monitored_events
    ADD CONSTRAINT monitored_events_delivery_id_key UNIQUE (delivery_id);

ALTER TABLE ONLY public.monitored_events
    ADD CONSTRAINT monitored_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.monitored_events
    ADD CONSTRAINT monitored_events_session_id_client_id_key UNIQUE (session_id, client_id);

ALTER TABLE ONLY public.monitored_sessions
    ADD CONSTRAINT monitored_sessions_pkey PRIMARY KEY (session_id);

ALTER TABLE ONLY public.paired_devices
    ADD CONSTRAINT paired_devices_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.passkey_challenges
    ADD CONSTRAINT passkey_challenges_pkey PRIMARY KEY (challenge);

ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.session_budgets
    ADD CONSTRAINT session_budgets_pkey PRIMARY KEY (session_id);

ALTER TABLE ONLY public.session_tokens
    ADD CONSTRAINT session_tokens_pkey PRIMARY KEY (hash);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sign_in_tickets
    ADD CONSTRAINT sign_in_tickets_pkey PRIMARY KEY (hash);

ALTER TABLE ONLY public.sign_in_windows
    ADD CONSTRAINT sign_in_windows_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.sign_ins
    ADD CONSTRAINT sign_ins_handle_hash_key UNIQUE (handle_hash);

ALTER TABLE ONLY public.sign_ins
    ADD CONSTRAINT sign_ins_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.simulated_texts
    ADD CONSTRAINT simulated_texts_carrier_id_key UNIQUE (carrier_id);

ALTER TABLE ONLY public.simulated_texts
    ADD CONSTRAINT simulated_texts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.transcript_entries
    ADD CONSTRAINT transcript_entries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.unknown_senders
    ADD CONSTRAINT unknown_senders_pkey PRIMARY KEY (phone_masked);

ALTER TABLE ONLY public.usage
    ADD CONSTRAINT usage_day_person_id_session_id_source_provider_model_key UNIQUE NULLS NOT DISTINCT (day, person_id, session_id, source, provider, model);

CREATE INDEX access_tokens_of_device ON public.access_tokens USING btree (device_id);

CREATE UNIQUE INDEX ask_codes_of_ask ON public.ask_codes USING btree (ask_id, person_id);

CREATE INDEX asks_of_session ON public.asks USING btree (session_id, opened_at);

CREATE INDEX asks_open ON public.asks USING btree (deadline) WHERE (state = 'open'::text);

CREATE INDEX asks_unapplied ON public.asks USING btree (session_id) WHERE (state = ANY (ARRAY['open'::text, 'answered'::text]));

CREATE INDEX browser_sessions_of_device ON public.browser_sessions USING btree (device_id) WHERE (device_id IS NOT NULL);

CREATE INDEX browser_sessions_of_person ON public.browser_sessions USING btree (person_id) WHERE (ended_at IS NULL);

CREATE INDEX commands_waiting ON public.commands USING btree (session_id, id) WHERE (state <> 'done'::text);

CREATE INDEX deliveries_due ON public.deliveries USING btree (due_at) WHERE (state = ANY (ARRAY['queued'::text, 'sending'::text]));

CREATE INDEX deliveries_of_ask ON public.deliveries USING btree (ask_id);

CREATE INDEX deliveries_of_text ON public.deliveries USING btree (text_id) WHERE (text_id IS NOT NULL);

CREATE INDEX deliveries_on_their_way ON public.deliveries USING btree (person_id) WHERE ((state = 'sending'::text) OR (lease_until IS NOT NULL));

CREATE INDEX deliveries_to_check ON public.deliveries USING btree (check_at) WHERE ((state = 'sent'::text) AND (check_at IS NOT NULL));

CREATE INDEX device_logins_old ON public.device_logins USING btree (expires_at);

CREATE INDEX idempotency_created ON public.idempotency USING btree (created_at);

CREATE INDEX monitored_events_of ON public.monitored_events USING btree (session_id, event_type);

CREATE INDEX monitored_sessions_by_name ON public.monitored_sessions USING btree (person_id, claude_session_id);

CREATE INDEX paired_devices_of_person ON public.paired_devices USING btree (person_id) WHERE (ended_at IS NULL);

CREATE INDEX passkeys_of_person ON public.passkeys USING btree (person_id);

CREATE UNIQUE INDEX people_one_owner ON public.people USING btree (role) WHERE (role = 'owner'::text);

CREATE UNIQUE INDEX people_phone ON public.people USING btree (phone_index) WHERE (phone_index IS NOT NULL);

CREATE INDEX session_tokens_of ON public.session_tokens USING btree (session_id);

CREATE UNIQUE INDEX sessions_number ON public.sessions USING btree (number);

CREATE INDEX sessions_recent ON public.sessions USING btree (last_activity_at DESC);

CREATE INDEX sessions_unfinished ON public.sessions USING btree (state) WHERE (state = ANY (ARRAY['running'::text, 'waiting'::text, 'parked'::text]));

CREATE INDEX sign_in_windows_old ON public.sign_in_windows USING btree (forget_at);

CREATE INDEX sign_ins_of_phone ON public.sign_ins USING btree (phone_index) WHERE (ended_at IS NULL);

CREATE INDEX sign_ins_old ON public.sign_ins USING btree (expires_at);

CREATE INDEX transcript_entries_in_order ON public.transcript_entries USING btree (session_id, transcript_id, subpath, id);

CREATE UNIQUE INDEX transcript_entries_once ON public.transcript_entries USING btree (session_id, transcript_id, subpath, uuid) WHERE (uuid IS NOT NULL);

CREATE INDEX usage_of_session ON public.usage USING btree (session_id) WHERE (session_id IS NOT NULL);

CREATE INDEX wrong_codes_recent ON public.wrong_codes USING btree (person_id, at);

ALTER TABLE ONLY public.access_tokens
    ADD CONSTRAINT access_tokens_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.paired_devices(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ask_codes
    ADD CONSTRAINT ask_codes_ask_id_fkey FOREIGN KEY (ask_id) REFERENCES public.asks(id);

ALTER TABLE ONLY public.ask_codes
    ADD CONSTRAINT ask_codes_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.asks
    ADD CONSTRAINT asks_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.asks
    ADD CONSTRAINT asks_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id);

ALTER TABLE ONLY public.browser_sessions
    ADD CONSTRAINT browser_sessions_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.paired_devices(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.browser_sessions
    ADD CONSTRAINT browser_sessions_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.commands
    ADD CONSTRAINT commands_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_ask_id_fkey FOREIGN KEY (ask_id) REFERENCES public.asks(id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.device_logins
    ADD CONSTRAINT device_logins_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.inbound_texts
    ADD CONSTRAINT inbound_texts_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.monitored_events
    ADD CONSTRAINT monitored_events_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id);

ALTER TABLE ONLY public.monitored_sessions
    ADD CONSTRAINT monitored_sessions_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.monitored_sessions
    ADD CONSTRAINT monitored_sessions_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id);

ALTER TABLE ONLY public.paired_devices
    ADD CONSTRAINT paired_devices_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.passkey_challenges
    ADD CONSTRAINT passkey_challenges_ask_id_fkey FOREIGN KEY (ask_id) REFERENCES public.asks(id);

ALTER TABLE ONLY public.passkey_challenges
    ADD CONSTRAINT passkey_challenges_browser_session_id_fkey FOREIGN KEY (browser_session_id) REFERENCES public.browser_sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.session_budgets
    ADD CONSTRAINT session_budgets_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id);

ALTER TABLE ONLY public.session_tokens
    ADD CONSTRAINT session_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.sign_in_tickets
    ADD CONSTRAINT sign_in_tickets_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.sign_ins
    ADD CONSTRAINT sign_ins_device_login_id_fkey FOREIGN KEY (device_login_id) REFERENCES public.device_logins(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.transcript_entries
    ADD CONSTRAINT transcript_entries_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id);

ALTER TABLE ONLY public.usage
    ADD CONSTRAINT usage_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);

ALTER TABLE ONLY public.usage
    ADD CONSTRAINT usage_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id);

ALTER TABLE ONLY public.wrong_codes
    ADD CONSTRAINT wrong_codes_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);
