/** Samples what an edge tells guests, all day, and publishes how often it was wrong or old. */
import type { EdgeCheck, EdgeSample } from '../features/ari/edge-check.ts'
import type { Logger, Metrics } from '../platform/telemetry.ts'

/** Share and worst age are told of so many samples: half an hour of one every five seconds. */
const WINDOW = 360

/** Starts the job; the returned function stops it. A sample that fails is counted, and the next one is taken all the same. */
export function startEdgeCheck(deps: {
  check: EdgeCheck
  everySeconds: number
  log: Logger
  metrics: Metrics
}): () => void {
  const latest: EdgeSample[] = []
  let running = false
  const sample = async () => {
    if (running) return
    running = true
    try {
      const seen = await deps.check.sample()
      if (!seen) return
      latest.push(seen)
      if (latest.length > WINDOW) latest.shift()
      deps.metrics.observeEdgeCheck(seen.outcome, seen.late, {
        staleShare: latest.filter((it) => it.stale).length / latest.length,
        worstAgeSeconds: Math.max(...latest.map((it) => it.ageMs)) / 1_000,
      })
      if (seen.outcome === 'wrong' || seen.outcome === 'failed' || seen.late)
        deps.log.warn({ ...seen }, 'the edge told a guest something wrong, old, or nothing')
    } catch (error) {
      deps.log.warn({ err: error instanceof Error ? error.message : String(error) }, 'the edge could not be checked')
    } finally {
      running = false
    }
  }
  const timer = setInterval(() => void sample(), deps.everySeconds * 1_000)
  timer.unref()
  return () => clearInterval(timer)
}
