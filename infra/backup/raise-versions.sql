-- After a restore, before anybody is let in: raises the versions of every property above whatever was given out in what is
-- lost. An edge never goes back to a lower version, so it would go on selling from what it has; and a version that comes
-- around a second time with other changes would be taken for the first. By :seconds lost times 1,000 (one property's
-- changes run one at a time, some 400 a second at most) and a million. Every edge and every copy then takes a new
-- snapshot, since changes between the two are not there. Versions may be as large as 2^53, so this may be done often.
\set ON_ERROR_STOP on
begin;
update property
set ari_version = ari_version + 1000000 + 1000 * ceil(:seconds)::bigint,
  content_version = content_version + 1000000 + 1000 * ceil(:seconds)::bigint;
commit;
-- What waits to be told to others under a version from before stays as it is.
select count(*) from property;
