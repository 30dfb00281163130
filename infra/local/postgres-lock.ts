import * as fs from 'node:fs'
import * as path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { processIdentity, sendSignal, waitUntilGone, worksIn } from './processes.ts'
import { StartError, systemErrorCode, writingTo } from './start-error.ts'

/** Larger than any process number, so that PostgreSQL takes the writer of a lock file that names it for dead. */
const deadProcess = 2_147_483_646

/** Fast shutdown waits for a checkpoint; a slow disk may need this long. */
const shutdownPatienceMs = 20_000

/**
 * Makes this process the one that may use `place`, until the returned function is called or the process ends. Throws a
 * {@link StartError} while another living process may, with the sentence that `refusal` makes of its number.
 */
export async function claimPlace(place: string, refusal: (pid: number) => string): Promise<() => void> {
  const file = path.join(place, 'owner')
  const mine = `${process.pid} ${processIdentity(process.pid)}`
  while (!(await writingTo(place, () => createFile(file, mine)))) {
    const owner = livingOwner(readIfThere(file) || (await rereadSoon(file)))
    if (owner !== undefined) throw new StartError(refusal(owner))
    fs.rmSync(file, { force: true })
  }
  return () => {
    if (readIfThere(file) === mine) fs.rmSync(file, { force: true })
  }
}

/** True while a living process has claimed the place. */
export function isClaimed(place: string): boolean {
  return livingOwner(readIfThere(path.join(place, 'owner')) ?? '') !== undefined
}

function livingOwner(record: string): number | undefined {
  const [pid, ...identity] = record.split(' ')
  return identity.length > 0 && processIdentity(Number(pid)) === identity.join(' ') ? Number(pid) : undefined
}

/** False if it was there already. */
function createFile(file: string, content: string): boolean {
  try {
    fs.writeFileSync(file, content, { flag: 'wx' })
    return true
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false
    throw error
  }
}

/** An empty record is one whose writer is between creating and writing it, or ran out of disk there. */
async function rereadSoon(file: string): Promise<string> {
  await sleep(100)
  return readIfThere(file) ?? ''
}

/**
 * Leaves no server running on `data` and no lock file that would keep the next from starting. A server that still runs
 * has lost its owner (we hold the place), so it is stopped, which is said. Other programs are never touched.
 */
export async function clearLeftovers(data: string, log: (line: string) => void): Promise<void> {
  const lockFile = path.join(data, 'postmaster.pid')
  const lock = readIfThere(lockFile)
  if (lock === undefined) return
  const [firstLine, ...rest] = lock.split('\n')
  const pid = Number.parseInt(firstLine ?? '', 10)
  if (!Number.isInteger(pid) || pid <= 0) {
    // Cut short by a crash or a full disk; PostgreSQL would refuse it as "bogus data".
    log('The lock file of the last PostgreSQL was damaged: removed it.')
    fs.rmSync(lockFile, { force: true })
    return
  }
  if (processIdentity(pid) === undefined) return
  if (!worksIn(pid, data)) {
    // The number now belongs to another program. Only it is changed: the rest of the file lets PostgreSQL check that no
    // process of the dead server still uses its shared memory.
    fs.writeFileSync(lockFile, [String(deadProcess), ...rest].join('\n'))
    return
  }
  log(`Found PostgreSQL (process ${pid}) left behind by a start that was killed: stopping it.`)
  await stopServer(pid)
}

/** Stops a server and waits for it: a fast shutdown first, a crash stop (recovered at the next start) if that hangs. */
export async function stopServer(pid: number): Promise<void> {
  const steps = [
    { signal: 'SIGINT', patienceMs: shutdownPatienceMs },
    { signal: 'SIGQUIT', patienceMs: 6_000 },
    { signal: 'SIGKILL', patienceMs: 2_000 },
  ] as const
  for (const { signal, patienceMs } of steps) {
    if (!sendSignal(pid, signal) || (await waitUntilGone(pid, patienceMs))) return
  }
  throw new StartError(`PostgreSQL (process ${pid}) does not stop: end it by hand and start again.`)
}

function readIfThere(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
