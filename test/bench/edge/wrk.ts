/** wrk: as many requests as a server can answer, from a program that costs far less than any of them. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { own } from '../../../infra/local/owned-child.ts'
import type { Started } from './started.ts'

export type WrkRound = {
  answers: number
  /** It takes a tenth of a second longer than it is asked to. */
  seconds: number
  answersPerSecond: number
  /** Answers other than 2xx and 3xx, and requests without one. */
  failures: number
}

/** Few enough that a server's queue is not what is measured, enough that it is never idle. */
const CONNECTIONS = 16

/** Writes the script that asks for these paths in turn, and returns where. */
export function wrkScript(directory: string, paths: readonly string[]): string {
  const file = join(directory, 'paths.lua')
  writeFileSync(
    file,
    `local paths = {
${paths.map((path) => `  ${JSON.stringify(path)},`).join('\n')}
}
local requests = {}
function init(args)
  for i, path in ipairs(paths) do requests[i] = wrk.format("GET", path) end
end
local at = 0
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format('{"requests":%d,"microseconds":%d,"failures":%d}\\n', summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
`,
  )
  return file
}

/** Asks a server for so many seconds. */
export async function runWrk(
  options: { program: string; script: string; url: string; seconds: number },
  started: Started,
): Promise<WrkRound> {
  const { program, script, url, seconds } = options
  const args = ['-t', '1', '-c', String(CONNECTIONS), '-d', `${seconds}s`, '-s', script, url]
  const child = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let written = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      written += chunk.toString()
    })
  const closed = new Promise((resolve) => child.once('close', resolve))
  const owned = await own(child, 'wrk', () => written.trim().split('\n').at(-1))
  const wrk = { stop: () => owned.end('SIGTERM', 1_000) }
  await started.keep(wrk)
  await closed
  await started.stop(wrk)
  const summary = /^\{"requests".*\}$/m.exec(written)?.[0]
  if (summary === undefined) throw new Error(`wrk did not finish: ${written.trim()}`)
  const { requests, microseconds, failures } = JSON.parse(summary) as Record<string, number>
  const answers = Number(requests)
  const taken = Number(microseconds) / 1e6
  return { answers, seconds: taken, answersPerSecond: answers / taken, failures: Number(failures) }
}
