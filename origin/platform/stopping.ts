/** How the process ends without a request being lost, whoever is in front of it. */
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from './telemetry.ts'

/** Longer than balancers keep a connection without a request, as a rule a minute: so it is never we who hang up on one. */
const KEEP_ALIVE_MS = 75_000
/** How long running requests may take to finish, after the time for the balancer to notice; with it less than 15 s. */
const FINISH_MS = 8_000
/** Nothing has been running for so long, so nothing is on its way on what connections are left. */
const QUIET_MS = 300
const LOOK_MS = 20
/** Jobs, pools and what is to be told to others; some wait for another machine. */
const CLOSE_MS = 5_000

export interface Activity {
  /** Requests whose answers are not ready yet. */
  running: number
  /** Told to stop: each answer closes its connection, so that its client looks for another origin. */
  stopping: boolean
}

interface AnyServer {
  /** Takes no more connections, closes idle ones, and calls back when none is left. */
  close(done: () => void): unknown
  closeAllConnections?(): void
}

export function keepConnections(server: object): void {
  if ('keepAliveTimeout' in server) server.keepAliveTimeout = KEEP_ALIVE_MS
}

/**
 * On SIGTERM and SIGINT: readiness turns off at once, and everything is answered as before for `drainSeconds`, each answer
 * closing its connection. Then nothing new is taken, what runs is finished, and the process ends with 0; with 1 where
 * that takes longer than 8 s, or on a second signal.
 */
export function stopOnSignal(what: {
  servers: readonly AnyServer[]
  drainSeconds: number
  activity: Activity
  close: () => Promise<void>
  log: Logger
}): void {
  const { servers, activity, log } = what
  const stop = async () => {
    if (activity.stopping) process.exit(1)
    activity.stopping = true
    log.info({ running: activity.running, drainSeconds: what.drainSeconds }, 'stopping: finishing what runs')
    await sleep(what.drainSeconds * 1_000)
    setTimeout(() => {
      log.warn({ running: activity.running }, 'stopped before everything was finished')
      process.exit(1)
    }, FINISH_MS).unref()
    // Right after the loop has taken in all connections that were waiting: the system hangs up on those that still are.
    await new Promise((resolve) => setImmediate(resolve))
    let open = servers.length
    for (const server of servers)
      server.close(() => {
        open--
      })
    for (let quiet = 0; open > 0 && quiet < QUIET_MS; quiet = activity.running === 0 ? quiet + LOOK_MS : 0)
      await sleep(LOOK_MS)
    for (const server of servers) server.closeAllConnections?.()
    await Promise.race([what.close().catch(() => {}), sleep(CLOSE_MS)])
    log.info({}, 'stopped')
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop())
  process.on('SIGINT', () => void stop())
}
