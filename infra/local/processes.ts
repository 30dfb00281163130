import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * What tells this process from a later one that got the same number: when it was started. Undefined if no such process
 * runs; a zombie (ended, not yet collected by its parent) does not run.
 */
export function processIdentity(pid: number): string | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  if (process.platform === 'linux') {
    try {
      // The name, in brackets, may hold spaces; the fields after it may not: state is the 1st, start time the 20th.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')
      return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
    } catch {
      return undefined
    }
  }
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim()
    return started === '' ? undefined : started
  } catch {
    return undefined
  }
}

/** True if the process `pid` works in `directory`, or, where the system does not tell, was started with it as an argument. */
export function worksIn(pid: number, directory: string): boolean {
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === directory
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).includes(
      directory,
    )
  } catch {
    return false
  }
}

/** Sends a signal to a process, or with a negative number to a group. False if there is none to receive it. */
export function sendSignal(target: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(target, signal)
    return true
  } catch {
    return false
  }
}

/** Resolves true once the process is gone, or false after `patienceMs`. */
export async function waitUntilGone(pid: number, patienceMs: number): Promise<boolean> {
  const identity = processIdentity(pid)
  const deadline = performance.now() + patienceMs
  while (identity !== undefined && processIdentity(pid) === identity) {
    if (performance.now() > deadline) return false
    await sleep(20)
  }
  return true
}
