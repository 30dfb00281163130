/** Dashboards of what guests and hotels get: service, bookings, freshness at the edge. */
import { type Dashboard, graph, matched, number, quantile, requests, share } from './panels.ts'

export const serviceDashboards: Dashboard[] = [
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
]
