/** The origin: configuration, adapters, features, app. The only place that wires them. */
import process from 'node:process'
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
import { openGates } from './platform/admission.ts'
import { binder } from './platform/bind.ts'
import { openCounters } from './platform/counters.ts'
import { openDatabase } from './platform/database.ts'
import { watchDatabase } from './platform/database-watch.ts'
import { openErrorReporter, unreported } from './platform/errors.ts'
import { bindHealth } from './platform/health.ts'
import { openLimiter } from './platform/limits.ts'
import { listen } from './platform/listening.ts'
import { startDependencyChecks, watchCounters, watchStorage } from './platform/metrics-dependencies.ts'
import { type Activity, keepConnections, stopOnSignal } from './platform/stopping.ts'
import { openStorage } from './platform/storage.ts'
import { openLogger, openMetrics } from './platform/telemetry.ts'
import { openTracer, untraced } from './platform/tracing.ts'

export interface Origin {
  /** `env` is the server's, by which a request's socket is known. */
  fetch: (request: Request, env?: object) => Response | Promise<Response>
  /** Set `stopping`, and readiness is off and each answer closes its connection; the app goes on answering. */
  activity: Activity
  /** Jobs end, connections are closed. Up to 5 s. */
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

  const activity: Activity = { running: 0, stopping: false }
  const gates = openGates(config.requestsMax, config.database.poolMax)
  const { metricsToken, edgeSigningKeys: signingKeys } = config
  const reportError = errors.report
  const deps = { log, metrics, signingKeys, counters, gates, metricsToken, activity, tracer, reportError }
  const app = createApp(deps)
  bindHealth(app, { database, counters, storage, accepting: () => !activity.stopping, token: metricsToken })
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
  const stopCleanUp = startCleanUp({ database, databaseAddress: config.database, log })
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
    fetch: (request, env) => app.fetch(request, env),
    activity,
    close: async () => {
      stopEdgeCheck()
      stopChecks()
      for (const gate of Object.values(gates)) gate.close()
      await Promise.all([stopCleanUp(), stopCopies(), stopFigures()])
      await Promise.all([database.close(), counters.close(), tracer.close(), errors.close()])
    },
  }
}

async function main(): Promise<void> {
  const config = readConfig()
  const log = openLogger(config.logLevel)
  const origin = buildOrigin(config)
  const servers = listen(
    origin.fetch,
    config,
    (at) => log.info({ ...at, environment: config.environment }, 'listening'),
    (error, port) => {
      log.error({ code: error.code }, error.code === 'EADDRINUSE' ? `port ${port} is taken` : 'cannot listen')
      process.exit(1)
    },
  )
  for (const server of servers) keepConnections(server)
  stopOnSignal({ servers, drainSeconds: config.drainSeconds, activity: origin.activity, close: origin.close, log })
}

if (import.meta.main) {
  try {
    await main()
  } catch (error) {
    console.error(error instanceof ConfigError ? error.message : error)
    process.exit(1)
  }
}
