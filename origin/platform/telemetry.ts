/** Logs and metrics. Passed in, never imported as a global, so that tests read what a request left behind. */
import { pino } from 'pino'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type DependencyMetrics, dependencyMetrics } from './metrics-dependencies.ts'
import { type FiguresMetrics, figuresMetrics } from './metrics-figures.ts'
import { type PoolMetrics, poolMetrics } from './metrics-pool.ts'
import { currentContext } from './request-context.ts'

export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** JSON lines on standard output. Known secrets are cut out wherever they stand. */
export function openLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    // Every line that is written for a request says so.
    mixin: () => {
      const context = currentContext()
      return context === undefined ? {} : { requestId: context.requestId, traceId: context.traceId }
    },
    redact: { paths: ['*.password', '*.guestToken', '*.authorization', '*.cookie'], censor: '[redacted]' },
  })
}

export interface Metrics {
  /** By route template, method and status; never by path, guest or id. */
  observe(route: string, method: string, status: number, seconds: number): void
  bookings: Counter<'outcome'>
  inFlight: Gauge
  /** Requests told 503 because too many were under way; the reason is for the operator. */
  shed: Counter<'reason'>
  cancellations: Counter<'outcome'>
  pool: PoolMetrics
  dependencies: DependencyMetrics
  figures: FiguresMetrics
  spansDropped: Counter
  /** One pass of the job that keeps copies of snapshots. */
  observeCopies(
    pass: { listed: number; byDelta: number; whole: number; failed: number; asOf: number },
    seconds: number,
  ): void
  copyPassesFailed: Counter
  /** One answer of an edge held against the database, and what the latest ones were like together. */
  observeEdgeCheck(outcome: string, late: boolean, latest: { staleShare: number; worstAgeSeconds: number }): void
  render(): Promise<string>
}

/** `build` names what runs, for dashboards and for telling a release from the one before. */
export function openMetrics(build = { version: 'unknown' }, databaseConnectionsMax = 0): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'stayzr_build_info',
    help: 'Always 1; its labels say what runs',
    labelNames: ['version', 'runtime'],
    registers: [registry],
  }).set({ ...build, runtime: 'Deno' in globalThis ? 'deno' : 'node' }, 1)
  const requests = new Histogram({
    name: 'stayzr_http_request_seconds',
    help: 'Time from receiving a request to having its answer',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  })
  const copies = new Counter({
    name: 'stayzr_ari_copies_total',
    help: 'Copies of snapshots written to object storage, by how: delta, whole; or failed',
    labelNames: ['outcome'],
    registers: [registry],
  })
  const copiesListed = new Gauge({
    name: 'stayzr_ari_copies_listed',
    help: 'Listed properties, each with a copy',
    registers: [registry],
  })
  const copiesAsOf = new Gauge({
    name: 'stayzr_ari_copies_as_of_seconds',
    help: 'Unix time up to which the copies are known to be current; raised by the one origin that keeps them',
    registers: [registry],
  })
  const copiesSeconds = new Gauge({
    name: 'stayzr_ari_copies_pass_seconds',
    help: 'How long the last pass took',
    registers: [registry],
  })
  const edgeSamples = new Counter({
    name: 'stayzr_edge_check_samples_total',
    help: 'Answers of the edge held against the database: right, wrong, moved (it changed meanwhile) or failed',
    labelNames: ['outcome'],
    registers: [registry],
  })
  // There from the beginning, so that an alert on the first wrong answer sees it rise.
  for (const outcome of ['right', 'wrong', 'moved', 'failed']) edgeSamples.inc({ outcome }, 0)
  const edgeLate = new Counter({
    name: 'stayzr_edge_check_late_total',
    help: 'Answers of the edge older than the bound that did not say so',
    registers: [registry],
  })
  const edgeStaleShare = new Gauge({
    name: 'stayzr_edge_check_stale_share',
    help: 'Share of the latest answers that said they were stale',
    registers: [registry],
  })
  const edgeWorstAge = new Gauge({
    name: 'stayzr_edge_check_worst_age_seconds',
    help: 'Of the latest answers, how long the oldest had been replaced when it came',
    registers: [registry],
  })
  const shed = new Counter({
    name: 'stayzr_http_shed_total',
    help: 'Requests refused with 503 because too many were under way',
    labelNames: ['reason'],
    registers: [registry],
  })
  const bookings = new Counter({
    name: 'stayzr_bookings_total',
    help: 'Bookings asked for, by outcome: confirmed or the slug of the refusal',
    labelNames: ['outcome'],
    registers: [registry],
  })
  const cancellations = new Counter({
    name: 'stayzr_cancellations_total',
    help: 'Cancellations asked for, by outcome: cancelled or the slug of the refusal',
    labelNames: ['outcome'],
    registers: [registry],
  })
  // There from the beginning, so that the first one is seen as a rise.
  for (const reason of ['line-full', 'waited-too-long']) shed.inc({ reason }, 0)
  bookings.inc({ outcome: 'confirmed' }, 0)
  cancellations.inc({ outcome: 'cancelled' }, 0)
  return {
    observeEdgeCheck(outcome, late, latest) {
      edgeSamples.inc({ outcome })
      if (late) edgeLate.inc()
      edgeStaleShare.set(latest.staleShare)
      edgeWorstAge.set(latest.worstAgeSeconds)
    },
    observeCopies(pass, seconds) {
      copies.inc({ outcome: 'delta' }, pass.byDelta)
      copies.inc({ outcome: 'whole' }, pass.whole)
      copies.inc({ outcome: 'failed' }, pass.failed)
      copiesListed.set(pass.listed)
      copiesAsOf.set(pass.asOf / 1_000)
      copiesSeconds.set(seconds)
    },
    copyPassesFailed: new Counter({
      name: 'stayzr_ari_copy_passes_failed_total',
      help: 'Passes that could not reach the database or the object storage',
      registers: [registry],
    }),
    observe: (route, method, status, seconds) => requests.observe({ route, method, status: String(status) }, seconds),
    bookings,
    inFlight: new Gauge({ name: 'stayzr_http_in_flight', help: 'Requests being answered now', registers: [registry] }),
    shed,
    cancellations,
    pool: poolMetrics(registry, databaseConnectionsMax),
    dependencies: dependencyMetrics(registry),
    figures: figuresMetrics(registry),
    spansDropped: new Counter({
      name: 'stayzr_trace_spans_dropped_total',
      help: 'Spans that were not sent: the collector was away, or there were more than can be sent',
      registers: [registry],
    }),
    render: () => registry.metrics(),
  }
}
