-- Which backups are due, given `pgbackrest info --output=json` as :info, the instant :now and the :hour (UTC) at which the
-- day's backup is made: a line each, `repository type`, the more urgent first. Nothing where none is.
--
-- Daily (repository 1): once since the last :hour, a full one if the newest full is from a week ago, else what differs
-- from it. Monthly (repository 2): full, once a calendar month; one that was missed is made up for.
with backup as (
  select b ->> 'type' as type, (b -> 'database' ->> 'repo-key')::int as repository,
    to_timestamp((b -> 'timestamp' ->> 'start')::bigint) at time zone 'UTC' as began
  from jsonb_array_elements(:'info'::jsonb) stanza, jsonb_array_elements(stanza -> 'backup') b
  -- A page with a wrong checksum was found in it: kept for people to look at, not to be relied on.
  where not coalesce((b ->> 'error')::boolean, false)
), clock as (
  select now, date_trunc('day', now - make_interval(hours => :hour)) + make_interval(hours => :hour) as today,
    date_trunc('month', now) as month
  from (select :'now'::timestamptz at time zone 'UTC' as now) as given
), daily as (
  select case
      -- A week less half a day: the hour of the one a week ago is not missed by minutes.
      when not exists (select from backup where repository = 1 and type = 'full' and began > now - interval '6 days 12 hours')
        then 'full'
      when not exists (select from backup where repository = 1 and began >= today) then 'diff'
    end as type
  from clock
), monthly as (
  select 'full' as type
  from clock
  where not exists (select from backup where repository = 2 and type = 'full' and began >= month)
)
select '1 ' || type from daily where type is not null
union all
select '2 ' || type from monthly;
