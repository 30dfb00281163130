/** Says how far the replay is: a bar on a terminal, else a line every five seconds. */
import type { Tally } from './tally.ts'

const BAR_WIDTH = 30
const BAR_EACH_MS = 100
const LINE_EACH_MS = 5_000

export interface Progress {
  /** To call after each event. */
  step(tally: Tally): void
  /** Clears the bar. */
  done(): void
}

/** Counts up to `events`, writing to `out`. */
export function showProgress(events: number, out: NodeJS.WriteStream): Progress {
  const everyMs = out.isTTY ? BAR_EACH_MS : LINE_EACH_MS
  const began = performance.now()
  let done = 0
  let last = began
  return {
    step(tally) {
      done++
      const now = performance.now()
      if (now - last < everyMs) return
      last = now
      const secondsLeft = Math.round((((now - began) / done) * (events - done)) / 1000)
      const figures = `${done}/${events} events, ${Math.round(tally.operationsPerSecond)} operations/s, ${secondsLeft} s left`
      if (!out.isTTY) {
        out.write(`${figures}\n`)
        return
      }
      const filled = Math.round((done / events) * BAR_WIDTH)
      out.write(`\r\x1b[K[${'='.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}] ${figures}`)
    },
    done() {
      if (out.isTTY) out.write('\r\x1b[K')
    },
  }
}
