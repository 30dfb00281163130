/**
 * The dashboards as they are meant: what is asked, in which unit, and why one would look. `node infra/grafana/make-dashboards.ts`
 * writes the JSON that Grafana reads (then `npx biome check --write infra/grafana`); a test keeps the two in step, and asks every query of promtool.
 */
import * as fs from 'node:fs'
import * as path from 'node:path'

type Unit = 's' | 'reqps' | 'ops' | 'percentunit' | 'bytes' | 'Bps' | 'short' | 'dateTimeFromNow'

interface Query {
  expr: string
  legend: string
}

interface Panel {
  title: string
  /** Shown at the panel: what it means, or what is normal. */
  why: string
  unit: Unit
  queries: Query[]
  /** One number instead of a course. */
  stat?: boolean
  /** Above this it is red. */
  redAbove?: number
}

interface Dashboard {
  uid: string
  title: string
  panels: Panel[]
}

const graph = (title: string, unit: Unit, why: string, ...queries: [expr: string, legend: string][]): Panel => ({
  title,
  unit,
  why,
  queries: queries.map(([expr, legend]) => ({ expr, legend })),
})

const number = (title: string, unit: Unit, why: string, expr: string, redAbove?: number): Panel => ({
  ...graph(title, unit, why, [expr, '']),
  stat: true,
  ...(redAbove === undefined ? {} : { redAbove }),
})

const requests = 'stayzr_http_request_seconds'
const matched = 'route!~"unmatched|/metrics|/health.*"'
const quantile = (share: number, bucket: string, by = 'le') =>
  `histogram_quantile(${share}, sum by (${by}) (rate(${bucket}[$__rate_interval])))`
const share = (part: string, whole: string) => `${part} / (${whole} > 0)`
const DISKS = 'fstype!~"tmpfs|overlay|squashfs|ramfs"'

