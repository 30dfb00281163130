import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Postgres, removeCluster, startPostgres } from '../../infra/local/postgres.ts'
import { explainServerOutput } from '../../infra/local/postgres-init.ts'
import { waitUntilGone } from '../../infra/local/processes.ts'
import { explainWriteFailure } from '../../infra/local/start-error.ts'

// One cluster for all: each test finds what the one before left, as starts on a real machine do.
let root: string
let directory: string
let running: Postgres | undefined
let lines: string[] = []

async function start(port?: number): Promise<Postgres> {
  lines = []
  running = await startPostgres({
    directory,
    ...(port === undefined ? {} : { port }),
    settings: { fsync: 'off' },
    log: (line) => lines.push(line),
  })
  return running
}

async function ask(url: string): Promise<number> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await sql`create table if not exists visit (at timestamptz)`
    await sql`insert into visit values (now())`
    const [row] = await sql<{ visits: number }[]>`select count(*)::int as visits from visit`
    return row?.visits ?? 0
  } finally {
    await sql.end()
  }
}

const lockFile = (place: string): string => join(place, 'data', 'postmaster.pid')

beforeAll(() => {
  // Not reachable by another account: as root, the data is kept elsewhere.
  root = mkdtempSync(join(tmpdir(), 'stayzr-postgres-'))
  directory = join(root, 'postgres')
})

afterEach(async () => {
  await running?.stop()
  running = undefined
})

afterAll(async () => {
  await removeCluster(directory, () => {})
  rmSync(root, { recursive: true, force: true })
})

describe('startPostgres()', () => {
  test('keeps the data from one start to the next', async () => {
    const first = await start()
    expect(await ask(first.superuserUrl)).toBe(1)
    await first.stop()
    expect(await ask((await start()).superuserUrl)).toBe(2)
  })

  test('asks everybody for a password, which only its owner can read on disk', async () => {
    const { urlFor, place } = await start()
    await expect(ask(urlFor({ user: 'postgres', password: 'guess', database: 'postgres' }))).rejects.toThrow(/password/)
    expect(statSync(join(place, 'superuser-password')).mode & 0o777).toBe(0o600)
  })

  test('is durable unless told otherwise, and listens on the loopback address only', async () => {
    const { superuserUrl } = await start()
    const sql = postgres(superuserUrl, { max: 1 })
    const [row] = await sql`
      select
        current_setting('listen_addresses') as addresses,
        current_setting('unix_socket_directories') as sockets,
        current_setting('synchronous_commit') as commit,
        (select boot_val from pg_settings where name = 'fsync') as fsync,
        current_setting('data_checksums') as checksums`
    await sql.end()
    expect(row).toEqual({ addresses: '127.0.0.1', sockets: '', commit: 'on', fsync: 'on', checksums: 'on' })
  })

  test('a second start on the same data is refused with the process that has it', async () => {
    await start()
    const second = startPostgres({ directory, log: () => {} })
    await expect(second).rejects.toThrow(`Process ${process.pid} already runs PostgreSQL on the data in`)
  })

  test('says how a server ended that nobody stopped, and starts again after that', async () => {
    const { pid, ended } = await start()
    process.kill(pid, 'SIGKILL')
    expect((await ended)?.message).toMatch(/^PostgreSQL stopped: .+\.$/)
    expect(await ask((await start()).superuserUrl)).toBeGreaterThan(1)
  })

  test.each([
    ['names another program', (lock: string) => lock.replace(/^\d+/, String(process.pid))],
    ['is empty', () => ''],
    ['is cut short', () => '12'],
  ])('starts although a lock file that was left behind %s', async (_case, damage) => {
    const { place, pid } = await start()
    const lock = readFileSync(lockFile(place), 'utf8')
    process.kill(pid, 'SIGKILL')
    await running?.ended
    writeFileSync(lockFile(place), damage(lock))
    await start()
  })

  test('stops and replaces a server whose start was killed together with its guard', async () => {
    const { pid, place } = await startThatIsKilled('and guard')
    expect(await ask((await start()).superuserUrl)).toBeGreaterThan(1)
    expect(lines).toEqual([`Found PostgreSQL (process ${pid}) left behind by a start that was killed: stopping it.`])
    expect(readFileSync(lockFile(place), 'utf8')).not.toMatch(new RegExp(`^${pid}\n`))
  })

  test('a server does not outlive a start that was killed', async () => {
    const { pid } = await startThatIsKilled('alone')
    expect(await waitUntilGone(pid, 8_000)).toBe(true)
  })

  test('a port that is taken is named', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    await expect(start(port)).rejects.toThrow(`Port ${port} for PostgreSQL is taken by another program`)
    other.close()
  })

  test('a file in the place of its folder is named', async () => {
    writeFileSync(join(root, 'file'), '')
    const attempt = startPostgres({ directory: join(root, 'file', 'postgres'), log: () => {} })
    await expect(attempt).rejects.toThrow('is not a folder')
  })
})

/** Starts a server from a process of its own and kills that with SIGKILL. */
async function startThatIsKilled(how: 'alone' | 'and guard'): Promise<{ pid: number; place: string }> {
  const script = `
    const { startPostgres } = await import(process.argv[1])
    const { pid, place } = await startPostgres({ directory: process.argv[2], settings: { fsync: 'off' }, log() {} })
    console.log(JSON.stringify({ pid, place }))
    setInterval(() => {}, 1000)`
  const module = join(import.meta.dirname, '../../infra/local/postgres.ts')
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script, module, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [told] = await once(starter.stdout, 'data')
  const { pid, place } = JSON.parse(String(told))
  if (how === 'and guard')
    for (const child of childrenOf(starter.pid ?? 0)) if (child !== pid) process.kill(child, 'SIGKILL')
  starter.kill('SIGKILL')
  await once(starter, 'exit')
  return { pid, place }
}

function childrenOf(parent: number): number[] {
  if (process.platform !== 'linux') {
    const table = execFileSync('ps', ['-ax', '-o', 'pid=,ppid='], { encoding: 'utf8' }).split('\n')
    return table
      .map((line) => line.trim().split(/\s+/).map(Number))
      .flatMap(([pid = 0, of]) => (of === parent ? [pid] : []))
  }
  // Small Linux images have no ps.
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]) === parent
      } catch {
        return false
      }
    })
}

describe('one sentence for what a person can mend', () => {
  test.each([
    ['ENOSPC', 'The disk that holds /data is full: free some space and start again.'],
    ['EROFS', '/data cannot be written to: make it writable for this user, or work in a copy of the project that is.'],
    ['EACCES', '/data cannot be written to: make it writable for this user, or work in a copy of the project that is.'],
  ])('%s', (code, sentence) => {
    expect(explainWriteFailure(Object.assign(new Error(code), { code }), '/data')).toHaveProperty('message', sentence)
  })

  test.each([
    [
      'FATAL:  could not write lock file "postmaster.pid": No space left on device',
      'The disk that holds /data is full',
    ],
    [
      'initdb: error: could not create directory "/data": Read-only file system',
      '/data cannot be written to by PostgreSQL',
    ],
    ['FATAL:  database files are incompatible with server', 'The data in /data is from another PostgreSQL version'],
    ['FATAL:  something new', 'PostgreSQL did not start: something new.'],
    ['', 'PostgreSQL did not start: it ended with 1.'],
  ])('%s', (output, sentence) => {
    expect(explainServerOutput(output, '/data', 'PostgreSQL did not start', 'it ended with 1').message).toContain(
      sentence,
    )
  })
})
