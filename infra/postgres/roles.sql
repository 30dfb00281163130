-- Roles, database and grants, as the superuser at the socket. Run at a start where they are not as the secrets say; may
-- be run again. infra/local/database.ts makes the same for an installation without containers.
\set ON_ERROR_STOP on
-- Passwords stand in these statements: they go to no log and no statistics.
set log_min_error_statement = panic;
set log_min_duration_statement = -1;
set log_statement = none;
set pg_stat_statements.track = none;
set client_min_messages = warning;

\set postgres_password `cat "${SECRETS:-/run/secrets}/postgres_password"`
\set owner_password `cat "${SECRETS:-/run/secrets}/owner_password"`
\set app_password `cat "${SECRETS:-/run/secrets}/app_password"`
\set replication_password `cat "${SECRETS:-/run/secrets}/replication_password"`
\set monitor_password `cat "${SECRETS:-/run/secrets}/monitor_password"`
\set pgbouncer_password `cat "${SECRETS:-/run/secrets}/pgbouncer_password"`

select format('create role %I', name)
from unnest(array['stayzr_owner', 'stayzr_app', 'stayzr_directory', 'stayzr_replication', 'stayzr_monitor', 'stayzr_pgbouncer']) name
where not exists (select from pg_roles where rolname = name)
\gexec
alter role postgres password :'postgres_password';
alter role stayzr_owner login nosuperuser nobypassrls nocreatedb nocreaterole noreplication password :'owner_password';
alter role stayzr_app login nosuperuser nobypassrls nocreatedb nocreaterole noreplication password :'app_password';
-- Looks up organisations by public codes for the runtime role; nobody logs in as it. The owner hands it its functions.
alter role stayzr_directory nologin nosuperuser nobypassrls;
grant stayzr_directory to stayzr_owner;
alter role stayzr_replication login nosuperuser nobypassrls nocreatedb nocreaterole replication password :'replication_password';
alter role stayzr_monitor login nosuperuser nobypassrls nocreatedb nocreaterole noreplication password :'monitor_password';
grant pg_monitor to stayzr_monitor;
alter role stayzr_pgbouncer login nosuperuser nobypassrls nocreatedb nocreaterole noreplication password :'pgbouncer_password';

-- The origin asks for the same at connecting (origin/platform/database.ts), which PgBouncer does not pass on: one
-- connection of its serves many clients.
alter role stayzr_app set statement_timeout = '10s';
alter role stayzr_app set lock_timeout = '5s';
alter role stayzr_app set idle_in_transaction_session_timeout = '15s';
-- A question of a monitor's is worth no more.
alter role stayzr_monitor set statement_timeout = '5s';

select 'create database stayzr owner stayzr_owner'
where not exists (select from pg_database where datname = 'stayzr')
\gexec
revoke all on database stayzr from public;
grant connect, temporary on database stayzr to stayzr_app;
grant connect on database stayzr to stayzr_monitor, stayzr_pgbouncer;
revoke all on database postgres from public;

\connect stayzr
-- \connect begins a new session, which knows nothing of the settings above; no password follows.
\set ON_ERROR_STOP on
set client_min_messages = warning;
create extension if not exists pg_stat_statements;

-- How PgBouncer checks who comes: it gets the verifier of the roles that may come through it, and of no other.
create schema if not exists pgbouncer;
revoke all on schema pgbouncer from public;
grant usage on schema pgbouncer to stayzr_pgbouncer;
create or replace function pgbouncer.get_auth(wanted text) returns table (username text, verifier text)
  language sql stable security definer set search_path = pg_catalog
  as $$
    select rolname::text, rolpassword
    from pg_authid
    where rolname = wanted and rolname in ('stayzr_app', 'stayzr_monitor') and rolcanlogin
  $$;
revoke all on function pgbouncer.get_auth(text) from public;
grant execute on function pgbouncer.get_auth(text) to stayzr_pgbouncer;
