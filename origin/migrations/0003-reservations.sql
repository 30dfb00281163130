-- What was sold, under which terms; receipts of writes; who did what.

create table reservation (
  org_id uuid not null,
  reservation_id uuid not null,
  property_id uuid not null,
  -- Public, and found before the organisation is known, so it is unique over all organisations.
  reference text not null unique check (reference ~ '^[0-9A-HJKMNP-TV-Z]{10}$'),
  status text not null check (status in ('hold', 'confirmed', 'inHouse', 'checkedOut', 'cancelled', 'noShow')),
  room_type text not null,
  rate_plan text not null,
  arrival date not null,
  departure date not null,
  adults smallint not null check (adults >= 1),
  child_ages smallint[] not null,
  first_name text not null,
  last_name text not null,
  email text not null,
  phone text,
  requests text,
  currency text not null,
  total bigint not null check (total >= 0),
  taxes jsonb not null,
  -- The policy as it held for this stay when it was sold: free until, and the penalty in minor units.
  cancellation jsonb not null,
  channel text not null,
  booked_at timestamptz not null default now(),
  cancelled_at timestamptz,
  cancellation_fee bigint,
  primary key (org_id, reservation_id),
  foreign key (org_id, property_id, room_type) references room_type,
  foreign key (org_id, property_id, rate_plan) references rate_plan,
  check (departure > arrival),
  check ((status = 'cancelled') = (cancelled_at is not null)),
  check ((cancelled_at is null) = (cancellation_fee is null))
)
with (fillfactor = 85);
-- Only the primary key begins with org_id. The check of a foreign key keeps the plan it made while the table was empty,
-- when all indexes cost the same; with another one of these it read every reservation of the organisation, each night.
create index reservation_by_stay on reservation (property_id, room_type, arrival);

create table reservation_night (
  org_id uuid not null,
  reservation_id uuid not null,
  night date not null,
  amount bigint not null check (amount >= 0),
  primary key (org_id, reservation_id, night),
  foreign key (org_id, reservation_id) references reservation
);

-- One row a write that was acknowledged, stored in the transaction that did it.
-- Neither this table nor audit refers to organisation: the check would lock one row for every write of an organisation.
create table receipt (
  org_id uuid not null,
  -- SHA-256 over route, actor and Idempotency-Key.
  key_hash bytea not null,
  -- SHA-256 over what was asked.
  request_hash bytea not null,
  -- json, not jsonb: read back to the letter as it was answered.
  answer json not null,
  -- Belongs to the answer of a write that changed ARI.
  ari_version bigint,
  created_at timestamptz not null default now(),
  primary key (org_id, key_hash)
);
create index receipt_age on receipt (created_at);

create table audit (
  org_id uuid not null,
  audit_id bigint generated always as identity,
  at timestamptz not null default now(),
  -- guest, staff:<id> or api-key:<name>
  actor text not null,
  action text not null,
  subject text not null,
  request_id text not null,
  details jsonb not null,
  primary key (org_id, audit_id)
);

grant select (org_id, reference) on reservation to stayzr_directory;

create function reservation_by_reference(wanted text)
  returns table (org_id uuid)
  language sql stable security definer set search_path = pg_catalog, public
  as $$ select r.org_id from reservation r where r.reference = wanted $$;
