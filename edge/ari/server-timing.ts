import type { Hit } from './counters.ts'

/**
 * The `server-timing` header: where the snapshot came from and how long it took to have it, then how long the answer
 * took to work out; milliseconds. Workers see their clock move only when something arrives, so there the second is 0.
 */
export function serverTiming(hit: Hit, ariMs: number, evalMs?: number): string {
  const ari = `ari;desc=${hit};dur=${rounded(ariMs)}`
  return evalMs === undefined ? ari : `${ari}, eval;dur=${rounded(evalMs)}`
}

function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000
}
