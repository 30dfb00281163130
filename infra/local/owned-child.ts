import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { dieWithThisProcess } from './guard.ts'
import { sendSignal } from './processes.ts'
import { StartError } from './start-error.ts'

/** A child process that leads a group of its own and does not outlive this process. */
export type OwnedChild = {
  pid: number
  /** Resolves when it has ended, with a sentence if nobody asked it to. */
  ended: Promise<StartError | undefined>
  running(): boolean
  /** Signals the whole group, kills it if that is not heeded in time, and resolves when the child is gone. */
  end(signal: NodeJS.Signals, patienceMs: number): Promise<void>
  /** Kills the whole group at once and waits for nothing. */
  force(): void
}

/**
 * Takes charge of a child that was spawned with `detached: true`. `name` begins the sentence about an end nobody asked
 * for ("The origin"), `lastWords` may finish it. Throws a StartError if the child could not be spawned.
 */
export async function own(child: ChildProcess, name: string, lastWords: () => string | undefined): Promise<OwnedChild> {
  const { pid } = child
  if (pid === undefined) {
    const cause = await new Promise<Error>((resolve) => child.once('error', resolve))
    throw new StartError(`${name} did not start: ${cause.message}.`, { cause })
  }
  const release = dieWithThisProcess(-pid, 'TERM')
  const running = (): boolean => child.exitCode === null && child.signalCode === null
  let stopping = false
  const ended = new Promise<StartError | undefined>((resolve) => {
    child.once('exit', (code, signal) => {
      // Those it started in turn, which nobody asks to stop any more.
      sendSignal(-pid, 'SIGKILL')
      release()
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`
      // Killed from outside it had no say; what it wrote before is about something else.
      const words = signal === null ? lastWords() : undefined
      resolve(stopping ? undefined : new StartError(`${name} ended ${how}${words === undefined ? '.' : `: ${words}`}`))
    })
  })
  return {
    pid,
    ended,
    running,
    async end(signal, patienceMs) {
      stopping = true
      if (running()) sendSignal(-pid, signal)
      const patience = new AbortController()
      const late = sleep(patienceMs, 'late', { signal: patience.signal }).catch(() => undefined)
      if ((await Promise.race([ended, late])) === 'late') sendSignal(-pid, 'SIGKILL')
      await ended
      patience.abort()
    },
    force() {
      stopping = true
      if (running()) sendSignal(-pid, 'SIGKILL')
    },
  }
}
