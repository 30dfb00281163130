/**
 * `npm start`: everything on this machine, with two demo hotels. `npm run dev` is the same and reloads on change.
 * See `options.ts` for the flags.
 */
import * as path from 'node:path'
import { watchSources } from './dev-reload.ts'
import { watchNpm } from './npm-parent.ts'
import { readOptions, type StartOptions, usage } from './options.ts'
import { writePrivateJson } from './secrets.ts'
import { StartError } from './start-error.ts'
import { type System, type SystemHandle, startSystem, wipeSystem } from './system.ts'

const directory = path.resolve(import.meta.dirname, '../../.stayzr')

/** npm passes on a Ctrl-C that the terminal has already given to us: two signals so close together are one. */
const sameSignalMs = 1_000

function print(line: string): void {
  console.log(line)
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (options.help) {
    print(usage)
    return
  }
  const started = performance.now()
  if (options.reset) {
    await wipeSystem(directory, print)
    print('Deleted all local data.')
  }
  const handle = startSystem({
    directory,
    edgePort: options.edgePort,
    originPort: options.originPort,
    dev: options.dev,
    step: (name, durationMs, detail) => print(progressLine(name, durationMs, detail)),
    log: print,
  })
  const stopping = stopOnSignals(handle)
  const system = await handle.ready.catch(async (error: unknown) => {
    // Whoever asked it to stop is not told that it failed to start.
    await stopping()
    throw error
  })
  await writePrivateJson(path.join(directory, 'demo.json'), demoFile(system))
  if (options.dev) watchSources(system, print)
  print(welcome(system, options, performance.now() - started))
}

function progressLine(name: string, durationMs: number, detail: string): string {
  return `  ${name.padEnd(18)} ${(durationMs / 1000).toFixed(1).padStart(5)} s  ${detail}`.trimEnd()
}

/** What clients and checks read to find the system. */
function demoFile({ edgeUrl, originUrl, demo, secrets }: System): object {
  return {
    edgeUrl,
    originUrl,
    organization: demo?.organization,
    properties: demo?.properties,
    staff: { email: demo?.staffEmail, password: secrets.staffPassword },
    apiKey: secrets.apiKey,
  }
}

function welcome(system: System, options: StartOptions, durationMs: number): string {
  const { edgeUrl, originUrl, demo, secrets } = system
  const data = system.data.place.startsWith(directory) ? '.stayzr' : `.stayzr and ${system.data.place}`
  return [
    '',
    `Ready in ${(durationMs / 1000).toFixed(1)} s.`,
    '',
    ...(demo?.properties ?? []).map(
      (property, index) => `${index === 0 ? '  Hotels ' : '         '} ${edgeUrl}/hotels/${property}`,
    ),
    `  Edge    ${edgeUrl}`,
    `  Origin  ${originUrl}`,
    `  Login   ${demo?.staffEmail} / ${secrets.staffPassword} (organisation ${demo?.organization})`,
    `  Redis   ${system.data.redis}`,
    `  Data    ${data}; logs in .stayzr/logs; addresses and login in .stayzr/demo.json`,
    '',
    options.dev
      ? 'Reloads on change. Ctrl-C stops everything; the data stays.'
      : 'Ctrl-C stops everything; the data stays.',
  ].join('\n')
}

/** The result waits for a stop that is under way, which ends the process; where there is none it does nothing. */
function stopOnSignals(handle: SystemHandle): () => Promise<void> {
  let firstAt: number | undefined
  let stopped: Promise<void> = Promise.resolve()
  const stop = (): void => {
    if (firstAt !== undefined) {
      if (performance.now() - firstAt < sameSignalMs) return
      print('Killing everything at once; PostgreSQL recovers at the next start.')
      handle.force()
      process.exit(1)
    }
    firstAt = performance.now()
    print('\nStopping. Ctrl-C again kills everything at once.')
    stopped = handle.stop().then(
      () => {
        print('Stopped.')
        process.exit(0)
      },
      (error: unknown) => fail(error),
    )
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  watchNpm(stop)
  return () => stopped
}

/** A reason a person can act on is one sentence; anything else is a fault of ours and shows where. */
function fail(error: unknown): never {
  console.error(error instanceof StartError ? error.message : error)
  process.exit(1)
}

// A terminal that is gone must not turn the orderly stop into a crash.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

await main().catch(fail)
