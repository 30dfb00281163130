-- Hotels by where they are. City and country stand in the content; as columns of their own they can be grouped and
-- found without reading every hotel's description.

alter table property
  add column city text generated always as (content #>> '{address,city}') stored,
  add column country text generated always as (content #>> '{address,country}') stored;

-- Not one of its columns changes with a booking, so that the update of ari_version stays off the indexes (HOT).
create index property_listed_place on property (country, city, code) where listed;

grant select (city, country, ari_version) on property to stayzr_directory;

-- Where listed hotels are, and how many.
create function listed_places()
  returns table (city text, country text, properties bigint)
  language sql stable security definer set search_path = pg_catalog, public
  as $$
    select p.city, p.country, count(*)
    from property p
    where p.listed
    group by p.city, p.country
    order by p.city, p.country
  $$;

-- Codes and ARI versions of the listed hotels in some places, [{"city", "country"}], and how many there are in all.
create function listed_heads(places jsonb, most integer)
  returns table (code text, ari_version bigint, total bigint)
  language sql stable security definer set search_path = pg_catalog, public
  as $$
    select p.code, p.ari_version, count(*) over ()
    from jsonb_to_recordset(places) as place (city text, country text)
    join property p on p.country = place.country and p.city = place.city
    where p.listed
    order by p.code
    limit most
  $$;

grant create on schema public to stayzr_directory;
alter function listed_places() owner to stayzr_directory;
alter function listed_heads(jsonb, integer) owner to stayzr_directory;
revoke create on schema public from stayzr_directory;
revoke execute on function listed_places(), listed_heads(jsonb, integer) from public;
grant execute on function listed_places(), listed_heads(jsonb, integer) to stayzr_app;
