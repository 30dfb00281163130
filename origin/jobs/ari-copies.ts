/** Keeps the copies of snapshots in object storage fresh. Losing the storage is logged, counted, and stops nothing. */
import type { Copies } from '../features/ari/copies.ts'
import type { DatabaseAddress } from '../platform/database-tls.ts'
import { openOneAtATime } from '../platform/one-at-a-time.ts'
import type { Logger, Metrics } from '../platform/telemetry.ts'

/** Any number will do as long as every version of this program uses the same. */
const COPIES_LOCK = 7_296_052

/** Less of the interval than this since the last pass, whosever it was, and it is not yet time for another. */
const SHARE_MIN = 0.9

/** Starts the job, its first pass at once; the returned function stops it after the copy at hand. Of several origins one does it. */
export function startAriCopies(deps: {
  copies: Copies
  databaseAddress: DatabaseAddress
  everySeconds: number
  log: Logger
  metrics: Metrics
}): () => Promise<void> {
  const lock = openOneAtATime(deps.databaseAddress, COPIES_LOCK)
  const stopping = new AbortController()
  let running: Promise<void> | undefined
  const pass = () => {
    // One that takes longer than the interval is not joined by another.
    running ??= once().finally(() => {
      running = undefined
    })
  }
  const once = async () => {
    try {
      await lock.run(async (signal) => {
        const began = performance.now()
        const report = await deps.copies.keep(
          AbortSignal.any([signal, stopping.signal]),
          SHARE_MIN * deps.everySeconds * 1_000,
        )
        if (!report) return
        deps.metrics.observeCopies(report, (performance.now() - began) / 1_000)
        if (report.byDelta + report.whole + report.failed > 0) deps.log.debug({ ...report }, 'copies kept')
      })
    } catch (error) {
      if (stopping.signal.aborted) return
      deps.metrics.copyPassesFailed.inc()
      deps.log.warn({ err: error instanceof Error ? error.message : String(error) }, 'copies could not be kept')
    }
  }
  const timer = setInterval(pass, deps.everySeconds * 1_000)
  timer.unref()
  pass()
  return async () => {
    clearInterval(timer)
    stopping.abort()
    await running
    await lock.close()
  }
}
