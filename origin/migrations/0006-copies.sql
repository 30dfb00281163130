-- Which listed property is at which version, for the job that keeps copies of their snapshots in object storage.

grant select (ari_version) on property to stayzr_directory;

create function listed_versions()
  returns table (code text, ari_version bigint)
  language sql stable security definer set search_path = pg_catalog, public
  as $$ select p.code, p.ari_version from property p where p.listed order by p.code $$;

grant create on schema public to stayzr_directory;
alter function listed_versions() owner to stayzr_directory;
revoke create on schema public from stayzr_directory;
revoke execute on function listed_versions() from public;
grant execute on function listed_versions() to stayzr_app;