export const dashboards: Dashboard[] = [
  {
    uid: 'stayzr-service',
    title: 'Stayzr: service',
    panels: [
      number('Instances', 'short', 'Origins that answer', 'sum(up{job="app"})'),
      number('Failing', 'percentunit', 'Of all requests, in 5 minutes', 'stayzr:http_errors:share5m', 0.0144),
      number('Oversold nights', 'short', 'Must be 0', 'max(stayzr_recount_oversold_nights)', 0.5),
      number('Drifting nights', 'short', 'Must be 0', 'max(stayzr_recount_drift_nights)', 0.5),
      graph('Requests', 'reqps', 'By route; the edge answers searches, so few of them come here', [
        `sum by (route, method) (rate(${requests}_count{${matched}}[$__rate_interval]))`,
        '{{method}} {{route}}',
      ]),
      graph(
        'Errors',
        'reqps',
        'Ours: 5xx, and what is refused for want of capacity',
        [`sum by (route, status) (rate(${requests}_count{status=~"5.."}[$__rate_interval]))`, '{{status}} {{route}}'],
        ['sum by (reason) (rate(stayzr_http_shed_total[$__rate_interval]))', 'refused: {{reason}}'],
      ),
      graph(
        'Time to answer',
        's',
        'At the origin, all routes',
        [quantile(0.5, `${requests}_bucket{${matched}}`), 'p50'],
        [quantile(0.95, `${requests}_bucket{${matched}}`), 'p95'],
        [quantile(0.99, `${requests}_bucket{${matched}}`), 'p99'],
      ),
      graph('Slowest routes', 's', 'p99', [
        `topk(8, ${quantile(0.99, `${requests}_bucket{${matched}}`, 'route, le')})`,
        '{{route}}',
      ]),
      graph('In flight', 'short', 'Requests being answered now', ['stayzr_http_in_flight', '{{instance}}']),
      graph(
        'Pool of connections',
        'short',
        'Waiting for long means slow for everybody',
        ['sum by (instance) (stayzr_db_pool_in_use)', 'in use {{instance}}'],
        ['sum by (instance) (stayzr_db_pool_waiting)', 'waiting {{instance}}'],
        ['min(stayzr_db_pool_connections_max)', 'at most'],
      ),
      graph(
        'Wait for a connection',
        's',
        'Until the transaction has begun',
        [quantile(0.5, 'stayzr_db_pool_wait_seconds_bucket'), 'p50'],
        [quantile(0.95, 'stayzr_db_pool_wait_seconds_bucket'), 'p95'],
      ),
      graph('Redis and storage', 's', 'p95 of calls; no booking waits for either', [
        quantile(0.95, 'stayzr_dependency_seconds_bucket', 'dependency, operation, le'),
        '{{dependency}} {{operation}}',
      ]),
      graph('Event loop', 's', 'How long everything is held up at a time, p99', [
        'nodejs_eventloop_lag_p99_seconds{job="app"}',
        '{{instance}}',
      ]),
      graph('Memory', 'bytes', 'Of 4 GiB', ['process_resident_memory_bytes{job="app"}', '{{instance}}']),
      graph('Processor', 'short', 'In processors; one is JavaScript’s', [
        'rate(process_cpu_seconds_total{job="app"}[$__rate_interval])',
        '{{instance}}',
      ]),
      graph('What runs', 'short', 'Versions; two at once during a release', [
        'count by (version, runtime) (stayzr_build_info)',
        '{{version}} on {{runtime}}',
      ]),
      graph('Outbox', 's', 'How long the oldest event has waited to be sent', [
        'max(stayzr_outbox_lag_seconds)',
        'oldest',
      ]),
      graph('Alerts', 'short', 'What fires now', [
        'sum by (alertname, severity) (ALERTS{alertstate="firing"})',
        '{{severity}}: {{alertname}}',
      ]),
    ],
  },
  {
    uid: 'stayzr-bookings',
    title: 'Stayzr: bookings',
    panels: [
      number('Rooms sold tonight', 'short', 'Over all properties', 'sum(stayzr_rooms_sold)'),
      number(
        'Occupancy tonight',
        'percentunit',
        'Rooms sold of rooms there are',
        share('sum(stayzr_rooms_sold)', 'sum(stayzr_rooms_sellable)'),
      ),
      number('Arrivals today', 'short', 'Over all properties', 'sum(stayzr_arrivals)'),
      number('Departures today', 'short', 'Over all properties', 'sum(stayzr_departures)'),
      graph(
        'From search to booking',
        'ops',
        'Searches are counted by edges on Node and Deno; on Cloudflare by its own analytics',
        ['sum(rate(stayzr_edge_searches_total[$__rate_interval]))', 'searched'],
        ['sum(rate(stayzr_bookings_total[$__rate_interval]))', 'attempted'],
        ['sum(rate(stayzr_bookings_total{outcome="confirmed"}[$__rate_interval]))', 'booked'],
        ['sum(rate(stayzr_cancellations_total{outcome="cancelled"}[$__rate_interval]))', 'cancelled'],
      ),
      graph('Why bookings are refused', 'ops', 'sold-out and price-changed are everyday', [
        'sum by (outcome) (rate(stayzr_bookings_total{outcome!="confirmed"}[$__rate_interval]))',
        '{{outcome}}',
      ]),
      graph('Booked of attempted', 'percentunit', 'Falls when prices or rooms at the edge are old', [
        share(
          'sum(rate(stayzr_bookings_total{outcome="confirmed"}[$__rate_interval]))',
          'sum(rate(stayzr_bookings_total[$__rate_interval]))',
        ),
        'booked',
      ]),
      graph(
        'Time to book',
        's',
        'At the origin, with COMMIT',
        [quantile(0.5, `${requests}_bucket{route="/api/v1/properties/:property/reservations", method="POST"}`), 'p50'],
        [quantile(0.99, `${requests}_bucket{route="/api/v1/properties/:property/reservations", method="POST"}`), 'p99'],
      ),
      graph('Occupancy by property', 'percentunit', 'Tonight; beyond 50 properties the rest together', [
        share('sum by (property) (stayzr_rooms_sold)', 'sum by (property) (stayzr_rooms_sellable)'),
        '{{property}}',
      ]),
      graph('Room revenue tonight', 'short', "In the currency's units, where it has hundredths", [
        'sum by (property, currency) (stayzr_room_revenue_minor) / 100',
        '{{property}} {{currency}}',
      ]),
      number(
        'Recounted',
        'dateTimeFromNow',
        'When every property had last been counted',
        'max(stayzr_recount_completed_seconds) * 1000',
      ),
      graph('Recount', 's', 'Of the job; it is cut off at a tenth of the interval', [
        'stayzr_recount_pass_seconds',
        '{{instance}}',
      ]),
    ],
  },
  {
    uid: 'stayzr-edge',
    title: 'Stayzr: edge freshness',
    panels: [
      number(
        'Stale answers',
        'percentunit',
        'Share of the samples of half an hour',
        'max(stayzr_edge_check_stale_share)',
        0.05,
      ),
      number(
        'Worst age',
        's',
        'Of the samples of half an hour; the bound is 2 s',
        'max(stayzr_edge_check_worst_age_seconds)',
        2,
      ),
      number(
        'Wrong answers',
        'short',
        'In an hour; must be 0',
        'sum(increase(stayzr_edge_check_samples_total{outcome="wrong"}[1h]))',
        0.5,
      ),
      number(
        'Copies',
        'dateTimeFromNow',
        'Up to when copies in object storage are current',
        'max(stayzr_ari_copies_as_of_seconds) * 1000',
      ),
      graph('Samples', 'ops', 'Answers of the edge held against PostgreSQL', [
        'sum by (outcome) (rate(stayzr_edge_check_samples_total[$__rate_interval]))',
        '{{outcome}}',
      ]),
      graph('Late', 'ops', 'Older than the bound without saying so; must be 0', [
        'sum(rate(stayzr_edge_check_late_total[$__rate_interval]))',
        'late',
      ]),
      graph('Answers', 'ops', 'Of an edge on Node or Deno, by route', [
        'sum by (route) (rate(stayzr_edge_searches_total[$__rate_interval]))',
        '{{route}}',
      ]),
      graph(
        'From memory',
        'ops',
        'The rest waits for a head, a delta or a snapshot',
        ['sum(rate(stayzr_edge_memory_hits_total[$__rate_interval]))', 'from memory'],
        ['sum(rate(stayzr_edge_fills_total[$__rate_interval]))', 'fills'],
        ['sum(rate(stayzr_edge_floor_refetches_total[$__rate_interval]))', 'for own bookings'],
      ),
      graph('Documents', 'ops', 'What fills are made of', [
        'sum by (document, from) (rate(stayzr_edge_documents_total[$__rate_interval]))',
        '{{document}} from {{from}}',
      ]),
      graph(
        'In trouble',
        'ops',
        'All near 0',
        ['sum(rate(stayzr_edge_stale_answers_total[$__rate_interval]))', 'stale'],
        ['sum(rate(stayzr_edge_refused_total[$__rate_interval]))', 'refused'],
        ['sum(rate(stayzr_edge_damaged_entries_total[$__rate_interval]))', 'damaged'],
        ['sum(rate(stayzr_edge_evictions_total[$__rate_interval]))', 'put out of memory'],
      ),
      graph('Held', 'bytes', 'Snapshots in memory', ['stayzr_edge_held_bytes', '{{instance}}']),
      graph('Properties held', 'short', 'In memory', ['stayzr_edge_held_properties', '{{instance}}']),
      graph('Copies written', 'ops', 'To object storage', [
        'sum by (outcome) (rate(stayzr_ari_copies_total[$__rate_interval]))',
        '{{outcome}}',
      ]),
      graph('Time for a head', 's', 'At the origin; every edge asks once a second for what guests look at', [
        quantile(0.99, `${requests}_bucket{route="/internal/ari/:property/head"}`),
        'p99',
      ]),
    ],
  },
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

const prometheus = { type: 'prometheus', uid: 'prometheus' }
const COLUMNS = 24
const WIDTHS = { stat: 6, graph: 12 }
const HEIGHTS = { stat: 4, graph: 8 }

/** Grafana's own form, panels in rows from the upper left. */
export function dashboardJson({ uid, title, panels }: Dashboard): object {
  let [x, y, rowHeight] = [0, 0, 0]
  return {
    uid,
    title,
    tags: ['stayzr'],
    timezone: 'utc',
    editable: false,
    refresh: '30s',
    schemaVersion: 39,
    time: { from: 'now-3h', to: 'now' },
    links: [{ type: 'dashboards', tags: ['stayzr'], title: 'Stayzr', asDropdown: true, keepTime: true }],
    annotations: {
      list: [
        {
          name: 'Alerts',
          datasource: prometheus,
          enable: true,
          iconColor: 'red',
          expr: 'ALERTS{alertstate="firing", severity="critical"}',
          titleFormat: '{{alertname}}',
        },
      ],
    },
    panels: panels.map((panel, index) => {
      const [w, h] = panel.stat ? [WIDTHS.stat, HEIGHTS.stat] : [WIDTHS.graph, HEIGHTS.graph]
      if (x + w > COLUMNS || (rowHeight !== 0 && h !== rowHeight)) [x, y, rowHeight] = [0, y + rowHeight, 0]
      const gridPos = { x, y, w, h }
      x += w
      rowHeight = h
      return panelJson(panel, index + 1, gridPos)
    }),
  }
}

function panelJson(panel: Panel, id: number, gridPos: object): object {
  const steps = [
    { color: 'green', value: null },
    ...(panel.redAbove === undefined ? [] : [{ color: 'red', value: panel.redAbove }]),
  ]
  return {
    id,
    type: panel.stat ? 'stat' : 'timeseries',
    title: panel.title,
    description: panel.why,
    datasource: prometheus,
    gridPos,
    fieldConfig: {
      defaults: {
        unit: panel.unit,
        ...(panel.stat ? {} : { min: 0 }),
        thresholds: { mode: 'absolute', steps },
        color: { mode: panel.stat ? 'thresholds' : 'palette-classic' },
      },
      overrides: [],
    },
    options: panel.stat
      ? { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'value' }
      : { tooltip: { mode: 'multi', sort: 'desc' }, legend: { displayMode: 'list', placement: 'bottom' } },
    targets: panel.queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource: prometheus,
      expr,
      legendFormat: legend,
      ...(panel.stat ? { instant: true } : {}),
    })),
  }
}

/** What the file of a dashboard holds, by its name. */
export function dashboardFiles(): Map<string, object> {
  return new Map(dashboards.map((it) => [`${it.uid}.json`, dashboardJson(it)]))
}

if (import.meta.main)
  for (const [name, dashboard] of dashboardFiles())
    fs.writeFileSync(path.join(import.meta.dirname, 'dashboards', name), `${JSON.stringify(dashboard, null, 2)}\n`)
