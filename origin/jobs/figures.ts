/** Recounts inventory and reads the business figures all day, in one of however many origins there are. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { FiguresReader } from '../features/figures/service.ts'
import type { DatabaseAddress } from '../platform/database-tls.ts'
import type { FiguresMetrics } from '../platform/metrics-figures.ts'
import { openOneAtATime } from '../platform/one-at-a-time.ts'
import type { Logger } from '../platform/telemetry.ts'

/** Any number will do as long as every version of this program uses the same. */
const FIGURES_LOCK = 7_296_053
/** A pass may take this share of the time between two, of one connection. */
const BUSY_SHARE_MAX = 0.1
/** The lock is kept for this share of the interval, so that two origins do not count in turns; then it is open again. */
const HELD_SHARE = 0.9

/** Starts the job; the returned function stops it. A pass that fails is counted, and the next one is made all the same. */
export function startFigures(deps: {
  figures: FiguresReader
  databaseAddress: DatabaseAddress
  everySeconds: number
  log: Logger
  metrics: FiguresMetrics
}): () => Promise<void> {
  const { figures, metrics, log } = deps
  const intervalMs = deps.everySeconds * 1_000
  const lock = openOneAtATime(deps.databaseAddress, FIGURES_LOCK)
  const stopping = new AbortController()
  let running: Promise<void> | undefined

  async function once(): Promise<void> {
    try {
      const isMine = await lock.run(async (lost) => {
        const signal = AbortSignal.any([lost, stopping.signal])
        const began = performance.now()
        const found = await figures.pass(signal, BUSY_SHARE_MAX * intervalMs)
        if (signal.aborted) return
        metrics.publish(found, (performance.now() - began) / 1_000)
        const drift = found.properties.filter((it) => it.drift > 0 || it.oversold > 0)
        for (const { code: property, drift: nights, oversold } of drift)
          log.error({ property, drift: nights, oversold }, 'nights sold do not agree with the reservations')
        await sleep(HELD_SHARE * intervalMs - (performance.now() - began), undefined, { signal }).catch(() => {})
      })
      // Another origin counts; what this one knew would only grow old.
      if (!isMine) metrics.withdraw()
    } catch (error) {
      if (stopping.signal.aborted) return
      metrics.passesFailed.inc()
      log.warn({ err: error instanceof Error ? error.message : String(error) }, 'the figures could not be read')
    }
  }
  const pass = () => {
    running ??= once().finally(() => {
      running = undefined
    })
  }
  const timer = setInterval(pass, intervalMs)
  timer.unref()
  pass()
  return async () => {
    clearInterval(timer)
    stopping.abort()
    await running
    await lock.close()
  }
}
