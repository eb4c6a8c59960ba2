-- Signed-in screens: links to open one, the sessions of browsers, passkeys, and the challenges passkeys sign.

-- A sign-in link. Only a hash of its secret is kept; it opens one browser session, once.
create table sign_in_tickets (
  hash text primary key,
  person_id uuid not null references people (id),
  expires_at timestamptz not null
);

create table browser_sessions (
  id uuid primary key,
  -- SHA-256 of the cookie.
  secret_hash text not null unique,
  person_id uuid not null references people (id),
  -- proven: opened with the owner's token or a link made with it. claimed: opened with a code that was sent by text.
  strength text not null check (strength in ('proven', 'claimed')),
  -- The paired device whose token opened it; it ends with that device.
  device_id uuid references paired_devices (id) on delete cascade,
  -- Of the browser, for telling one from another.
  label text not null,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index browser_sessions_of_person on browser_sessions (person_id) where ended_at is null;
create index browser_sessions_of_device on browser_sessions (device_id) where device_id is not null;

create table passkeys (
  -- The credential id, base64url.
  id text primary key,
  person_id uuid not null references people (id),
  -- COSE, base64url.
  public_key text not null,
  counter bigint not null,
  transports jsonb not null default '[]',
  name text not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index passkeys_of_person on passkeys (person_id);

-- What a passkey was asked to sign; used once. With an ask: it is good for that ask, as its hash shows it, and that answer.
create table passkey_challenges (
  challenge text primary key,
  browser_session_id uuid not null references browser_sessions (id) on delete cascade,
  ask_id uuid references asks (id),
  ask_hash text,
  apply_suggestions boolean not null default false,
  expires_at timestamptz not null
);
