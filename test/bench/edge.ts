/** `npm run bench:edge -- FILE.csv`: the edge's promises, measured beside what people use instead. See `--help`. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buildAssets } from '../../infra/local/build-assets.ts'
import { StartError } from '../../infra/local/start-error.ts'
import type { Bench, Measured } from './edge/bench.ts'
import { measureBookingCost } from './edge/booking-cost.ts'
import { shareOutCores } from './edge/cores.ts'
import { measureFirstRequest } from './edge/first-request.ts'
import { measureHotAnswer } from './edge/hot-answer.ts'
import { type Line, NotMeasurable } from './edge/lines.ts'
import { measureMixedLoad } from './edge/mixed-load.ts'
import { type BenchOptions, HELP, PARTS, type Part, readOptions } from './edge/options.ts'
import { type DataStack, startData } from './edge/origin-stack.ts'
import { findPrograms, type Program, versionOf } from './edge/packages.ts'
import { type Panel, plotOf } from './edge/plot.ts'
import { measurePure } from './edge/pure.ts'
import { figuresOf, shortfallsOf, tableOf } from './edge/report.ts'
import { Started } from './edge/started.ts'
import { measureVisible } from './edge/visible.ts'
import { readBookings, UnusableFile } from './replay/bookings-file.ts'
import { WrongUsage } from './replay/options.ts'

const MEASURES: Record<Part, (bench: Bench) => Promise<Measured>> = {
  pure: measurePure,
  'hot-answer': measureHotAnswer,
  'mixed-load': measureMixedLoad,
  'booking-cost': measureBookingCost,
  visible: measureVisible,
  'first-request': measureFirstRequest,
}

const NEEDED: Partial<Record<Part, readonly Program[]>> = {
  'hot-answer': ['wrk'],
  'mixed-load': ['nginx', 'varnishd'],
}

/** The exit code: 0 where every required line was measured and holds. */
async function runBench(options: BenchOptions, started: Started): Promise<0 | 1 | 2> {
  const { bookings } = readBookings(readFileSync(options.file, 'utf8'))
  const directory = mkdtempSync(join(tmpdir(), 'stayzr-bench-'))
  // As root PostgreSQL and Varnish run as other accounts, which have to get in.
  chmodSync(directory, 0o755)
  await started.keep({ stop: async () => rmSync(directory, { recursive: true, force: true }) })
  const say = (line: string): void => console.error(line)
  const parts = PARTS.filter((part) => options.parts.has(part))
  const programs = findPrograms([...new Set(parts.flatMap((part) => NEEDED[part] ?? []))], {
    mayInstall: options.mayInstall,
    log: say,
  })
  const cores = shareOutCores()
  buildAssets()
  let data: Promise<DataStack> | undefined
  const bench: Bench = {
    options,
    bookings,
    directory,
    cores,
    started,
    programs,
    say,
    data: () => {
      data ??= startData(directory, started, cores)
      return data
    },
  }
  const conditions: Record<string, string> = {
    machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}; ${cores.description}`,
    programs: programsText(programs),
  }
  const lines: Line[] = []
  const panels: Panel[] = []
  const unmeasured: string[] = []
  const details: Record<string, unknown> = {}
  for (const part of parts) {
    say(`${part} …`)
    const measured = await MEASURES[part](bench).catch((error: unknown): Measured => {
      if (!(error instanceof NotMeasurable)) throw error
      say(error.message)
      return { lines: [], unmeasured: [error.message], details: null }
    })
    unmeasured.push(...(measured.unmeasured ?? []))
    lines.push(...measured.lines)
    panels.push(...(measured.panels ?? []))
    details[part] = measured.details
  }
  console.log(tableOf(lines, conditions).join('\n'))
  write(options.jsonFile, `${JSON.stringify(figuresOf(lines, conditions, details), null, 2)}\n`)
  if (panels.length > 0) {
    write(options.svgFile, plotOf(`The edge beside HTTP caches, ${options.rate} searches a second`, panels))
    say(`Plot: ${options.svgFile}. Figures: ${options.jsonFile}.`)
  }
  const shortfalls = shortfallsOf(lines)
  for (const [title, sentences] of [
    ['Falls short:', shortfalls],
    ['Not measured:', unmeasured],
  ] as const)
    if (sentences.length > 0) console.log(['', title, ...sentences.map((it) => `  ${it}`)].join('\n'))
  if (shortfalls.length > 0) return 1
  return unmeasured.length > 0 ? 2 : 0
}

function programsText(programs: ReadonlyMap<Program, string>): string {
  const flags: Record<Program, string> = { nginx: '-v', varnishd: '-V', wrk: '-v' }
  const named = [...programs].map(([program, path]) => `${program} ${versionOf(path, flags[program])}`)
  return [`Node ${process.versions.node}`, ...named].join(', ')
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

async function main(): Promise<void> {
  const started = new Started()
  let stopped = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      stopped = true
      console.error('Stopping …')
      void started.stopAll().finally(() => {
        console.error('Stopped. Nothing was left behind.')
        process.exit(2)
      })
    })
  try {
    const options = readOptions(process.argv.slice(2))
    if (!options) console.log(HELP)
    else process.exitCode = await runBench(options, started)
  } catch (error) {
    // Whatever was under way fails when it is stopped; that says nothing.
    if (stopped) return
    const inWords = error instanceof WrongUsage || error instanceof UnusableFile || error instanceof StartError
    const unreadable = error instanceof Error && 'code' in error && 'path' in error
    console.error(inWords || unreadable ? (error as Error).message : error)
    if (error instanceof WrongUsage) console.error('See npm run bench:edge -- --help')
    process.exitCode = 2
  }
  if (!stopped) await started.stopAll()
}

await main()
