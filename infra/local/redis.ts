import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { createConnection } from 'node:net'
import * as path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { dieWithThisProcess } from './guard.ts'
import { freePort } from './ports.ts'
import { sendSignal, waitUntilGone } from './processes.ts'
import { makeDirectory, writingTo } from './start-error.ts'

export type Redis = {
  /** `redis://…`, or `memory:` for the origin's in-process adapter. */
  url: string
  /** Which one it is, in words for a person. */
  description: string
  /** The server's process id; undefined for the in-process adapter. */
  pid: number | undefined
  /** Resolves when the server has ended; never for the in-process adapter. */
  ended: Promise<void>
  stop(): Promise<void>
}

/**
 * Starts `redis-server` from PATH on a free loopback port with a random password and its files in `directory`. Where
 * there is no such program, or none that starts, the answer is `memory:` and `description` says so: losing Redis never
 * stops a booking, so lacking it does not stop a start.
 */
export async function startRedis(options: { directory: string; log(line: string): void }): Promise<Redis> {
  const program = findOnPath('redis-server')
  if (program === undefined) return inProcess('no redis-server on PATH')
  await writingTo(options.directory, () => makeDirectory(options.directory, 0o700))
  for (let attempt = 1; attempt <= 3; attempt++) {
    const redis = await startServer(program, options.directory)
    if (redis !== undefined) return redis
  }
  options.log(`${program} does not start: going on without it.`)
  return inProcess('redis-server on PATH does not start')
}

function inProcess(why: string): Redis {
  return {
    url: 'memory:',
    description: `in-process adapter (${why})`,
    pid: undefined,
    ended: new Promise(() => {}),
    stop: async () => {},
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

async function startServer(program: string, directory: string): Promise<Redis | undefined> {
  const port = await freePort()
  const password = randomBytes(24).toString('base64url')
  const child = spawn(program, ['-'], { cwd: directory, detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  if (child.pid === undefined) {
    child.once('error', () => {})
    return undefined
  }
  const { pid } = child
  const release = dieWithThisProcess(pid, 'TERM')
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      release()
      resolve()
    })
  })
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
  const stop = async (): Promise<void> => {
    if (sendSignal(pid, 'SIGTERM') && !(await waitUntilGone(pid, 5_000))) sendSignal(pid, 'SIGKILL')
    await ended
  }
  const deadline = performance.now() + 5_000
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
    if (await answersPing(port, password)) {
      return {
        url: `redis://:${password}@127.0.0.1:${port}`,
        description: `redis-server on port ${port}`,
        pid,
        ended,
        stop,
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
