import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { createConnection } from 'node:net'
import * as path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { own } from './owned-child.ts'
import { freePort } from './ports.ts'
import { makeDirectory, writingTo } from './start-error.ts'

/** Redis writes its files on SIGTERM; 64 MB take no longer. */
const stopPatienceMs = 5_000

export type Redis = {
  /** Undefined for the in-process adapter. */
  port: number | undefined
  /** `redis://…`, or `memory:` for the origin's in-process adapter. */
  url: string
  /** Which one it is, in words for a person. */
  description: string
  /** The server's process id; undefined for the in-process adapter. */
  pid: number | undefined
  /** Resolves when the server has ended, or the in-process adapter has been stopped. */
  ended: Promise<Error | undefined>
  stop(): Promise<void>
  /** SIGKILL without waiting, for when this process is about to exit. */
  force(): void
}

/**
 * Starts `redis-server` from PATH on a free loopback port with a random password and its files in `directory`. Where
 * there is no such program, or none that starts, the answer is `memory:` and `description` says so: losing Redis never
 * stops a booking, so lacking it does not stop a start.
 */
export async function startRedis(options: {
  directory: string
  /** To come back where an earlier one was; free and random if left out. */
  port?: number
  password?: string
  log(line: string): void
}): Promise<Redis> {
  const program = findOnPath('redis-server')
  if (program === undefined) return inProcess('no redis-server on PATH')
  await writingTo(options.directory, () => makeDirectory(options.directory, 0o700))
  const password = options.password ?? randomBytes(24).toString('base64url')
  for (let attempt = 1; attempt <= 3; attempt++) {
    const port = options.port ?? (await freePort())
    const redis = await startServer(program, options.directory, port, password)
    if (redis !== undefined) return redis
  }
  options.log(`${program} does not start: going on without it.`)
  return inProcess('redis-server on PATH does not start')
}

function inProcess(why: string): Redis {
  let end: () => void = () => {}
  const ended = new Promise<undefined>((resolve) => {
    end = () => resolve(undefined)
  })
  return {
    port: undefined,
    url: 'memory:',
    description: `in-process adapter (${why})`,
    pid: undefined,
    ended,
    stop: async () => end(),
    force: end,
  }
}

function findOnPath(name: string): string | undefined {
  for (const directory of (process.env.PATH ?? '').split(path.delimiter)) {
    const file = path.join(directory, name)
    try {
      fs.accessSync(file, fs.constants.X_OK)
      return file
    } catch {
      // Not in this one.
    }
  }
  return undefined
}

async function startServer(
  program: string,
  directory: string,
  port: number,
  password: string,
): Promise<Redis | undefined> {
  const child = spawn(program, ['-'], { cwd: directory, detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  const owned = await own(child, 'Redis', () => undefined)
  child.stdin.on('error', () => {})
  // By standard input, so that the password shows in no process list and no file.
  child.stdin.end(
    [
      'bind 127.0.0.1',
      `port ${port}`,
      `requirepass ${password}`,
      'appendonly yes',
      'maxmemory 64mb',
      'maxmemory-policy allkeys-lru',
      '',
    ].join('\n'),
  )
  const stop = (): Promise<void> => owned.end('SIGTERM', stopPatienceMs)
  const deadline = performance.now() + 5_000
  while (owned.running() && performance.now() < deadline) {
    if (await answersPing(port, password)) {
      return {
        port,
        url: `redis://:${password}@127.0.0.1:${port}`,
        description: `redis-server on port ${port}`,
        pid: owned.pid,
        ended: owned.ended,
        stop,
        force: owned.force,
      }
    }
    await sleep(20)
  }
  await stop()
  return undefined
}

async function answersPing(port: number, password: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port }, () => socket.write(`AUTH ${password}\r\nPING\r\n`))
    let answer = ''
    socket.setTimeout(1_000, () => socket.destroy())
    socket.on('data', (chunk) => {
      answer += chunk.toString()
      if (answer.includes('PONG')) {
        resolve(true)
        socket.destroy()
      }
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(false))
  })
}
