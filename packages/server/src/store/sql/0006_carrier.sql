-- What must be known of a text that a real carrier has, or may have.

-- A text is what the carrier is handed: one delivery, or several asks that share it. text_id is the id of one of its deliveries and
-- stands in the address of the carrier's reports, so that a report is understood before the carrier's own id is known.
alter table deliveries
  add column text_id uuid,
  -- When the carrier was called with it.
  add column handed_at timestamptz,
  -- What the carrier was called with, sealed. The body is removed when the carrier has it, the number when the delivery ends.
  add column handed_body_sealed text,
  add column handed_to_sealed text,
  -- When the carrier is asked where the text stands, unless it reports before; null: nothing is left to ask.
  add column check_at timestamptz,
  -- How often it was asked, or could not be.
  add column checks int not null default 0,
  -- How often the same thing was sent before and got lost behind the carrier.
  add column retries int not null default 0;
create index deliveries_of_text on deliveries (text_id) where text_id is not null;
create index deliveries_to_check on deliveries (check_at) where state = 'sent' and check_at is not null;
-- One text a person is with the carrier at a time; see claimDueDeliveries.
create index deliveries_on_their_way on deliveries (person_id) where state = 'sending' or lease_until is not null;

-- Settings of a channel that are secrets and change at run time, sealed.
create table channels (
  id text primary key,
  config_sealed text not null,
  updated_at timestamptz not null
);

-- Texts from numbers that belong to nobody here: they do nothing, but an owner who mistyped a number must be able to see why.
create table unknown_senders (
  phone_masked text primary key,
  texts bigint not null,
  last_at timestamptz not null
);

-- Texts that were confirmed to the carrier and not acted on yet: number, words and all, sealed.
create table inbox (
  position bigint generated always as identity primary key,
  carrier_id text not null unique,
  sealed text not null
);
