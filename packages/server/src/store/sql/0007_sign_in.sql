-- Signing in by phone: logins in progress, what limits them, and the devices that were paired.

create table device_logins (
  id uuid primary key,
  -- Keyed hashes of what the device polls with and of what a person types.
  device_code_hash text not null unique,
  user_code_hash text not null unique,
  device_name text not null,
  state text not null check (state in ('pending', 'approved', 'refused', 'done')),
  -- Who approved it.
  person_id uuid references people (id),
  -- Seconds the device has to leave between two polls; each one that comes sooner makes it longer.
  interval_s int not null,
  polled_at timestamptz,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index device_logins_old on device_logins (expires_at);

create table sign_ins (
  id uuid primary key,
  -- Keyed hash of the temp_token or setup_id by which its client names it.
  handle_hash text not null unique,
  phone_index text not null,
  phone_sealed text not null,
  -- False: answered like any other, but no text was sent and no code opens it.
  texted boolean not null,
  -- Keyed hash of the code and of this row's id; the key is outside the database.
  code_hash text not null,
  code_challenge text,
  -- The machine that this login is for, where that is not the one which asked.
  device_login_id uuid references device_logins (id) on delete cascade,
  tries int not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  -- Used, replaced by a newer code, or too old. Never taken back, whatever the clock does.
  ended_at timestamptz
);
create index sign_ins_of_phone on sign_ins (phone_index) where ended_at is null;
create index sign_ins_old on sign_ins (expires_at);

-- What was done lately under a limit, by keyed hash of the phone, address or number range. Moments in ms since 1970, ascending.
create table sign_in_windows (
  key text primary key,
  hits jsonb not null default '[]',
  forget_at timestamptz not null
);
create index sign_in_windows_old on sign_in_windows (forget_at);

-- One pairing. Its tokens follow one another; all of them end with it.
create table paired_devices (
  id uuid primary key,
  person_id uuid not null references people (id),
  name text not null,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  ended_at timestamptz,
  ended_reason text check (ended_reason in ('signed_out', 'revoked', 'reused', 'expired'))
);
create index paired_devices_of_person on paired_devices (person_id) where ended_at is null;

create table access_tokens (
  -- The signed token carries this id and nothing that it could be trusted for.
  id uuid primary key,
  device_id uuid not null references paired_devices (id) on delete cascade,
  scopes text[] not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  replaced_by uuid,
  replaced_at timestamptz,
  -- When it was first presented.
  used_at timestamptz
);
create index access_tokens_of_device on access_tokens (device_id);
