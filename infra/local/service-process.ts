import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { own } from './owned-child.ts'
import { StartError } from './start-error.ts'

export type Service = {
  pid: number
  /** Where it answers, without a slash at the end. */
  url: string
  /** Resolves when the process has ended, with a sentence if nobody asked it to. */
  ended: Promise<StartError | undefined>
  /** SIGTERM, and SIGKILL if that is not heeded in time. Resolves when the process and all it started are gone. */
  stop(): Promise<void>
  /** SIGKILL at once: for tests of what a crash leaves behind. */
  kill(): Promise<void>
  /** SIGKILL without waiting, for when this process is about to exit. */
  force(): void
}

export type ServiceOptions = {
  /** What it is, for sentences: "The origin". */
  name: string
  command: string
  args: readonly string[]
  /** Added to this process's environment; undefined removes a name. */
  env: Readonly<Record<string, string | undefined>>
  url: string
  /** A path on `url` that answers below 400 once the service is ready. */
  readyPath: string
  cwd: string
  /** Receives each line the process writes. */
  log(line: string): void
}

/** The origin needs a moment to finish its requests; a process that needs longer is stuck. */
const stopPatienceMs = 10_000

/** Long enough for a noisy two-core machine that starts everything at once. */
const readyPatienceMs = 30_000

/**
 * Starts a server process and resolves once it answers. It runs in a session of its own, so that a Ctrl-C in the
 * terminal is ours to pass on, and does not outlive this process. Throws a StartError with the last line it wrote if it
 * ends first, or does not answer in 30 s.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lastLines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    forEachLine(stream, (line) => {
      lastLines.push(line)
      if (lastLines.length > 20) lastLines.shift()
      options.log(line)
    })
  }
  const owned = await own(child, options.name, () => tellingLine(lastLines))
  const { ended } = owned
  const service: Service = {
    pid: owned.pid,
    url: options.url,
    ended,
    stop: () => owned.end('SIGTERM', stopPatienceMs),
    kill: () => owned.end('SIGKILL', stopPatienceMs),
    force: owned.force,
  }
  const failure = await Promise.race([ended, answers(options.url + options.readyPath, () => !owned.running())])
  if (failure === 'ready') return service
  await service.kill()
  if (failure instanceof StartError) throw failure
  throw new StartError(`${options.name} does not answer after ${readyPatienceMs / 1000} s: ${tellingLine(lastLines)}`)
}

async function answers(url: string, gaveUp: () => boolean): Promise<'ready' | 'late'> {
  const deadline = performance.now() + readyPatienceMs
  while (performance.now() < deadline && !gaveUp()) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000), redirect: 'manual' })
      await response.arrayBuffer()
      if (response.status < 400) return 'ready'
    } catch {
      // Not listening yet.
    }
    await sleep(25)
  }
  return 'late'
}

/** The line that says most about why a process ended: the last error, or else the last line. */
function tellingLine(lines: readonly string[]): string {
  const sentences = lines.map(sentenceOf).filter((line) => line !== '' && !/^\s*(?:at |\^+$|Node\.js v)/.test(line))
  return sentences.findLast((line) => /error/i.test(line)) ?? sentences.at(-1) ?? 'it wrote nothing'
}

/** A line as a person reads it: the message of a JSON log line with that of its error, or the line itself. */
function sentenceOf(line: string): string {
  try {
    const { msg, err } = JSON.parse(line)
    if (typeof msg === 'string') return typeof err?.message === 'string' ? `${msg}: ${err.message}` : msg
  } catch {
    // Not a JSON log line.
  }
  return line.trimEnd()
}

function forEachLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
  stream.on('end', () => {
    if (rest !== '') onLine(rest)
  })
}
