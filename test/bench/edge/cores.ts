/** Who runs on which core: what is measured on one, who asks on another, the same for every system. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { familyOf } from '../replay/profile.ts'

export type Cores = {
  /** For the table: what was done. */
  description: string
  /** Gives the servers' core to these processes and all they have started or will. */
  pinServers(...pids: number[]): void
  /** What goes before a command so that it begins on the servers' core. */
  serversPrefix: readonly string[]
}

/** Moves this process, and so whatever it starts later, to the guests' core. Does nothing on a machine that cannot. */
export function shareOutCores(): Cores {
  const [server, client] = allowedCores()
  const able = server !== undefined && client !== undefined && pin(client, [process.pid])
  if (!able) return { description: 'not pinned: needs two cores and taskset', pinServers: () => {}, serversPrefix: [] }
  return {
    description: `servers on core ${server}, load on core ${client}`,
    pinServers: (...pids) => void pin(server, familyOf(pids)),
    serversPrefix: ['taskset', '-c', String(server)],
  }
}

function pin(core: number, pids: readonly number[]): boolean {
  // All threads that are there; later ones take after the one that makes them.
  return pids
    .map((pid) => spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' }))
    .every(({ status }) => status === 0)
}

function allowedCores(): number[] {
  try {
    const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    return list.split(',').flatMap((span) => {
      const [from = 0, to = from] = span.split('-').map(Number)
      return Array.from({ length: to - from + 1 }, (_, i) => from + i)
    })
  } catch {
    return []
  }
}
