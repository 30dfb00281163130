/** Dashboards of what it all stands on: PostgreSQL, Redis, the machine. */
import { type Dashboard, DISKS, graph, number, quantile, share } from './panels.ts'

export const storeDashboards: Dashboard[] = [
  {
    uid: 'stayzr-postgresql',
    title: 'Stayzr: PostgreSQL',
    panels: [
      number('Primary', 'short', '1: it answers', 'max(pg_up{server="postgres"})'),
      number(
        'Replica is behind',
        's',
        'Reports are that old',
        'max(pg_replication_lag_seconds{server="postgres-replica"})',
        60,
      ),
      number(
        'WAL not archived for',
        's',
        'What would be lost; a minute is aimed at',
        'max(stayzr_wal_archive_lag_seconds)',
        300,
      ),
      number('Backup is', 's', 'old; daily', 'max(stayzr_backup_age_seconds{repository="daily"})', 93_600),
      graph(
        'Transactions',
        'ops',
        'Of the database stayzr',
        [
          'sum by (server) (rate(pg_stat_database_xact_commit{datname="stayzr"}[$__rate_interval]))',
          'committed {{server}}',
        ],
        [
          'sum by (server) (rate(pg_stat_database_xact_rollback{datname="stayzr"}[$__rate_interval]))',
          'rolled back {{server}}',
        ],
      ),
      graph(
        'Connections',
        'short',
        '60 of PgBouncer, and a few',
        ['sum by (server, state) (pg_stat_activity_count)', '{{server}} {{state}}'],
        ['max by (server) (pg_settings_max_connections)', 'at most {{server}}'],
      ),
      graph('Longest transaction', 's', 'Vacuum waits for it', [
        'max by (server, state) (pg_stat_activity_max_tx_duration)',
        '{{server}} {{state}}',
      ]),
      graph('Found in memory', 'percentunit', 'Above 99 % while what is sold fits', [
        share(
          'sum by (server) (rate(pg_stat_database_blks_hit{datname="stayzr"}[$__rate_interval]))',
          'sum by (server) (rate(pg_stat_database_blks_hit{datname="stayzr"}[$__rate_interval]) + rate(pg_stat_database_blks_read{datname="stayzr"}[$__rate_interval]))',
        ),
        '{{server}}',
      ]),
      graph(
        'Rows',
        'ops',
        'Written',
        ['sum(rate(pg_stat_database_tup_inserted{datname="stayzr", server="postgres"}[$__rate_interval]))', 'inserted'],
        ['sum(rate(pg_stat_database_tup_updated{datname="stayzr", server="postgres"}[$__rate_interval]))', 'updated'],
        ['sum(rate(pg_stat_database_tup_deleted{datname="stayzr", server="postgres"}[$__rate_interval]))', 'deleted'],
      ),
      graph('Locks', 'short', 'Held, by kind', [
        'sum by (mode) (pg_locks_count{datname="stayzr", server="postgres"})',
        '{{mode}}',
      ]),
      graph('Deadlocks', 'ops', 'Run again by the origin; must stay rare', [
        'sum(rate(pg_stat_database_deadlocks{datname="stayzr"}[$__rate_interval]))',
        'deadlocks',
      ]),
      graph(
        'Size',
        'bytes',
        'With what is kept for the replica and the archive',
        ['sum by (server) (pg_database_size_bytes{datname="stayzr"})', 'stayzr {{server}}'],
        ['sum by (server) (pg_wal_size_bytes)', 'WAL {{server}}'],
      ),
      graph('Kept for the replica', 'bytes', 'WAL its slot has not read', [
        'pg_replication_slots_pg_wal_lsn_diff',
        '{{slot_name}}',
      ]),
      graph('Files for sorting', 'Bps', 'Work that did not fit in work_mem', [
        'sum by (server) (rate(pg_stat_database_temp_bytes{datname="stayzr"}[$__rate_interval]))',
        '{{server}}',
      ]),
    ],
  },
  {
    uid: 'stayzr-redis',
    title: 'Stayzr: Redis',
    panels: [
      number('Servers', 'short', 'Two: one leads', 'sum(redis_up)'),
      number('Replicas of the leader', 'short', '1: it could be taken over', 'max(redis_connected_slaves)'),
      graph('Who leads', 'short', 'Changes with a failover', [
        'count by (instance) (redis_instance_info{role="master"})',
        '{{instance}}',
      ]),
      graph('Commands', 'ops', 'Served', ['rate(redis_commands_processed_total[$__rate_interval])', '{{instance}}']),
      graph('Time a command', 's', 'In the server', [
        'rate(redis_commands_duration_seconds_total[$__rate_interval]) / (rate(redis_commands_total[$__rate_interval]) > 0)',
        '{{instance}} {{cmd}}',
      ]),
      graph('Seen from the origin', 's', 'p95, with the way there', [
        quantile(0.95, 'stayzr_dependency_seconds_bucket{dependency="redis"}', 'operation, le'),
        '{{operation}}',
      ]),
      graph(
        'Memory',
        'bytes',
        'At most 80 % of the container’s',
        ['redis_memory_used_bytes', 'used {{instance}}'],
        ['redis_memory_max_bytes', 'at most {{instance}}'],
      ),
      graph(
        'Hits and misses',
        'ops',
        'Reads that found a key, and that found none. Counting attempts only writes, so both may be 0',
        ['rate(redis_keyspace_hits_total[$__rate_interval])', 'hits {{instance}}'],
        ['rate(redis_keyspace_misses_total[$__rate_interval])', 'misses {{instance}}'],
      ),
      graph('Thrown away', 'ops', 'For want of memory; must be 0', [
        'rate(redis_evicted_keys_total[$__rate_interval])',
        '{{instance}}',
      ]),
      graph('Connections', 'short', 'Origins, sentinels, the exporter', ['redis_connected_clients', '{{instance}}']),
      graph('Errors at the origin', 'ops', 'Redis and storage', [
        'sum by (dependency) (rate(stayzr_dependency_errors_total[$__rate_interval]))',
        '{{dependency}}',
      ]),
    ],
  },
  {
    uid: 'stayzr-host',
    title: 'Stayzr: host',
    panels: [
      graph('Processors', 'percentunit', 'Busy', [
        '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval]))',
        '{{instance}}',
      ]),
      graph('Load', 'short', 'Above the number of processors, work waits', ['node_load5', '{{instance}}']),
      graph(
        'Memory',
        'bytes',
        'What could still be had',
        ['node_memory_MemAvailable_bytes', 'available {{instance}}'],
        ['node_memory_MemTotal_bytes', 'in all {{instance}}'],
      ),
      graph('Disks', 'percentunit', 'Left', [
        `node_filesystem_avail_bytes{${DISKS}} / node_filesystem_size_bytes{${DISKS}}`,
        '{{instance}} {{mountpoint}}',
      ]),
      graph('Disks busy', 'percentunit', 'Of the time', [
        'rate(node_disk_io_time_seconds_total[$__rate_interval])',
        '{{instance}} {{device}}',
      ]),
      graph(
        'Network',
        'Bps',
        'Out and in',
        [
          'sum by (instance) (rate(node_network_transmit_bytes_total{device!="lo"}[$__rate_interval]))',
          'out {{instance}}',
        ],
        [
          'sum by (instance) (rate(node_network_receive_bytes_total{device!="lo"}[$__rate_interval]))',
          'in {{instance}}',
        ],
      ),
      graph('Certificates', 's', 'Good for so long', ['probe_ssl_earliest_cert_expiry - time()', '{{instance}}']),
      graph('The way in', 's', 'As a guest’s program comes: TLS, nginx, origin', [
        'probe_duration_seconds{job="site"}',
        '{{instance}}',
      ]),
      graph('Clock', 's', 'Off by', ['node_timex_offset_seconds', '{{instance}}']),
      graph('Who is watched', 'short', '1: it answers Prometheus', ['up', '{{job}} {{instance}}']),
    ],
  },
]
