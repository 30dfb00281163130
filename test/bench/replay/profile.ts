/** Which processes used the processor, from /proc. Linux only; elsewhere there is nothing to tell. */
import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts processor time in hundredths of a second on every machine Node runs on. */
const TICKS_PER_SECOND = 100

/** Processor seconds by name: this process, and those it started. */
export type ProcessorTime = Map<string, number>

/** Seconds used so far. Backends of PostgreSQL that have ended are counted with their server. */
export function processorTime(): ProcessorTime {
  const seconds: ProcessorTime = new Map()
  const processes = readProcesses()
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]))
  for (const { pid, name, ticks } of processes) {
    if (!descendsFrom(pid, process.pid, parents)) continue
    const label = pid === process.pid ? 'guests (this process)' : name
    seconds.set(label, (seconds.get(label) ?? 0) + ticks / TICKS_PER_SECOND)
  }
  return seconds
}

/** Seconds that these processes and all they started have used so far, those that have ended and were waited for included. */
export function secondsOf(pids: readonly number[]): number {
  const processes = readProcesses()
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]))
  const theirs = processes.filter(({ pid }) => pids.some((ancestor) => descendsFrom(pid, ancestor, parents)))
  return theirs.reduce((sum, { ticksWithEnded }) => sum + ticksWithEnded, 0) / TICKS_PER_SECOND
}

/** These processes and all they started that run now. */
export function familyOf(pids: readonly number[]): number[] {
  const processes = readProcesses()
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]))
  return processes.filter(({ pid }) => pids.some((it) => descendsFrom(pid, it, parents))).map(({ pid }) => pid)
}

/** What was used between two readings, the most first. */
export function timeBetween(before: ProcessorTime, after: ProcessorTime): [string, number][] {
  return [...after]
    .map(([name, seconds]): [string, number] => [name, seconds - (before.get(name) ?? 0)])
    .sort(([, a], [, b]) => b - a)
}

function descendsFrom(pid: number, ancestor: number, parents: Map<number, number>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
    if (at === ancestor) return true
  return false
}

function readProcesses(): { pid: number; parent: number; name: string; ticks: number; ticksWithEnded: number }[] {
  try {
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .flatMap((entry) => {
        try {
          return [readProcess(Number(entry))]
        } catch {
          // It ended meanwhile.
          return []
        }
      })
  } catch {
    return []
  }
}

function readProcess(pid: number) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name stands in brackets and may hold anything; the fields after it are numbers, see proc_pid_stat(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  const short = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
  const own = Number(fields[11]) + Number(fields[12])
  const ended = Number(fields[13]) + Number(fields[14])
  return {
    pid,
    parent: Number(fields[1]),
    name: nameOf(short, command),
    ticks: own + (short === 'postgres' ? ended : 0),
    ticksWithEnded: own + ended,
  }
}

function nameOf(short: string, command: string): string {
  if (/^postgres/.test(short)) return postgresPart(command)
  if (/workerd/.test(short)) return 'edge (workerd)'
  if (/origin\/main\.ts/.test(command)) return 'origin'
  if (/worker-edge-process/.test(command)) return 'edge (its keeper)'
  if (/redis-server/.test(short)) return 'redis'
  return short
}

function postgresPart(command: string): string {
  const helper =
    /postgres: (checkpointer|background writer|walwriter|autovacuum[a-z ]*|logical replication launcher)/.exec(command)
  return helper ? `postgres: ${helper[1]}`.trim() : 'postgres: backends'
}
