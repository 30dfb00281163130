# shellcheck shell=sh
# What the backup's scripts share; sourced, never run. `me` is the name that their messages begin with.
# Everything may be set from outside, so that the same scripts work in a container and on a developer's machine.

: "${me:=backup}"
SECRETS=${SECRETS:-/run/secrets}
# Where this folder is; a container has it mounted here.
BACKUP_HOME=${BACKUP_HOME:-/opt/stayzr/infra/backup}
# pgBackRest's settings, with keys in them: on a tmpfs, written at start.
BACKUP_CONFIG=${BACKUP_CONFIG:-/tmp/pgbackrest.conf}
BACKUP_STANZA=${BACKUP_STANZA:-stayzr}
# What happened last, and metrics for node-exporter's textfile collector.
BACKUP_STATE=${BACKUP_STATE:-/var/lib/stayzr/metrics}
BACKUP_DATABASE=${BACKUP_DATABASE:-stayzr}
# Of the backup itself, in the same cluster: holds markers and nothing else.
MARKER_DATABASE=${MARKER_DATABASE:-stayzr_backup}

say() {
  printf '%s: %s\n' "$me" "$*" >&2
}

fail() {
  say "$*"
  exit 1
}

# One value, or nothing where the server does not answer. Never waits long: a question of the backup's is worth seconds.
ask() { # DATABASE STATEMENT
  PGCONNECT_TIMEOUT=5 psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --dbname="$1" --command="$2" 2>/dev/null
}

pgbackrest_with_settings() { # COMMAND AND OPTIONS
  pgbackrest --config="$BACKUP_CONFIG" --stanza="$BACKUP_STANZA" "$@"
}

# Written whole or not at all: a collector may read at any moment.
write_file() { # FILE (text on standard input)
  cat >"$1.new.$$"
  chmod 644 "$1.new.$$"
  mv "$1.new.$$" "$1"
}
