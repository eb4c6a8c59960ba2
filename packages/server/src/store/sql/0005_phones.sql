-- Phone numbers: one sealed column a person, and what the outbox needs to text people who have no account yet.

-- The number itself is only in phone_sealed, under a key that is kept outside the database. phone_index is a keyed hash of it, for
-- finding a person by number; phone_masked is what people and logs are shown.
alter table people
  add column phone_sealed text,
  add column phone_index text,
  add column phone_masked text,
  -- The carrier refuses texts to this number: its owner texted STOP.
  add column opted_out_at timestamptz;
create unique index people_phone on people (phone_index) where phone_index is not null;

-- notice: one sentence to be told, not answered. code: a code for signing in.
alter table deliveries drop constraint deliveries_purpose_check;
alter table deliveries add constraint deliveries_purpose_check check (purpose in ('ask', 'reply', 'notice', 'code'));
alter table deliveries alter column person_id drop not null;
alter table deliveries
  -- What a notice or a code says, sealed; removed when the delivery ends.
  add column body_sealed text,
  -- A number that belongs to nobody yet, sealed; removed when the delivery ends.
  add column to_sealed text,
  -- Not sent after this moment.
  add column expires_at timestamptz;

-- Which phone of several; null: the owner's.
alter table simulated_texts add column phone_index text;

-- Folding. A text whose moment has come (wanted_at) may wait until due_at for others to join it. It goes earlier, from release_at on,
-- when none of the person's sessions is running: then nothing can join it.
alter table deliveries
  add column wanted_at timestamptz,
  add column release_at timestamptz;
