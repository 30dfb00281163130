-- The ARI versions of properties by their public codes, over all organisations: what edges ask once a second, for all the
-- properties that their guests look at.

create function property_heads(codes text[])
  returns table (code text, ari_version bigint)
  language sql stable security definer set search_path = pg_catalog, public
  as $$ select p.code, p.ari_version from property p where p.code = any(codes) $$;

grant create on schema public to stayzr_directory;
alter function property_heads(text[]) owner to stayzr_directory;
revoke create on schema public from stayzr_directory;
revoke execute on function property_heads(text[]) from public;
grant execute on function property_heads(text[]) to stayzr_app;
