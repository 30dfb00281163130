-- Where markers are written: in a database of the backup's own, so that the application's schema knows nothing of it. A
-- restored server shows by its newest marker how much was lost, and by the others that it stopped where it was told to.
\set ON_ERROR_STOP on
select 'create database ' || quote_ident(:'marker_database')
where not exists (select from pg_database where datname = :'marker_database')
\gexec
select format('revoke all on database %I from public', :'marker_database')
\gexec
\connect :marker_database
set client_min_messages = warning;
create table if not exists marker (at timestamptz primary key default clock_timestamp());
