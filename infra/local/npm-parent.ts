import { readFileSync } from 'node:fs'
import { processIdentity } from './processes.ts'

/**
 * Calls `onGone` once npm, if it started this process, is gone. A Ctrl-C reaches us by itself; an npm that is killed,
 * or a shell that npm put between and that did not pass a signal on, would leave us running unseen.
 */
export function watchNpm(onGone: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return
  const parents = [process.ppid, parentOf(process.ppid)].filter((pid): pid is number => pid !== undefined && pid > 1)
  const identities = new Map(parents.map((pid) => [pid, processIdentity(pid)]))
  const timer = setInterval(() => {
    for (const [pid, identity] of identities) {
      if (identity === undefined || processIdentity(pid) === identity) continue
      clearInterval(timer)
      onGone()
      return
    }
  }, 1_000)
  timer.unref()
}

/** The parent of our parent, if our parent is the shell npm runs scripts in. */
function parentOf(pid: number): number | undefined {
  try {
    const [, name = '', rest = ''] = /^\d+ \((.*)\) . (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return /^(?:sh|bash|dash|ash)$/.test(name) ? Number.parseInt(rest, 10) : undefined
  } catch {
    return undefined
  }
}
