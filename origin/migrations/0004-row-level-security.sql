-- A request sees one organisation's rows. The policy is forced, so that it binds the owner too; the runtime role owns
-- nothing and cannot bypass it. The sub-select makes the setting a constant of the query, read once.

do $$
declare
  name text;
begin
  for name in
    select c.relname
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy own_organisation on %I using (org_id = (select current_org())) with check (org_id = (select current_org()))',
      name);
  end loop;
end $$;

create policy directory on organisation for select to stayzr_directory using (true);
create policy directory on property for select to stayzr_directory using (true);
create policy directory on reservation for select to stayzr_directory using (true);

-- Ids alone, for jobs that go through every organisation in turn.
create function organisations_to_clean()
  returns table (org_id uuid)
  language sql stable security definer set search_path = pg_catalog, public
  as $$ select o.org_id from organisation o $$;

-- Only a role that may create here can be given a function; it keeps the function and loses the right.
grant create on schema public to stayzr_directory;
alter function organisation_by_code(text) owner to stayzr_directory;
alter function property_by_code(text) owner to stayzr_directory;
alter function listed_properties(integer) owner to stayzr_directory;
alter function reservation_by_reference(text) owner to stayzr_directory;
alter function organisations_to_clean() owner to stayzr_directory;
revoke create on schema public from stayzr_directory;
revoke execute on function
  organisation_by_code(text), property_by_code(text), listed_properties(integer), reservation_by_reference(text),
  organisations_to_clean() from public;
grant execute on function
  organisation_by_code(text), property_by_code(text), listed_properties(integer), reservation_by_reference(text),
  organisations_to_clean() to stayzr_app;

grant select, insert, update, delete on
  staff_account, staff_session, api_key, property, room_type, room, rate_plan,
  nightly_rate, restriction, room_type_night, outbox, reservation, reservation_night, receipt to stayzr_app;
-- An organisation is made by an operator, and what happened is not rewritten.
grant select on organisation to stayzr_app;
grant select, insert on audit to stayzr_app;
