import { setTimeout as sleep } from 'node:timers/promises'

/** One part of a running system: a server process, or what stands for one. */
export type Part = {
  /** Resolves when it has ended, with the reason if nobody asked it to. */
  ended: Promise<Error | undefined>
  stop(): Promise<void>
  /** Ends it without waiting. */
  force(): void
}

/** Long enough to see what the others do without it, short enough not to wait for. */
const usualPauseMs = 5_000

/**
 * Starts a part again whenever it ends by itself, five seconds later and for as long as it takes: a full disk that is
 * emptied needs no more than that. Says so each time the reason changes. The result stands for whichever runs now; its
 * `ended` resolves once it has been stopped for good.
 */
export function supervise(options: {
  name: string
  first: Part
  restart(): Promise<Part>
  log(line: string): void
  pauseMs?: number
}): Part {
  const { name, restart, log, pauseMs = usualPauseMs } = options
  const stopping = new AbortController()
  let current = options.first

  const bringBack = async (): Promise<void> => {
    for (let said: string | undefined; ; ) {
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => {})
      if (stopping.signal.aborted) return
      try {
        current = await restart()
        // Asked to stop while it was starting: whoever asked knew only the one before.
        if (stopping.signal.aborted) return await current.stop()
        log(`${name} is back.`)
        return
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        if (message !== said) log(`${message} Trying again every ${pauseMs / 1000} s.`)
        said = message
      }
    }
  }
  const watch = async (): Promise<undefined> => {
    for (;;) {
      const reason = await current.ended
      if (stopping.signal.aborted) return
      log(`${reason?.message ?? `${name} ended.`} Starting it again in ${pauseMs / 1000} s.`)
      await bringBack()
    }
  }
  const ended = watch()
  return {
    ended,
    async stop() {
      stopping.abort()
      await current.stop()
      await ended
    },
    force() {
      stopping.abort()
      current.force()
    },
  }
}
