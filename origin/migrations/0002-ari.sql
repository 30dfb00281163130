-- Availability, rates and inventory, one row a night.

create table nightly_rate (
  org_id uuid not null,
  property_id uuid not null,
  rate_plan text not null,
  room_type text not null,
  night date not null,
  amount bigint not null check (amount >= 0),
  primary key (org_id, property_id, rate_plan, room_type, night),
  foreign key (org_id, property_id, rate_plan) references rate_plan,
  foreign key (org_id, property_id, room_type) references room_type
);

create table restriction (
  org_id uuid not null,
  property_id uuid not null,
  rate_plan text not null,
  room_type text not null,
  night date not null,
  min_stay_arrival smallint check (min_stay_arrival between 1 and 250),
  min_stay_through smallint check (min_stay_through between 1 and 250),
  max_stay smallint check (max_stay between 1 and 250),
  closed_to_arrival boolean not null default false,
  closed_to_departure boolean not null default false,
  closed boolean not null default false,
  primary key (org_id, property_id, rate_plan, room_type, night),
  foreign key (org_id, property_id, rate_plan) references rate_plan,
  foreign key (org_id, property_id, room_type) references room_type
);

create table room_type_night (
  org_id uuid not null,
  property_id uuid not null,
  room_type text not null,
  night date not null,
  physical integer not null check (physical >= 0),
  out_of_order integer not null default 0 check (out_of_order >= 0),
  blocked integer not null default 0 check (blocked >= 0),
  sold integer not null default 0 check (sold >= 0),
  held integer not null default 0 check (held >= 0),
  overbook_limit integer not null default 0 check (overbook_limit >= 0),
  sell_limit integer check (sell_limit >= 0),
  -- What may still be sold; the one place this sum is written. sell_limit caps the rooms sold in the ordinary way.
  available integer not null generated always as (
    greatest(0, least(
      physical - out_of_order + overbook_limit - sold - held - blocked,
      coalesce(sell_limit, 2147483647) - sold - held))
  ) stored,
  primary key (org_id, property_id, room_type, night),
  foreign key (org_id, property_id, room_type) references room_type,
  -- Nights sold never exceed nights sellable, whatever the interleaving.
  constraint never_oversold check (sold + held + blocked <= physical - out_of_order + overbook_limit)
)
-- Updated by every booking: room on the page for new row versions, and no index on what changes, keeps updates HOT.
with (fillfactor = 70);

-- What must happen outside the transaction, and what changed in ARI by version: the deltas of the edge are read from here.
create table outbox (
  org_id uuid not null,
  outbox_id bigint generated always as identity,
  property_id uuid not null,
  kind text not null,
  ari_version bigint,
  payload jsonb not null,
  created_at timestamptz not null default now(),
  published_at timestamptz,
  -- No foreign key to property: its check would lock the row that every booking of the property is about to update.
  primary key (org_id, outbox_id)
);
create index outbox_ari_changes on outbox (org_id, property_id, ari_version) where ari_version is not null;
create index outbox_unpublished on outbox (created_at) where published_at is null;
