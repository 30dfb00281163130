import { type ChildProcess, spawn } from 'node:child_process'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { dieWithThisProcess } from './guard.ts'
import { freePort, requireFreePort } from './ports.ts'
import { type Account, postgresAccount } from './postgres-account.ts'
import { ensureCluster, explainServerOutput, superuser } from './postgres-init.ts'
import { claimPlace, clearLeftovers, isClaimed, stopServer } from './postgres-lock.ts'
import { findDataPlace, findPrograms, notedPlace, type Programs } from './postgres-place.ts'
import { sendSignal } from './processes.ts'
import { type StartError, writingTo } from './start-error.ts'

/** Server settings by their PostgreSQL names, such as `{ fsync: 'off' }`. */
export type PostgresSettings = Readonly<Record<string, string>>

export type PostgresOptions = {
  /** Holds the cluster; made if missing. Data stays there when the server stops. */
  directory: string
  /** Loopback port; a free one if left out. */
  port?: number
  /** How a person chooses another port, for the sentence that says it is taken. */
  portFlag?: string
  settings?: PostgresSettings
  /** Receives sentences for people; the server's own log goes to `serverLog`. */
  log(line: string): void
  serverLog?(line: string): void
}

export type Postgres = {
  host: string
  port: number
  /** The postmaster's process id. */
  pid: number
  /** The folder the data is in; not always the one asked for, see {@link startPostgres}. */
  place: string
  superuserUrl: string
  urlFor(login: { user: string; password: string; database: string }): string
  /** Resolves when the server has ended, with a sentence if nobody asked it to. */
  ended: Promise<StartError | undefined>
  /** True if the server has met a full disk not long ago, whatever its clients were told. */
  diskFull(): boolean
  /** Ends all connections, writes everything to disk, resolves when the process is gone. */
  stop(): Promise<void>
  /** Ends all connections without waiting for anything; the next start recovers as after a power cut. */
  force(): void
  /** Stops and deletes the data. */
  remove(): Promise<void>
}

// Only what differs from PostgreSQL's defaults. Durability (fsync, synchronous_commit, full_page_writes) stays as it comes: on.
const baseSettings: PostgresSettings = {
  listen_addresses: '127.0.0.1',
  // No socket file: nothing else on the machine finds the server by accident, and no path can be too long for one.
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // Short statements only: compiling them costs more than it saves.
  jit: 'off',
  max_connections: '200',
  wal_buffers: '16MB',
  shared_preload_libraries: 'pg_stat_statements',
}

