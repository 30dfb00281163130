/** The origin: configuration, adapters, features, app. The only place that wires them. */
import process from 'node:process'
import { serve } from '@hono/node-server'
import about from '../package.json' with { type: 'json' }
import { createApp, requireSignature } from './app.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { openAriCopies } from './features/ari/copies.ts'
import { openEdgeCheck } from './features/ari/edge-check.ts'
import { bindAri } from './features/ari/routes.ts'
import { openAri } from './features/ari/service.ts'
import { bindDocuments } from './features/documents/routes.ts'
import { openFigures } from './features/figures/service.ts'
import { bindProperties } from './features/properties/routes.ts'
import { openProperties } from './features/properties/service.ts'
import { bindReservations } from './features/reservations/routes.ts'
import { openReservations } from './features/reservations/service.ts'
import { bindStaff } from './features/staff/routes.ts'
import { openStaff } from './features/staff/service.ts'
import { startAriCopies } from './jobs/ari-copies.ts'
import { startCleanUp } from './jobs/clean-up.ts'
import { startEdgeCheck } from './jobs/edge-check.ts'
import { startFigures } from './jobs/figures.ts'
import { authenticator } from './platform/actors.ts'
import { binder } from './platform/bind.ts'
import { openCounters } from './platform/counters.ts'
import { openDatabase } from './platform/database.ts'
import { watchDatabase } from './platform/database-watch.ts'
import { openErrorReporter, unreported } from './platform/errors.ts'
import { bindHealth } from './platform/health.ts'
import { openLimiter } from './platform/limits.ts'
import { startDependencyChecks, watchCounters, watchStorage } from './platform/metrics-dependencies.ts'
import { openStorage } from './platform/storage.ts'
import { openLogger, openMetrics } from './platform/telemetry.ts'
import { openTracer, untraced } from './platform/tracing.ts'

/** How long running requests may take to finish once the process is told to stop. */
const DRAIN_MS = 10_000

export interface Origin {
  fetch: (request: Request) => Response | Promise<Response>
  /** Turns readiness off; the app goes on answering. */
  stopAccepting(): void
  close(): Promise<void>
}

/** Builds the whole origin from its configuration, without listening. Tests use it as it is. */
export function buildOrigin(config: Config, clock = { now: () => Date.now() }): Origin {
  const log = openLogger(config.logLevel)
  const metrics = openMetrics({ version: about.version }, config.database.poolMax)
  const tracer =
    config.otlpEndpoint === ''
      ? untraced
      : openTracer({
          endpoint: config.otlpEndpoint,
          share: config.traceShare,
          source: { service: 'stayzr-origin', version: about.version },
          dropped: (count) => metrics.spansDropped.inc(count),
          warn: (fields, message) => log.warn(fields, message),
        })
  const errors =
    config.errorsDsn === ''
      ? unreported
      : openErrorReporter({
          dsn: config.errorsDsn,
          environment: config.environment,
          release: about.version,
          warn: (fields, message) => log.warn(fields, message),
        })
  const database = openDatabase(config.database, watchDatabase(metrics.pool, tracer))
  const storage = watchStorage(openStorage(config.storage), metrics.dependencies, tracer)
  const counters = watchCounters(
    openCounters(config.redis, (error) => {
      metrics.dependencies.errors.inc({ dependency: 'redis' })
      log.warn({ err: error.message }, 'redis')
    }),
    metrics.dependencies,
    tracer,
  )

  const properties = openProperties(database, storage)
  const ari = openAri(database, properties)
  const staff = openStaff(database)
  const reservations = openReservations({
    database,
    properties,
    guestTokenKey: config.guestTokenKey,
    clock,
    countBooking: (outcome) => metrics.bookings.inc({ outcome }),
    countCancellation: (outcome) => metrics.cancellations.inc({ outcome }),
  })

  let accepting = true
  const deps = { log, metrics, signingKeys: config.edgeSigningKeys, counters, tracer, reportError: errors.report }
  const app = createApp(deps)
  bindHealth(app, { database, counters, storage, accepting: () => accepting })
  requireSignature(app, deps)
  const bind = binder(app, {
    authenticate: authenticator(config.guestTokenKey, staff.find),
    limiter: openLimiter(counters),
  })
  bindProperties(bind, properties)
  bindAri(bind, ari)
  bindReservations(bind, reservations)
  bindStaff(bind, staff)
  bindDocuments(bind)
  const stopCleanUp = startCleanUp(database, log)
  const copies = openAriCopies({
    database,
    storage,
    ari,
    clock,
    failed: (property, error) => log.warn({ property, err: String(error) }, 'a copy could not be written'),
  })
  const { ariCopySeconds: everySeconds } = config
  const stopCopies =
    everySeconds === 0
      ? async () => {}
      : startAriCopies({ copies, databaseAddress: config.database, everySeconds, log, metrics })
  const { edgeCheckUrl: edgeUrl, edgeCheckSeconds } = config
  const stopEdgeCheck =
    edgeUrl === ''
      ? () => {}
      : startEdgeCheck({
          check: openEdgeCheck({ edgeUrl, database, properties, clock }),
          everySeconds: edgeCheckSeconds,
          log,
          metrics,
        })

  const stopChecks = startDependencyChecks({ redis: counters, storage }, metrics.dependencies)
  const stopFigures =
    config.figuresSeconds === 0
      ? async () => {}
      : startFigures({
          figures: openFigures({ database, clock }),
          databaseAddress: config.database,
          everySeconds: config.figuresSeconds,
          log,
          metrics: metrics.figures,
        })

  return {
    fetch: (request) => app.fetch(request),
    stopAccepting: () => {
      accepting = false
    },
    close: async () => {
      stopCleanUp()
      stopEdgeCheck()
      stopChecks()
      await Promise.all([stopCopies(), stopFigures()])
      await Promise.all([database.close(), counters.close(), tracer.close(), errors.close()])
    },
  }
}

async function main(): Promise<void> {
  const config = readConfig()
  const log = openLogger(config.logLevel)
  const origin = buildOrigin(config)
  const server = serve({ fetch: origin.fetch, hostname: config.host, port: config.port }, (address) => {
    log.info({ host: config.host, port: address.port, environment: config.environment }, 'listening')
  })
  server.on('error', (error: NodeJS.ErrnoException) => {
    log.error({ code: error.code }, error.code === 'EADDRINUSE' ? `port ${config.port} is taken` : 'cannot listen')
    process.exit(1)
  })

  let stopping = false
  const stop = () => {
    if (stopping) process.exit(1)
    stopping = true
    origin.stopAccepting()
    log.info({}, 'stopping: finishing what runs')
    setTimeout(() => process.exit(1), DRAIN_MS).unref()
    server.close(async () => {
      await origin.close()
      process.exit(0)
    })
    if ('closeIdleConnections' in server) server.closeIdleConnections()
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

if (import.meta.main) {
  try {
    await main()
  } catch (error) {
    console.error(error instanceof ConfigError ? error.message : error)
    process.exit(1)
  }
}
