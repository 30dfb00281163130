-- Organisations, who works for them, and the properties they sell.
--
-- Every table begins its keys with org_id, so that the schema can be spread by organisation. Row-level security is forced
-- on every table: the runtime role stayzr_app sees the rows of the organisation that the transaction names, and no others.

-- The organisation of this transaction; null, which matches nothing, where none is set.
create function current_org() returns uuid
  language sql stable parallel safe
  as $$ select nullif(current_setting('app.org_id', true), '')::uuid $$;

create table organisation (
  org_id uuid primary key,
  code text not null unique,
  name text not null,
  created_at timestamptz not null default now()
);

create table staff_account (
  org_id uuid not null references organisation,
  staff_id uuid not null,
  email text not null,
  password_hash text not null,
  permissions text[] not null,
  created_at timestamptz not null default now(),
  primary key (org_id, staff_id),
  unique (org_id, email),
  check (email = lower(email))
);

create table staff_session (
  org_id uuid not null,
  token_hash bytea not null,
  staff_id uuid not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  primary key (org_id, token_hash),
  foreign key (org_id, staff_id) references staff_account on delete cascade
);

create table api_key (
  org_id uuid not null references organisation,
  token_hash bytea not null,
  name text not null,
  permissions text[] not null,
  created_at timestamptz not null default now(),
  primary key (org_id, token_hash)
);

create table property (
  org_id uuid not null references organisation,
  property_id uuid not null,
  -- Stands in public addresses, so it is unique over all organisations.
  code text not null unique,
  listed boolean not null,
  -- The property's part of PropertyContent; room types and rate plans have tables of their own.
  content jsonb not null,
  -- Rises with any change to content, room types or rate plans; processes keep the assembled content by it.
  content_version bigint not null default 1,
  -- Rises with every change to ARI, in the transaction that makes it.
  ari_version bigint not null default 1,
  first_night date not null,
  last_night date not null,
  created_at timestamptz not null default now(),
  primary key (org_id, property_id),
  check (last_night >= first_night)
)
-- The row is updated with every booking: room on the page keeps the update off the indexes (HOT).
with (fillfactor = 50);

create table room_type (
  org_id uuid not null,
  property_id uuid not null,
  room_type text not null,
  position integer not null,
  content jsonb not null,
  primary key (org_id, property_id, room_type),
  foreign key (org_id, property_id) references property
);

create table room (
  org_id uuid not null,
  property_id uuid not null,
  room_number text not null,
  room_type text not null,
  primary key (org_id, property_id, room_number),
  foreign key (org_id, property_id, room_type) references room_type
);

create table rate_plan (
  org_id uuid not null,
  property_id uuid not null,
  rate_plan text not null,
  position integer not null,
  -- The base plan a derived plan is priced from.
  parent_rate_plan text,
  content jsonb not null,
  primary key (org_id, property_id, rate_plan),
  foreign key (org_id, property_id) references property,
  foreign key (org_id, property_id, parent_rate_plan) references rate_plan
);

-- What is found before the organisation is known: by a public code, never a list of rows. The functions run as
-- stayzr_directory, which may read these columns of every organisation and nothing else.
grant usage on schema public to stayzr_directory, stayzr_app;
grant select (org_id, code) on organisation to stayzr_directory;
grant select (org_id, property_id, code, listed, content) on property to stayzr_directory;

create function organisation_by_code(wanted text)
  returns table (org_id uuid)
  language sql stable security definer set search_path = pg_catalog, public
  as $$ select o.org_id from organisation o where o.code = wanted $$;

create function property_by_code(wanted text)
  returns table (org_id uuid, property_id uuid)
  language sql stable security definer set search_path = pg_catalog, public
  as $$ select p.org_id, p.property_id from property p where p.code = wanted $$;

create function listed_properties(most integer)
  returns table (code text, content jsonb)
  language sql stable security definer set search_path = pg_catalog, public
  as $$ select p.code, p.content from property p where p.listed order by p.content ->> 'name', p.code limit most $$;