/**
 * Starts a real PostgreSQL 17 on the loopback address and resolves once it answers. Creates the cluster the first time.
 * Works as root too, by running the server as another account; where that account cannot reach `directory`, programs
 * and data are kept below /var/tmp and a sentence says so.
 *
 * A server that a killed start left behind on the same data is stopped first, and this server does not outlive this
 * process, however that ends. Throws a StartError with one sentence if the data is in use, the port taken, the disk
 * full or the folder read-only.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { directory, log } = options
  const account = postgresAccount(log)
  const programs = await findPrograms(account, log)
  const { place, forget } = await findDataPlace(directory, account, log)
  for (const old of forget.filter((abandoned) => !isClaimed(abandoned))) {
    await clearLeftovers(path.join(old, 'data'), log)
    fs.rmSync(old, { recursive: true, force: true })
  }
  const releasePlace = await claimPlace(
    place,
    (pid) => `Process ${pid} already runs PostgreSQL on the data in ${place}: use that one, or stop it first.`,
  )
  try {
    const durable = options.settings?.fsync !== 'off'
    const { data, password } = await ensureCluster({ place, initdb: programs.initdb, account, durable })
    await clearLeftovers(data, log)
    if (options.port !== undefined)
      await requireFreePort(options.port, 'PostgreSQL', options.portFlag ?? 'the port option')
    const server = await startUntilReady({ ...options, place, data, programs, account })
    let stopping = false
    const ended = server.exit.then((how) => {
      releasePlace()
      return stopping ? undefined : explainServerOutput(server.output(), place, 'PostgreSQL stopped', how)
    })
    const stop = async (): Promise<void> => {
      stopping = true
      if (server.running()) await stopServer(server.pid)
      await ended
    }
    const urlFor: Postgres['urlFor'] = ({ user, password, database }) =>
      `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${server.port}/${encodeURIComponent(database)}`
    return {
      host: '127.0.0.1',
      port: server.port,
      pid: server.pid,
      place,
      superuserUrl: urlFor({ user: superuser, password, database: 'postgres' }),
      urlFor,
      ended,
      diskFull: () => /No space left on device|Disk quota exceeded/.test(server.output()),
      stop,
      force() {
        stopping = true
        if (server.running()) sendSignal(server.pid, 'SIGQUIT')
      },
      async remove() {
        await stop()
        fs.rmSync(place, { recursive: true, force: true })
        fs.rmSync(directory, { recursive: true, force: true })
      },
    }
  } catch (error) {
    releasePlace()
    throw error
  }
}

/** Stops whatever server was left on the cluster in `directory` and deletes the cluster, wherever its data is. */
export async function removeCluster(directory: string, log: (line: string) => void): Promise<void> {
  const place = notedPlace(directory) ?? directory
  await clearLeftovers(path.join(place, 'data'), log)
  for (const folder of [place, directory]) {
    await writingTo(folder, () => fs.rmSync(folder, { recursive: true, force: true }))
  }
}

type ServerOptions = PostgresOptions & { place: string; data: string; programs: Programs; account: Account | undefined }
type Server = { pid: number; port: number; exit: Promise<string>; running(): boolean; output(): string }

async function startUntilReady(options: ServerOptions): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort())
    const server = spawnServer(options, port)
    if (await server.ready) return server
    const output = server.output()
    // Backends of a server that was killed take a moment to notice; and a free port may be taken before we have it.
    const passes =
      /pre-existing shared memory block/.test(output) ||
      (options.port === undefined && /Address already in use/.test(output))
    if (!passes || attempt === 20)
      throw explainServerOutput(output, options.place, 'PostgreSQL did not start', await server.exit)
    await sleep(500)
  }
}

function spawnServer(options: ServerOptions, port: number): Server & { ready: Promise<boolean> } {
  const { account, data, programs } = options
  const settings = { ...baseSettings, ...options.settings, port: String(port) }
  const child = spawn(
    programs.postgres,
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    {
      ...(account ? { uid: account.uid, gid: account.gid } : {}),
      // Its own session: a Ctrl-C in the terminal is ours to pass on, after those who use the database have stopped.
      detached: true,
      cwd: '/',
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  const release = child.pid === undefined ? () => {} : dieWithThisProcess(child.pid, 'INT')
  const lastLines: string[] = []
  const exit = new Promise<string>((resolve) => {
    child.once('close', (code, signal) =>
      resolve(
        signal === null && code !== 0
          ? `it ended with ${code}`
          : `it was ended from outside${signal === null ? '' : ` by ${signal}`}`,
      ),
    )
    child.once('error', (error) => {
      resolve(error.message)
    })
  })
  const ready = new Promise<boolean>((resolve) => {
    void exit.then(() => {
      release()
      resolve(false)
    })
    readLines(child, (line) => {
      lastLines.push(line)
      if (lastLines.length > 100) lastLines.shift()
      options.serverLog?.(line)
      if (line.includes('database system is ready to accept connections')) resolve(true)
    })
  })
  return {
    pid: child.pid ?? -1,
    port,
    exit,
    ready,
    running: () => child.exitCode === null && child.signalCode === null,
    output: () => lastLines.join('\n'),
  }
}

function readLines(child: ChildProcess, onLine: (line: string) => void): void {
  let rest = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
}
