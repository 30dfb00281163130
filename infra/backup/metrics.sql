-- Metrics of the repositories, given `pgbackrest info --output=json` as :info and the instant :now in Unix seconds.
with repository (number, name) as (values (1, 'daily'), (2, 'monthly')), backup as (
  select (b -> 'database' ->> 'repo-key')::int as number, (b -> 'timestamp' ->> 'stop')::bigint as finished,
    (b -> 'info' ->> 'size')::bigint as bytes, (b -> 'info' -> 'repository' ->> 'delta')::bigint as stored
  from jsonb_array_elements(:'info'::jsonb) stanza, jsonb_array_elements(stanza -> 'backup') b
  where not coalesce((b ->> 'error')::boolean, false)
), newest as (
  select distinct on (number) number, finished, bytes
  from backup
  order by number, finished desc
), line (place, text) as (
  select 1, '# HELP stayzr_backup_age_seconds Since the newest whole backup of the repository was finished; +Inf where there is none.'
  union all select 2, '# TYPE stayzr_backup_age_seconds gauge'
  union all select 3, format('stayzr_backup_age_seconds{repository="%s"} %s', r.name, coalesce((:now - n.finished)::text, '+Inf'))
    from repository r left join newest n using (number)
  union all select 4, '# HELP stayzr_backup_size_bytes Size of the database at the newest backup.'
  union all select 5, '# TYPE stayzr_backup_size_bytes gauge'
  union all select 6, format('stayzr_backup_size_bytes{repository="%s"} %s', r.name, n.bytes) from newest n join repository r using (number)
  union all select 7, '# HELP stayzr_backup_count Whole backups in the repository.'
  union all select 8, '# TYPE stayzr_backup_count gauge'
  union all select 9, format('stayzr_backup_count{repository="%s"} %s', r.name, (select count(*) from backup b where b.number = r.number)) from repository r
)
select text from line order by place, text;
